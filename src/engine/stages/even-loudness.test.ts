import { describe, expect, it } from "vitest";
import { measureLoudness } from "../../audio/loudness.ts";
import { neutralSettings, type Voice } from "../../protocol/voice.ts";
import { createToneEngine } from "../tone.ts";
import type { Pcm } from "../synthesizer.ts";
import { evenLoudness, gainFor, VoiceLevel } from "./even-loudness.ts";

const text = "Some words that the tone says, and then some more of them. ";
const [voice] = createToneEngine().voices as [Voice];
const tone = createToneEngine({ streams: true });

/** What the tone says with a strength, as loud as all. */
async function speak(level: VoiceLevel, strength: number, said = text): Promise<Int16Array> {
  const utterance = { text: said, voice, settings: neutralSettings, markup: "none" } as const;
  const speech = tone.synthesize(utterance, new AbortController().signal);
  return collect(evenLoudness(strengthened(speech, strength), level));
}

async function* strengthened(pieces: AsyncIterable<Pcm>, strength: number): AsyncGenerator<Pcm> {
  for await (const pcm of pieces) {
    yield { ...pcm, samples: pcm.samples.map((sample) => Math.round(sample * strength)) };
  }
}

async function collect(pieces: AsyncIterable<Pcm>): Promise<Int16Array> {
  const samples: number[] = [];
  for await (const piece of pieces) samples.push(...piece.samples);
  return Int16Array.from(samples);
}

describe("a voice that nobody knows", () => {
  it.each([2, 0.05])(
    "is as loud as all from its second utterance on, at strength %d",
    async (strength) => {
      const level = new VoiceLevel(16_000);
      await speak(level, strength);
      expect(measureLoudness(await speak(level, strength), 16_000)).toBeCloseTo(-19, 0);
    },
  );

  it("is as loud as all at once if its first piece is long enough to tell", async () => {
    const said = "iiiiiiiiiiiiiiiiiiiiiiiiiiiiii and more of it";
    expect(measureLoudness(await speak(new VoiceLevel(16_000), 0.05, said), 16_000)).toBeCloseTo(
      -19,
      0,
    );
  });

  it("says the same in the same way once its gain is fixed, whatever it says in between", async () => {
    const level = new VoiceLevel(16_000);
    for (let spoken = 0; spoken < 5; spoken += 1) await speak(level, 0.05);
    const before = await speak(level, 0.05);
    await speak(level, 0.05, "iiiiiiiiiii ".repeat(20));
    expect(await speak(level, 0.05)).toEqual(before);
  });

  it("keeps its gain within an utterance", async () => {
    const plain = { text, voice, settings: neutralSettings, markup: "none" } as const;
    const raw = await collect(
      strengthened(tone.synthesize(plain, new AbortController().signal), 0.05),
    );
    const even = await speak(new VoiceLevel(16_000), 0.05);
    const ratios = new Set<string>();
    raw.forEach((sample, at) => {
      if (Math.abs(sample) > 100) ratios.add(((even[at] ?? 0) / sample).toFixed(1));
    });
    expect(ratios.size).toBe(1);
  });
});

it("silence and noise are not made speech", () => {
  expect(gainFor(Number.NEGATIVE_INFINITY)).toBe(1);
  expect(gainFor(-120)).toBe(16);
  expect(gainFor(40)).toBe(1 / 16);
});
