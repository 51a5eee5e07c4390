import { parentPort, workerData } from "node:worker_threads";
import { createEncoder } from "../src/audio/encoder.ts";
import { FliteProgram } from "../src/engine/flite/program.ts";
import { speak } from "../src/engine/flite/speak.ts";
import type { AudioFormat } from "../src/protocol/audio-format.ts";
import { cutUtterances } from "../src/text/clauses.ts";

/** Speaks and codes a text again and again in a bare loop, on one core. */
export interface BareEngineJob {
  readonly module: WebAssembly.Module;
  readonly text: string;
  readonly voice: string;
  readonly format: AudioFormat;
  readonly times: number;
}

const { module, text, voice, format, times } = workerData as BareEngineJob;
const program = new FliteProgram(module);
const once = async (): Promise<number> => {
  const encoder = await createEncoder(format, 16_000);
  let samples = 0;
  for (const utterance of cutUtterances(text, true)) {
    const speech = speak(program, { text: utterance, voice, speed: 1 });
    samples += speech.samples.length;
    for (let at = 0; at < speech.samples.length; at += 1600) {
      encoder.encode(speech.samples.subarray(at, at + 1600), at + 1600 >= speech.samples.length);
    }
  }
  encoder.finish();
  return samples / 16_000;
};

await once();
parentPort?.postMessage("ready");
parentPort?.once("message", async () => {
  let audioSeconds = 0;
  for (let count = 0; count < times; count += 1) audioSeconds += await once();
  parentPort?.postMessage(audioSeconds);
});
