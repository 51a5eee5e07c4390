// Plain JavaScript over the built files: a worker thread does not get the loader of its parent.
import { parentPort, workerData } from "node:worker_threads";
import { createEncoder } from "../dist/audio/encoder.js";
import { FliteProgram } from "../dist/engine/flite/program.js";
import { createScript } from "../dist/engine/flite/script.js";
import { speak } from "../dist/engine/flite/speak.js";
import { normalize } from "../dist/text/normalize.js";

// Speaks, and codes if there is a format, the same turns again and again, on one core.
const { module, voice, turns, format, times } = workerData;
const utterances = turns.flat();
const program = new FliteProgram(module);
const speakOne = (text) => speak(program, { text, voice, speed: 1, markup: "none" });
const scripts = utterances.map((text) => createScript(normalize(text)));
const heardSamples = utterances.reduce((sum, text) => sum + speakOne(text).samples.length, 0);

/** Nothing but what Flite itself does; what would be heard of it counts, without trimmed silence. */
function runProgram() {
  for (const script of scripts) program.speak(script, voice, 1);
  return heardSamples / 16_000;
}

async function speakAndCode() {
  let samples = 0;
  for (const turn of turns) {
    const encoder = await createEncoder(format, 16_000);
    for (const text of turn) {
      const speech = speakOne(text);
      samples += speech.samples.length;
      encoder.encode(speech.samples, true);
    }
    encoder.finish();
  }
  return samples / 16_000;
}

const work = format ? speakAndCode : runProgram;
parentPort.on("message", () => void run());

async function run() {
  let audioSeconds = 0;
  for (let count = 0; count < times; count += 1) audioSeconds += await work();
  parentPort.postMessage(audioSeconds);
}
