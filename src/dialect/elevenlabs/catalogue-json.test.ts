import { expect, it } from "vitest";
import { createToneEngine } from "../../engine/tone.ts";
import { labelsOf } from "./catalogue-json.ts";

it("a voice's labels tell how its timings are known and which settings it heeds", () => {
  const [tone] = createToneEngine().voices;
  if (!tone) throw new Error("no voice");
  expect(labelsOf(tone)).toMatchObject({ timings: "exact", settings: "speed" });
  const neural = {
    ...tone,
    timings: "estimated",
    heeds: ["stability", "useSpeakerBoost"],
  } as const;
  expect(labelsOf(neural)).toMatchObject({
    timings: "estimated",
    settings: "speed,stability,use_speaker_boost",
  });
});

it("a voice's labels name its licence where it says one", () => {
  const [tone] = createToneEngine().voices;
  if (!tone) throw new Error("no voice");
  expect(labelsOf(tone)).not.toHaveProperty("licence");
  expect(labelsOf({ ...tone, licence: "CC0" })).toMatchObject({ licence: "CC0" });
});
