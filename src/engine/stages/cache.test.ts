import { beforeEach, expect, it } from "vitest";
import { neutralSettings, type Voice, type VoiceSettings } from "../../protocol/voice.ts";
import type { PronunciationRule } from "../../protocol/pronunciation.ts";
import type { Engine, Pcm, Synthesizer, Utterance } from "../synthesizer.ts";
import { createToneEngine, type ToneOptions } from "../tone.ts";
import { createSpeechCache, type SpeechCache } from "./cache.ts";

const mebibyte = 1024 * 1024;
const never = new AbortController().signal;

let asked: string[];
let lookups: boolean[];
let voice: Voice;
let cache: SpeechCache;
let speaking: Synthesizer;

/** A tone behind a cache, that writes down what it is asked for. */
function put(maxBytes = mebibyte, options: ToneOptions = {}, heeds: Voice["heeds"] = []): Engine {
  const tone = createToneEngine({ streams: true, ...options });
  const [its] = tone.voices;
  if (!its) throw new Error("no voice");
  voice = { ...its, heeds };
  cache = createSpeechCache(maxBytes);
  speaking = cache.wrap({
    synthesize(utterance, signal) {
      asked.push(utterance.text);
      return tone.synthesize(utterance, signal);
    },
  });
  return tone;
}

beforeEach(() => {
  asked = [];
  lookups = [];
  put();
});

const utterance = (text: string, more: Partial<Utterance> = {}): Utterance => ({
  text,
  voice,
  settings: neutralSettings,
  markup: "none",
  observer: { lookedUp: (isFound) => lookups.push(isFound), dispatched: () => {} },
  ...more,
});

async function speak(text: string, more: Partial<Utterance> = {}): Promise<Pcm[]> {
  const pieces: Pcm[] = [];
  for await (const piece of speaking.synthesize(utterance(text, more), never)) pieces.push(piece);
  return pieces;
}

const content = (pieces: readonly Pcm[]): unknown =>
  pieces.map(({ samples, alignment }) => ({ samples: Array.from(samples), alignment }));

it("gives the same pieces again without the engine, and says that they are a repeat", async () => {
  const first = content(await speak("Say it again."));
  const second = await speak("Say it again.");
  expect(content(second)).toEqual(first);
  expect(second.length).toBe(3);
  expect(second.every(({ isRepeat, synthesisMs }) => isRepeat && synthesisMs === undefined)).toBe(
    true,
  );
  expect(asked).toEqual(["Say it again."]);
  expect(lookups).toEqual([false, true]);
});

it("keeps its samples when a receiver hands its own on or changes them", async () => {
  const first = await speak("Mine");
  const expected = content(first);
  for (const { samples } of first) {
    samples.fill(7);
    structuredClone(samples, { transfer: [samples.buffer] });
  }
  const second = await speak("Mine");
  expect(content(second)).toEqual(expected);
  for (const { samples } of second) samples.fill(9);
  expect(content(await speak("Mine"))).toEqual(expected);
  expect(asked).toHaveLength(1);
});

const alias: PronunciationRule = { type: "alias", stringToReplace: "x", alias: "y" };
const settings = (changes: Partial<VoiceSettings>): VoiceSettings => ({
  ...neutralSettings,
  ...changes,
});

it.each<[string, Partial<Utterance>]>([
  ["speed", { settings: settings({ speed: 1.1 }) }],
  ["markup", { markup: "ssml" }],
  ["pronunciations", { pronunciations: [alias] }],
  ["a setting that the voice heeds", { settings: settings({ stability: 0.1 }) }],
])("another %s is another utterance", async (_, change) => {
  put(mebibyte, {}, ["stability"]);
  await speak("x");
  await speak("x", change);
  expect(lookups).toEqual([false, false]);
  await speak("x", change);
  expect(lookups).toEqual([false, false, true]);
});

it("a setting that the voice does not heed makes no difference", async () => {
  await speak("x");
  await speak("x", { settings: settings({ stability: 0.1, style: 1 }), dueAt: 5 });
  expect(lookups).toEqual([false, true]);
});

