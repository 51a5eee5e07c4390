import type { Phone } from "../../text/align.ts";
import { createWasiProgram, type WasiProgram } from "./wasi.ts";

/** What Flite makes of a text. */
export interface FliteSpeech {
  /** Mono, signed 16-bit. From the program itself: a view that its next run makes worthless. */
  readonly samples: Int16Array<ArrayBuffer>;
  readonly sampleRateHz: number;
  /** In order; the last one ends with the audio. */
  readonly phones: readonly Phone[];
}

const wavHeaderBytes = 44;
const outputPath = "out.wav";
const lexiconPath = "words.lex";

/**
 * Where the variables of this build of Flite begin, and with them what a run changes. Before it lie the
 * voices, 17 MB of constants.
 */
export const firstVariable = 0x104_ba70;

/** A text for Flite, in printable ASCII. */
export interface FliteScript {
  readonly text: string;
  /** How words of it are spoken that are in no dictionary: lines that `-add_lex` reads. */
  readonly lexicon?: string;
}

/**
 * Flite's command-line program as one instance that is run again and again: after each run its
 * memory is put back to what it was, which takes 0.1 ms where a new instance takes 10.
 */
export class FliteProgram {
  readonly #wasi: WasiProgram = createWasiProgram();
  readonly #memory: WebAssembly.Memory;
  readonly #start: () => void;
  /** What was in the memory from `firstVariable` on before the first run. */
  readonly #pristine: Uint8Array;

  constructor(module: WebAssembly.Module) {
    const { exports } = new WebAssembly.Instance(module, this.#wasi.imports);
    this.#memory = exports["memory"] as WebAssembly.Memory;
    this.#start = exports["_start"] as () => void;
    this.#wasi.attach(this.#memory);
    this.#pristine = new Uint8Array(this.#memory.buffer, firstVariable).slice();
  }

  /**
   * Speaks a text. `voice` is Flite's name for it; `stretch` makes every phone that many times
   * as long, instead of what the voice does by itself.
   */
  speak({ text, lexicon }: FliteScript, voice: string, stretch?: number): FliteSpeech {
    // A failed run leaves the instance in an unknown state: the caller must then drop it.
    this.#wasi.prepare([
      "flite",
      ...["-voice", voice],
      "-psdur",
      ...(stretch === undefined ? [] : ["--setf", `duration_stretch=${stretch.toFixed(4)}`]),
      ...(lexicon === undefined ? [] : ["-add_lex", lexiconPath]),
      ...["-t", text],
      outputPath,
    ]);
    if (lexicon !== undefined) this.#wasi.provide(lexiconPath, lexicon);
    this.#start();
    const wav = this.#wasi.read(outputPath);
    if (!wav || wav.length < wavHeaderBytes) throw new Error("Flite wrote no audio");
    const speech = readSpeech(wav, this.#wasi.output());
    this.#restore();
    return speech;
  }

  #restore(): void {
    const variables = new Uint8Array(this.#memory.buffer, firstVariable);
    variables.set(this.#pristine);
    variables.fill(0, this.#pristine.length);
  }
}

function readSpeech(wav: Uint8Array<ArrayBuffer>, durations: string): FliteSpeech {
  const sampleRateHz = new DataView(wav.buffer, wav.byteOffset).getUint32(24, true);
  const samples = new Int16Array(wav.buffer, wavHeaderBytes, (wav.length - wavHeaderBytes) >> 1);
  const phones = parsePhones(durations, samples.length, sampleRateHz);
  return { samples, sampleRateHz, phones };
}

/**
 * Reads the `name:end_seconds` pairs of `-psdur`. Flite's last end can differ from the audio's
 * by some ms; it is set to the audio's, and no phone ends after it.
 */
export function parsePhones(printed: string, totalSamples: number, sampleRateHz: number): Phone[] {
  const phones = printed
    .trim()
    .split(/\s+/)
    .filter((pair) => pair.includes(":"))
    .map((pair) => {
      const [name = "", end = ""] = pair.split(":");
      return { name, endSample: Math.min(totalSamples, Math.round(Number(end) * sampleRateHz)) };
    });
  const last = phones.at(-1);
  return last ? [...phones.slice(0, -1), { ...last, endSample: totalSamples }] : [];
}

/** A copy whose silence at both ends is shortened to the given lengths; what is shorter stays. */
export function trimSilence(speech: FliteSpeech, leadMs: number, tailMs: number): FliteSpeech {
  const { samples, sampleRateHz, phones } = speech;
  const first = phones[0];
  const last = phones.at(-1);
  const beforeLast = phones.at(-2);
  if (!first || !last || !beforeLast) return { ...speech, samples: samples.slice() };
  const inSamples = (ms: number): number => Math.round((ms * sampleRateHz) / 1000);
  const from = first.name === "pau" ? Math.max(0, first.endSample - inSamples(leadMs)) : 0;
  const to =
    last.name === "pau"
      ? Math.min(samples.length, beforeLast.endSample + inSamples(tailMs))
      : samples.length;
  return {
    samples: samples.slice(from, to),
    sampleRateHz,
    phones: phones.map(({ name, endSample }) => ({
      name,
      endSample: Math.min(to, endSample) - from,
    })),
  };
}
