// Plain JavaScript over the built files: a worker thread does not get the loader of its parent.
import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { createEncoder } from "../dist/audio/encoder.js";
import { FliteProgram } from "../dist/engine/flite/program.js";
import { speak } from "../dist/engine/flite/speak.js";
import { cutUtterances } from "../dist/text/clauses.js";

// Speaks and codes a text again and again in a bare loop, on one core.
const { module, text, voice, format, times } = workerData;
const program = new FliteProgram(module);

async function speakOnce() {
  const encoder = await createEncoder(format, 16_000);
  let samples = 0;
  for (const utterance of cutUtterances(text, true)) {
    const speech = speak(program, { text: utterance, voice, speed: 1, markup: "none" });
    samples += speech.samples.length;
    for (let at = 0; at < speech.samples.length; at += 1600) {
      encoder.encode(speech.samples.subarray(at, at + 1600), at + 1600 >= speech.samples.length);
    }
  }
  encoder.finish();
  return samples / 16_000;
}

await speakOnce();
parentPort.postMessage("ready");
await once(parentPort, "message");
let audioSeconds = 0;
for (let count = 0; count < times; count += 1) audioSeconds += await speakOnce();
parentPort.postMessage(audioSeconds);