it("a voice that has come in the place of another is another voice", async () => {
  await speak("x");
  await speak("x", { voice: { ...voice } });
  expect(lookups).toEqual([false, false]);
});

it("neither keeps what is private nor looks for it", async () => {
  await speak("secret", { isPrivate: true });
  expect(cache.sizeBytes).toBe(0);
  await speak("secret");
  await speak("secret", { isPrivate: true });
  expect(lookups).toEqual([false]);
  expect(asked).toHaveLength(3);
});

it("keeps no utterance that was not read to its end", async () => {
  for await (const piece of speaking.synthesize(utterance("one two three"), never)) {
    expect(piece.samples.length).toBeGreaterThan(0);
    break;
  }
  expect(cache.sizeBytes).toBe(0);
  await speak("one two three");
  expect(lookups).toEqual([false, false]);
});

it("keeps nothing of an utterance that was stopped, and stops a repeat at once", async () => {
  const owner = new AbortController();
  const reason = new Error("enough");
  const stopped = async (): Promise<void> => {
    for await (const piece of speaking.synthesize(utterance("one two"), owner.signal)) {
      expect(piece.samples.length).toBeGreaterThan(0);
      owner.abort(reason);
    }
  };
  put(mebibyte, {
    hold: (_, signal) => {
      if (signal === owner.signal) owner.abort(reason);
      return Promise.resolve();
    },
  });
  await expect(stopped()).rejects.toBe(reason);
  expect(cache.sizeBytes).toBe(0);
  put();
  await speak("one two");
  await expect(stopped()).rejects.toBe(reason);
});

it("what is being made for one is made for another too, who does not wait", async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let isFirst = true;
  put(mebibyte, {
    hold: () => {
      const mine = isFirst ? held : Promise.resolve();
      isFirst = false;
      return mine;
    },
  });
  const slow = speak("both");
  const expected = content(await speak("both"));
  release();
  expect(content(await slow)).toEqual(expected);
  expect(asked).toHaveLength(2);
  const sizeOfOne = cache.sizeBytes;
  await speak("both");
  expect(cache.sizeBytes).toBe(sizeOfOne);
});

it("starts at the call, not at the first read", () => {
  speaking.synthesize(utterance("now"), never);
  expect(asked).toEqual(["now"]);
});

it("never holds more than it may, and lets go of what was not asked for longest", async () => {
  await speak("word 0");
  const sizeOfOne = cache.sizeBytes;
  put(sizeOfOne * 4.5);
  for (const number of [0, 1, 2, 3]) await speak(`word ${number}`);
  await speak("word 0");
  await speak("word 4");
  expect(cache.sizeBytes).toBeLessThanOrEqual(sizeOfOne * 4.5);
  lookups = [];
  for (const number of [0, 2, 3, 4, 1]) await speak(`word ${number}`);
  expect(lookups).toEqual([true, true, true, true, false]);
});

it("keeps nothing that would drive out all the rest", async () => {
  put(10_000);
  await speak("a text that is much longer than a quarter of the room there is");
  expect(cache.sizeBytes).toBe(0);
});

it("does not keep what another said in the place of one that failed", async () => {
  const tone = put();
  let isStandIn = true;
  speaking = cache.wrap({
    async *synthesize(asking, signal) {
      asked.push(asking.text);
      for await (const pcm of tone.synthesize(asking, signal)) {
        yield isStandIn ? { ...pcm, isStandIn } : pcm;
      }
    },
  });
  await speak("Once more.");
  isStandIn = false;
  await speak("Once more.");
  await speak("Once more.");
  expect(asked).toEqual(["Once more.", "Once more."]);
});

it("reads a text in each mode of normalization for itself", async () => {
  for (const normalization of ["auto", "on", "off", "auto"] as const) {
    await speak("In 1999.", { normalization });
  }
  expect(lookups).toEqual([false, false, false, true]);
});
