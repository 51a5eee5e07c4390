import type { Engine } from "../../src/engine/synthesizer.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import { SpeechError } from "../../src/protocol/problems.ts";

/** What the voices of a server are like while a trace is recorded. */
export type EngineKind = "usual" | "failing" | "faulty" | "silent" | "greedy";

/** Under these slugs the voices have all names that clients have built in. */
const names = [
  { id: "FliteSlt000000000001", slug: "flite-slt", name: "Rachel" },
  { id: "FliteRms000000000002", slug: "flite-rms", name: "George" },
] as const;

function withNames(engine: Engine): Engine {
  const [voice] = engine.voices;
  return { ...engine, voices: voice ? names.map((own) => ({ ...voice, ...own })) : [] };
}

const usual = (): Engine => createToneEngine({ msPerChar: 60, streams: true });

const never = (_text: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

const failingWith = (fault: () => Error): Engine => ({
  ...usual(),
  // oxlint-disable-next-line require-yield
  async *synthesize() {
    throw fault();
  },
});

/** A voice that takes all processors to itself, so that whoever listens is the only one. */
function greedy(): Engine {
  const engine = createToneEngine({ msPerChar: 200 });
  return {
    ...engine,
    async *synthesize(utterance, signal) {
      for await (const pcm of engine.synthesize(utterance, signal)) {
        yield { ...pcm, synthesisMs: 1e6 * pcm.samples.length };
      }
    },
  };
}

const kinds: Readonly<Record<EngineKind, () => Engine>> = {
  usual,
  failing: () => failingWith(() => new SpeechError("engine_failed")),
  faulty: () => failingWith(() => new TypeError("A fault of the program")),
  silent: () => createToneEngine({ hold: never }),
  greedy,
};

/** An engine whose voices have the names that clients know. */
export const createEngine = (kind: EngineKind): Engine => withNames(kinds[kind]());
