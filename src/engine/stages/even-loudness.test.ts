import { describe, expect, it } from "vitest";
import { measureLoudness } from "../../audio/loudness.ts";
import { neutralSettings, type Voice } from "../../protocol/voice.ts";
import { createToneEngine } from "../tone.ts";
import type { Pcm, Synthesizer } from "../synthesizer.ts";
import { evenLoudness, gainFor, measureGain, targetLufs } from "./even-loudness.ts";

const text = "Some words that the tone says, and then some more of them. ";
const [voice] = createToneEngine().voices as [Voice];

/** Tones, each voice of its own strength. */
function createTones(strengths: ReadonlyMap<Voice, number>): Synthesizer {
  const tone = createToneEngine({ streams: true });
  return {
    async *synthesize(utterance, signal) {
      const strength = strengths.get(utterance.voice) ?? 1;
      for await (const pcm of tone.synthesize({ ...utterance, voice }, signal)) {
        yield { ...pcm, samples: pcm.samples.map((sample) => Math.round(sample * strength)) };
      }
    },
  };
}

async function speak(synthesizer: Synthesizer, asked: Voice, said = text): Promise<Int16Array> {
  const utterance = {
    text: said,
    voice: asked,
    settings: neutralSettings,
    markup: "none",
  } as const;
  const pieces: Pcm[] = [];
  const audio = synthesizer.synthesize(utterance, new AbortController().signal);
  for await (const piece of audio) pieces.push(piece);
  return Int16Array.from(pieces.flatMap(({ samples }) => Array.from(samples)));
}

describe("an engine's voices that nobody knows", () => {
  const loud = { ...voice, id: "loud" };
  const quiet = { ...voice, id: "quiet" };
  const strengths = new Map([
    [loud, 2],
    [quiet, 0.05],
  ]);

  it("are equally loud from their second utterance on", async () => {
    const even = evenLoudness(createTones(strengths));
    for (const each of [loud, quiet]) {
      await speak(even, each);
      expect(measureLoudness(await speak(even, each), 16_000)).toBeCloseTo(targetLufs, 0);
    }
  });

  it("say the same in the same way once their gain is fixed, whatever they say in between", async () => {
    const even = evenLoudness(createTones(strengths));
    for (let spoken = 0; spoken < 5; spoken += 1) await speak(even, quiet);
    const before = await speak(even, quiet);
    await speak(even, quiet, "iiiiiiiiiii ".repeat(20));
    expect(await speak(even, quiet)).toEqual(before);
  });

  it("keep their gain within an utterance", async () => {
    const plain = createTones(strengths);
    expect(await speak(evenLoudness(plain), quiet)).toEqual(await speak(plain, quiet));
  });
});

it("a gain brings speech to where all is, and silence nowhere", async () => {
  const samples = await speak(createToneEngine(), voice);
  const gain = measureGain(samples, 16_000);
  const amplified = samples.map((sample) => Math.round(sample * gain));
  expect(measureLoudness(amplified, 16_000)).toBeCloseTo(targetLufs, 1);
  expect(measureGain(new Int16Array(16_000), 16_000)).toBe(1);
  expect(gainFor(-120)).toBe(16);
  expect(gainFor(40)).toBe(1 / 16);
});
