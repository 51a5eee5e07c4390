import type { OpenOptions } from "../support/stream-input.ts";
import { livePath, wavesClient, type WavesClient } from "../support/waves.ts";
import type { Bench } from "./bench.ts";

/** A request to the tone engine at its own rate. */
export const say = (text: string, others: object = {}): object => ({
  voice_id: "tone",
  sample_rate: 16_000,
  text,
  ...others,
});

/** One token of a run. */
export const token = (text: string, others: object = {}): object =>
  say(text, { continue: true, flush: false, ...others });

/** What ends a run. */
export const runEnd = say("", { continue: false, flush: true });

/** Opens a Waves socket that is dropped after the test. */
export const openOn = async (bench: Bench, options: OpenOptions = {}): Promise<WavesClient> =>
  wavesClient(await bench.open({ path: livePath, ...options }));
