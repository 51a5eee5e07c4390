import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProgressiveTimings } from "./progressive-timings.ts";
import { type Pace, VoicePace } from "./voice-pace.ts";

const rateHz = 8000;
const pace: Pace = { msPerLetter: 50, pausesMs: { 0: 0, 1: 200, 2: 400 } };

/** Sounds and silences of so many ms, in turn. */
function sound(...lengthsMs: readonly number[]): Int16Array {
  const samples = lengthsMs.flatMap((ms, index) =>
    Array.from({ length: (ms * rateHz) / 1000 }, (_, at) =>
      index % 2 === 0 ? 6000 * (at % 2) - 3000 : 0,
    ),
  );
  return Int16Array.from(samples);
}

function hear(text: string, samples: Int16Array, cuts: readonly number[] = []): number[] {
  const timings = new ProgressiveTimings(text, rateHz, pace);
  const places = [0, ...cuts.toSorted((a, b) => a - b), samples.length];
  return places.flatMap((from, index) => timings.hear(samples.subarray(from, places[index + 1])));
}

/** The ms at which each word ends that is known. */
function wordEndsMs(text: string, ends: readonly number[]): number[] {
  return Array.from(text.matchAll(/\S+/g), ({ 0: word, index }) => {
    const end = ends[index + word.length - 1];
    return end === undefined ? Number.NaN : Math.round((end * 1000) / rateHz);
  });
}

describe("timings of a stream", () => {
  const text = "Abcd efgh ij, klmn opqr. Stuv wxyz. ";

  it("are what the pace of the voice says while there is nothing else", () => {
    // The third one would end at 500, and what follows may yet show another place.
    const unknown = Number.NaN;
    const ends = wordEndsMs(text, hear(text, sound(1000)));
    expect(ends).toEqual([225, 405, unknown, unknown, unknown, unknown, unknown]);
  });

  it("follow the pauses in the sound, early or late", () => {
    for (const ms of [350, 650]) {
      const ends = wordEndsMs(text, hear(text, sound(ms, 200, 2000)));
      expect(ends[2]).toBe(ms);
    }
  });

  it("do not take the silence within a word for a pause", () => {
    const ends = wordEndsMs(text, hear(text, sound(300, 80, 1000)));
    expect(ends.slice(0, 2)).toEqual([225, 405]);
  });

  it("begin with the sound", () => {
    const late = wordEndsMs(text, hear(text, sound(0, 300, 1000)));
    expect(late.slice(0, 2)).toEqual([525, 705]);
  });

  it("never end the last word, nor anything before there is sound", () => {
    expect(hear(text, sound(0, 5000))).toEqual([]);
    expect(hear(text, sound(60_000)).length).toBe("Abcd efgh ij, klmn opqr. Stuv ".length);
  });

  it("are the same however the audio is cut, never decrease, and never pass the audio", () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 12 });
    const cuts = fc.array(fc.nat(20_000), { maxLength: 20 });
    fc.assert(
      fc.property(pieces, cuts, (lengths, places) => {
        const samples = sound(...lengths);
        const ends = hear(text, samples);
        const inside = places.filter((place) => place < samples.length);
        expect(hear(text, samples, inside)).toEqual(ends);
        expect(ends.every((end, index) => end >= (ends[index - 1] ?? 0))).toBe(true);
        expect(ends.every((end) => end <= samples.length)).toBe(true);
      }),
    );
  });
});

describe("what is known of a voice's pace", () => {
  it("comes near to what is heard again and again", () => {
    const voice = new VoicePace();
    const pauses = [
      { strength: 1, ms: 50 },
      { strength: 0, ms: 0 },
    ] as const;
    for (let count = 0; count < 20; count += 1) voice.learn({ msPerLetter: 90, pauses });
    expect(voice.pace.msPerLetter).toBeGreaterThan(85);
    expect(voice.pace.msPerLetter).toBeLessThan(95);
    expect(voice.pace.pausesMs[1]).toBeLessThan(60);
    expect(voice.pace.pausesMs[2]).toBe(300);
  });

  it("is hardly changed by what cannot be speech", () => {
    const voice = new VoicePace();
    for (let count = 0; count < 200; count += 1) voice.learn({ msPerLetter: 60, pauses: [] });
    voice.learn({ msPerLetter: 1e9, pauses: [] });
    expect(voice.pace.msPerLetter).toBeLessThan(80);
  });
});
