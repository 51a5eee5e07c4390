import { expect, it } from "vitest";
import { cutAtWords } from "../pieces.ts";
import { inPieces, type Pcm } from "../synthesizer.ts";
import { createToneEngine } from "../tone.ts";
import { neutralSettings } from "../../protocol/voice.ts";
import { stretchPieces, stretchSpeech } from "./stretch.ts";

async function speechOf(text: string): Promise<Pcm> {
  const engine = createToneEngine();
  const [voice] = engine.voices;
  if (!voice) throw new Error("no voice");
  const asked = { text, voice, settings: neutralSettings, markup: "none" } as const;
  for await (const pcm of engine.synthesize(asked, new AbortController().signal)) return pcm;
  throw new Error("no audio");
}

const collect = async (pieces: AsyncIterable<Pcm>): Promise<Pcm[]> => {
  const all: Pcm[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
};

it.each([0.25, 0.7, 1.3, 4])("at speed %d characters are heard at their share", async (speed) => {
  const speech = await speechOf("Some words to say.");
  const { samples, alignment } = stretchSpeech(speech, speed);
  expect(samples).toHaveLength(Math.round(speech.samples.length / speed));
  for (const which of ["original", "normalized"] as const) {
    const { chars, endsAtSample } = speech.alignment[which];
    expect(alignment[which].chars).toEqual(chars);
    expect(alignment[which].endsAtSample).toEqual(
      endsAtSample.map((end) => Math.round(end / speed)),
    );
  }
});

it.each([0.25, 0.7, 1, 1.3, 4])("at speed %d pieces are cut from one stretch", async (speed) => {
  const speech = await speechOf("Some words to say, and a few more of them.");
  const whole = stretchSpeech(speech, speed);
  const pieces = await collect(stretchPieces(inPieces(Promise.resolve(cutAtWords(speech))), speed));
  expect(pieces).toHaveLength(cutAtWords(speech).length);
  expect(pieces.flatMap(({ samples }) => Array.from(samples))).toEqual(Array.from(whole.samples));
  for (const { samples, alignment } of pieces) {
    expect(alignment.original.endsAtSample.at(-1)).toBe(samples.length);
    expect(alignment.normalized.endsAtSample.at(-1)).toBe(samples.length);
  }
});

it("each piece is given when the next one has come", async () => {
  const pieces = cutAtWords(await speechOf("One two three"));
  let read = 0;
  async function* source(): AsyncGenerator<Pcm> {
    for (const piece of pieces) {
      read += 1;
      yield piece;
    }
  }
  const readAt: number[] = [];
  for await (const piece of stretchPieces(source(), 1.2)) {
    expect(piece.samples.length).toBeGreaterThan(0);
    readAt.push(read);
  }
  expect(readAt).toEqual([2, 3, 3]);
});

it("what an engine fails with is passed on", async () => {
  async function* failing(): AsyncGenerator<Pcm> {
    yield await speechOf("So far");
    throw new Error("enough");
  }
  await expect(collect(stretchPieces(failing(), 2))).rejects.toThrow("enough");
});
