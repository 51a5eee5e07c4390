import { describe, expect, it } from "vitest";
import { createResampler } from "../audio/resampler.ts";
import { toInt16 } from "../audio/pcm.ts";
import { neutralSettings } from "../protocol/voice.ts";
import { resampled } from "./resampled.ts";
import type { Pcm } from "./synthesizer.ts";
import { createToneEngine } from "./tone.ts";

async function speak(rateHz: number, text: string, isStreaming: boolean): Promise<Pcm[]> {
  const engine = createToneEngine({ sampleRateHz: rateHz, msPerChar: 20, streams: isStreaming });
  const [voice] = engine.voices;
  if (!voice) throw new Error("no voice");
  const utterance = { text, voice, settings: neutralSettings, markup: "none" } as const;
  return collect(engine.synthesize(utterance, new AbortController().signal));
}

async function collect(source: AsyncIterable<Pcm>): Promise<Pcm[]> {
  const pieces: Pcm[] = [];
  for await (const piece of source) pieces.push(piece);
  return pieces;
}

async function* each(pieces: readonly Pcm[]): AsyncGenerator<Pcm> {
  yield* pieces;
}

const joined = (pieces: readonly Pcm[]): number[] => pieces.flatMap(({ samples }) => [...samples]);

describe.each([
  [24_000, 16_000],
  [16_000, 24_000],
  [22_050, 48_000],
  [44_100, 8000],
])("pieces at %d Hz, taken to %d", (from, to) => {
  const text = "Pieces of any length go through, as a whole or word by word.";

  it("sound as if they had been resampled as one", async () => {
    const pieces = await speak(from, text, true);
    const resampler = createResampler(from, to);
    const whole = [
      ...toInt16(resampler.resample(Int16Array.from(joined(pieces)))),
      ...toInt16(resampler.finish()),
    ];
    expect(joined(await collect(resampled(each(pieces), to)))).toEqual(whole);
  });

  it("keep their text, and times that fit their length", async () => {
    const pieces = await speak(from, text, true);
    const converted = await collect(resampled(each(pieces), to));
    expect(converted).toHaveLength(pieces.length);
    let start = { given: 0, converted: 0 };
    for (const [index, { samples, alignment }] of converted.entries()) {
      const before = pieces[index] as Pcm;
      expect(alignment.sampleRateHz).toBe(to);
      for (const which of ["original", "normalized"] as const) {
        expect(alignment[which].chars).toEqual(before.alignment[which].chars);
        expect(alignment[which].endsAtSample.at(-1)).toBe(samples.length);
        alignment[which].endsAtSample.forEach((end, at) => {
          const given = start.given + (before.alignment[which].endsAtSample[at] ?? 0);
          expect(start.converted + end).toBe(Math.round((given * to) / from));
        });
      }
      start = {
        given: start.given + before.samples.length,
        converted: start.converted + samples.length,
      };
    }
  });
});

it("pieces that have the rate already are the same", async () => {
  const pieces = await speak(16_000, "As it is.", true);
  const same = await collect(resampled(each(pieces), 16_000));
  same.forEach((piece, index) => expect(piece).toBe(pieces[index]));
});

it("a long piece lets others have their turn", async () => {
  const pieces = await speak(24_000, "long ".repeat(400), false);
  let turns = 0;
  const count = (): void => {
    turns += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  await collect(resampled(each(pieces), 16_000));
  clearImmediate(timer);
  expect(turns).toBeGreaterThan(10);
});
