import { expect, it } from "vitest";
import { createToneEngine } from "../engine/tone.ts";
import { SpeechRates } from "./speech-rates.ts";

const voice = createToneEngine().voices[0]!;

it("a voice that has not spoken yet is taken for an ordinary one", () => {
  const rates = new SpeechRates();
  expect(rates.audioMs(voice, 100, 1)).toBe(6500);
  expect(rates.realTimeFactor(voice)).toBe(0.05);
});

it("what a voice did is expected of it, at its speed", () => {
  const rates = new SpeechRates();
  rates.learn(voice, { chars: 100, speed: 2, audioMs: 4000, synthesisMs: 40 });
  expect(rates.audioMs(voice, 10, 1)).toBe(800);
  expect(rates.audioMs(voice, 10, 2)).toBe(400);
  expect(rates.realTimeFactor(voice)).toBeCloseTo(0.01, 6);
});

it("what it does now counts for more than what it did long ago", () => {
  const rates = new SpeechRates();
  rates.learn(voice, { chars: 100, speed: 1, audioMs: 8000, synthesisMs: 800 });
  for (let time = 0; time < 100; time += 1) {
    rates.learn(voice, { chars: 100, speed: 1, audioMs: 6000, synthesisMs: 60 });
  }
  expect(rates.audioMs(voice, 100, 1)).toBeCloseTo(6000, -1);
  expect(rates.realTimeFactor(voice)).toBeCloseTo(0.01, 3);
});

it("an utterance that gave no audio teaches nothing", () => {
  const rates = new SpeechRates();
  rates.learn(voice, { chars: 0, speed: 1, audioMs: 20, synthesisMs: 1 });
  rates.learn(voice, { chars: 5, speed: 1, audioMs: 0, synthesisMs: 1 });
  expect(rates.realTimeFactor(voice)).toBe(0.05);
});
