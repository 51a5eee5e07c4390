import type { Engine, Pcm } from "../../engine/synthesizer.ts";
import { createToneEngine } from "../../engine/tone.ts";

/** What a second of a costly voice is said to take, in seconds of a processor. */
const costlyFactor = 1e6;

/** Two voices that say each character as a tone, and can be held up, made to fail, or made costly. */
export interface HeldVoices {
  readonly engine: Engine;
  /** Utterances whose synthesis has begun. */
  readonly begun: number;
  /** Makes what begins from now on wait for `release`. */
  hold(): void;
  release(): void;
  /** Makes what begins from now on fail. */
  failWith(error: Error): void;
  /** Says from now on that each utterance took a machine for days. */
  makeCostly(): void;
}

export function createHeldVoices(): HeldVoices {
  let begun = 0;
  let failure: Error | undefined;
  let isCostly = false;
  let gate: Promise<void> | undefined;
  let open = (): void => {};
  const tone = createToneEngine({
    async hold(_text, signal) {
      begun += 1;
      if (failure) throw failure;
      if (!gate) return;
      const aborted = new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      await Promise.race([gate, aborted]);
    },
  });
  const others = tone.voices.map((voice) => ({
    ...voice,
    id: "Tone0000000000000002",
    slug: "tone-2",
    name: "Second tone",
  }));
  return {
    engine: {
      ...tone,
      voices: [...tone.voices, ...others],
      synthesize(utterance, signal) {
        const pieces = tone.synthesize(utterance, signal);
        return isCostly ? priced(pieces, utterance.voice.sampleRateHz) : pieces;
      },
    },
    get begun() {
      return begun;
    },
    hold() {
      gate ??= new Promise((resolve) => {
        open = resolve;
      });
    },
    release() {
      open();
      gate = undefined;
    },
    failWith(error) {
      failure = error;
    },
    makeCostly() {
      isCostly = true;
    },
  };
}

/** The same pieces, each with what it is said to have taken. */
async function* priced(pieces: AsyncIterable<Pcm>, sampleRateHz: number): AsyncGenerator<Pcm> {
  for await (const pcm of pieces) {
    const spokenMs = (pcm.samples.length / sampleRateHz) * 1000;
    yield { ...pcm, synthesisMs: spokenMs * costlyFactor };
  }
}
