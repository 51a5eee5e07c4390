import { expect, it } from "vitest";
import { neutralSettings } from "../../protocol/voice.ts";
import { noiseOf } from "./noise.ts";

const usual = { sound: 0.667, rhythm: 0.8 };

it("leaves a model as it was trained with neutral settings", () => {
  expect(noiseOf(usual, neutralSettings)).toEqual(usual);
});

it("strays less the more stable the voice is to be", () => {
  const sounds = [0, 0.25, 0.5, 0.75, 1].map(
    (stability) => noiseOf(usual, { ...neutralSettings, stability }).sound,
  );
  expect(sounds).toEqual(sounds.toSorted((a, b) => b - a));
  expect(sounds[0]).toBeGreaterThan(1);
  expect(sounds.at(-1)).toBeLessThan(0.3);
});

it("frees the rhythm, and nothing else, with style", () => {
  const { sound, rhythm } = noiseOf(usual, { ...neutralSettings, style: 1 });
  expect(sound).toBe(usual.sound);
  expect(rhythm).toBeCloseTo(1.2);
});

it("asks for few variants, since each is a model in memory", () => {
  const variants = Array.from({ length: 101 }, (_, percent) =>
    JSON.stringify(noiseOf(usual, { ...neutralSettings, stability: percent / 100 })),
  );
  expect(new Set(variants).size).toBeLessThanOrEqual(7);
});
