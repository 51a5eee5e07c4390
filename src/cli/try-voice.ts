import { writeFile } from "node:fs/promises";
import { wavHeader } from "../audio/wav.ts";
import { encodePcm } from "../audio/pcm.ts";
import type { Engine } from "../engine/synthesizer.ts";
import { createRouter } from "../engine/synthesizer.ts";
import { neutralSettings, type Voice } from "../protocol/voice.ts";
import { CommandError } from "./errors.ts";
import { findVoice, readServerVoices, readVoiceSettings, withEngines } from "./known-voices.ts";
import { openServer } from "./server-api.ts";
import { printJson, printTable } from "./table.ts";
import type { VoicesOptions } from "./voices.ts";

/** What `syrinx voices test` was asked to do. */
export interface TestOptions extends VoicesOptions {
  /** A WAV file for what was spoken. */
  readonly out?: string | undefined;
  readonly text?: string | undefined;
}

/** One sentence spoken, and how fast. */
interface Take {
  readonly firstAudioMs: number;
  readonly totalMs: number;
  /** Signed 16-bit, mono. */
  readonly audio: Buffer;
}

/** What a voice says unless it is told; in other languages than these it is English. */
const sentences: Readonly<Record<string, string>> = {
  en: "The quick brown fox jumps over the lazy dog.",
  de: "Der schnelle braune Fuchs springt über den faulen Hund.",
  es: "El veloz zorro marrón salta sobre el perro perezoso.",
  fr: "Le rapide renard brun saute par-dessus le chien paresseux.",
  it: "La veloce volpe marrone salta sopra il cane pigro.",
  nl: "De snelle bruine vos springt over de luie hond.",
  pl: "Szybki brązowy lis skacze nad leniwym psem.",
  pt: "A rápida raposa marrom salta sobre o cão preguiçoso.",
  ru: "Быстрая коричневая лиса прыгает через ленивую собаку.",
  zh: "敏捷的棕色狐狸跳过懒惰的狗。",
};

/** Lets a voice speak twice, at first and again, and says how fast it was. */
export async function testVoice(wanted: string, options: TestOptions): Promise<void> {
  const { server } = options;
  if (server !== undefined) {
    const voice = findVoice(await readServerVoices(server), wanted);
    const rate = 24_000;
    await report(voice, rate, options, (text) => speakThere(server, voice.id, text, rate));
    return;
  }
  await withEngines(
    await readVoiceSettings(options.dataDir),
    async (engines, { voices, faults }) => {
      const fault = faults.find(({ name }) => name === wanted);
      if (fault) throw new CommandError(`${wanted} cannot be used: ${fault.reason}`);
      const voice = findVoice(voices, wanted);
      await report(voice, voice.sampleRateHz, options, (text) => speakHere(engines, voice, text));
    },
  );
}

async function report(
  voice: Pick<Voice, "slug" | "engine" | "language">,
  sampleRateHz: number,
  { out, json, text }: TestOptions,
  speak: (text: string) => Promise<Take>,
): Promise<void> {
  const [language = ""] = voice.language.split("-");
  const sentence = text ?? sentences[language] ?? sentences["en"] ?? "";
  const cold = await speak(sentence);
  if (cold.audio.every((byte) => byte === 0)) {
    throw new CommandError(
      "The text holds nothing that this voice can speak: give another --text.",
    );
  }
  const warm = await speak(sentence);
  if (out !== undefined) await writeWav(out, warm.audio, sampleRateHz);
  const seconds = (take: Take): number => take.audio.length / 2 / sampleRateHz;
  const rtf = (take: Take): number => take.totalMs / 1000 / seconds(take);
  if (json === true) {
    const figures = (take: Take): object => ({
      firstAudioMs: Math.round(take.firstAudioMs),
      rtf: Number(rtf(take).toFixed(4)),
      audioSeconds: Number(seconds(take).toFixed(3)),
    });
    printJson({
      voice: voice.slug,
      engine: voice.engine,
      sampleRateHz,
      cold: figures(cold),
      warm: figures(warm),
    });
    return;
  }
  const row = (name: string, take: Take): string[] => [
    name,
    `${Math.round(take.firstAudioMs)} ms`,
    rtf(take).toFixed(3),
    `${seconds(take).toFixed(1)} s`,
  ];
  process.stdout.write(`${voice.slug} (${voice.engine}) says: ${sentence}\n`);
  printTable([["", "FIRST AUDIO", "RTF", "AUDIO"], row("cold", cold), row("warm", warm)]);
  if (out !== undefined) process.stdout.write(`Wrote ${out}.\n`);
}

async function speakHere(engines: readonly Engine[], voice: Voice, text: string): Promise<Take> {
  const utterance = { text, voice, settings: neutralSettings, markup: "none" as const, dueAt: 0 };
  const pieces = createRouter(engines).synthesize(utterance, new AbortController().signal);
  return time(pieces, ({ samples }) => Buffer.from(encodePcm(samples)));
}

async function speakThere(server: string, id: string, text: string, rate: number): Promise<Take> {
  // What is not logged is not cached either: the second time it is spoken again.
  const query = `output_format=pcm_${rate}&enable_logging=false`;
  const path = `/v1/text-to-speech/${encodeURIComponent(id)}/stream?${query}`;
  const response = openServer(server).request("POST", path, { text });
  async function* body(): AsyncGenerator<Uint8Array> {
    yield* ((await response).body ?? []) as AsyncIterable<Uint8Array>;
  }
  return time(body(), (bytes) => Buffer.from(bytes));
}

async function time<Piece>(
  pieces: AsyncIterable<Piece>,
  bytesOf: (piece: Piece) => Buffer,
): Promise<Take> {
  const startedAt = performance.now();
  let firstAudioMs: number | undefined;
  const audio: Buffer[] = [];
  for await (const piece of pieces) {
    const bytes = bytesOf(piece);
    if (bytes.length > 0) firstAudioMs ??= performance.now() - startedAt;
    audio.push(bytes);
  }
  const totalMs = performance.now() - startedAt;
  return { firstAudioMs: firstAudioMs ?? totalMs, totalMs, audio: Buffer.concat(audio) };
}

async function writeWav(path: string, audio: Buffer, sampleRateHz: number): Promise<void> {
  const bytes = Buffer.concat([wavHeader(sampleRateHz, audio.length), audio]);
  await writeFile(path, bytes).catch(() => {
    throw new CommandError(`The file ${path} cannot be written: choose another --out.`);
  });
}
