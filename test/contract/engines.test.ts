import { neutralSettings } from "../../src/protocol/voice.ts";
import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { createFliteEngine } from "../../src/engine/flite/flite.ts";
import type { Engine, Pcm, Utterance } from "../../src/engine/synthesizer.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import type { CharacterTimings } from "../../src/protocol/alignment.ts";
import type { PronunciationRule } from "../../src/protocol/pronunciation.ts";
import { faultyWorker, stillbornWorker, watchFaultyWorkers } from "./fixtures/faults.ts";

interface Row {
  readonly name: string;
  readonly create: (clock: ManualClock) => Promise<Engine>;
  /** Whether an engine says nothing for signs without a spoken form. */
  readonly skipsSigns: boolean;
}

const rows: readonly Row[] = [
  { name: "tone", create: () => Promise.resolve(createToneEngine()), skipsSigns: false },
  {
    name: "tone, word by word",
    create: () => Promise.resolve(createToneEngine({ streams: true })),
    skipsSigns: false,
  },
  {
    name: "flite",
    create: (clock) => createFliteEngine({ clock, workers: 2 }),
    skipsSigns: true,
  },
];

const sentence = "The quick brown fox jumps over the lazy dog.";
const reason = new Error("enough");

/** What an engine gives for one utterance, all of it. */
interface Speech {
  readonly samples: Int16Array;
  readonly pieces: readonly Pcm[];
  readonly original: CharacterTimings;
  readonly normalized: CharacterTimings;
}

async function collect(audio: AsyncIterable<Pcm>): Promise<Speech> {
  const pieces: Pcm[] = [];
  for await (const piece of audio) pieces.push(piece);
  const samples = new Int16Array(pieces.reduce((sum, piece) => sum + piece.samples.length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece.samples, at);
    at += piece.samples.length;
  }
  return {
    samples,
    pieces,
    original: joinTimings(pieces, "original"),
    normalized: joinTimings(pieces, "normalized"),
  };
}

function joinTimings(pieces: readonly Pcm[], which: "original" | "normalized"): CharacterTimings {
  const ends: number[] = [];
  let start = 0;
  for (const { samples, alignment } of pieces) {
    for (const end of alignment[which].endsAtSample) ends.push(start + end);
    start += samples.length;
  }
  const chars = pieces.flatMap(({ alignment }) => alignment[which].chars);
  return { chars, endsAtSample: Uint32Array.from(ends) };
}

/** Names audio by its bytes: quicker to compare than the samples. */
const fingerprint = ({ samples }: Speech): string =>
  createHash("sha256").update(new Uint8Array(samples.buffer)).digest("hex");

function utterance(engine: Engine, text: string, more: Partial<Utterance> = {}): Utterance {
  const [voice] = engine.voices;
  if (!voice) throw new Error("the engine has no voice");
  return { text, voice, settings: neutralSettings, markup: "none", ...more };
}

function speak(engine: Engine, text: string, more: Partial<Utterance> = {}): Promise<Speech> {
  return collect(engine.synthesize(utterance(engine, text, more), new AbortController().signal));
}

/** What is wrong with the timings of one utterance; empty if they keep all the rules. */
function faultsOf({ chars, endsAtSample }: CharacterTimings, totalSamples: number): string[] {
  const faults: string[] = [];
  if (endsAtSample.length !== chars.length) faults.push("not one end per character");
  if (chars.some((char) => Array.from(char).length !== 1)) faults.push("not one code point each");
  if (endsAtSample.some((end, index) => end < (endsAtSample[index - 1] ?? 0))) {
    faults.push("an end before the last one");
  }
  if (endsAtSample.at(-1) !== totalSamples) faults.push("the last end is not the audio's");
  return faults;
}

/** What every utterance's pieces have to be, whatever the text; the alignment, to look closer. */
function examine({ pieces, original }: Speech, text: string): string[] {
  const expected = text.endsWith(" ") ? text : `${text} `;
  return [
    ...(pieces.length > 0 ? [] : ["no audio"]),
    ...(original.chars.join("") === expected ? [] : ["another text"]),
    ...pieces.flatMap(({ samples, alignment }, index) => [
      ...(samples.length > 0 ? [] : ["no audio in a piece"]),
      ...faultsOf(alignment.original, samples.length).map((fault) => `original: ${fault}`),
      ...faultsOf(alignment.normalized, samples.length).map((fault) => `normalized: ${fault}`),
      ...(index === pieces.length - 1 || alignment.original.chars.at(-1)?.trim() === ""
        ? []
        : ["a piece that ends in a word"]),
    ]),
  ];
}

const longText =
  "She sells sea shells by the sea shore, and the shells she sells are surely sea shells; "
    .repeat(3)
    .slice(0, 180);

const texts: readonly string[] = [
  sentence,
  `${sentence} `,
  "Hi",
  "a",
  "42",
  "On 3/4 at 5:30pm Dr. Smith paid $1,234.56, i.e. 50% more than in 1999.",
  "Füße, naïve café, Привет мир, 你好世界, שלום, مرحبا, नमस्ते",
  "e\u0301 and \u200b and \u202e and \ufeff",
  "👩‍👩‍👧‍👦 family 🎉 party 🇩🇪",
  longText,
  "x".repeat(180),
  "-t -voice kal --setf duration_stretch=9",
  "-",
  `"quoted" 'single' \\backslash\\ %s %n %d \${HOME} $(reboot) \`ls\` ; rm | cat > out.wav &`,
  '(utt.wave.rescale \'nil) <break time="2s"/> <speak> &amp;',
  "two\nlines\tand\r\ntabs",
  "ALL CAPITALS AND aLtErNaTiNg",
];

const alias = (stringToReplace: string, by: string): PronunciationRule => ({
  type: "alias",
  stringToReplace,
  alias: by,
});
const phonemes = (stringToReplace: string, phoneme: string): PronunciationRule => ({
  type: "phoneme",
  stringToReplace,
  phoneme,
  alphabet: "cmu-arpabet",
});

interface MarkupRow {
  readonly text: string;
  /** The normalized words, in ARPAbet where phones were asked for. */
  readonly spoken: string;
  readonly rules?: readonly PronunciationRule[];
}

const markupRows: readonly MarkupRow[] = [
  { text: "<speak><p>Say</p> <mark name='m'/>it.</speak>", spoken: "say it" },
  {
    text: 'Say <phoneme alphabet="ipa" ph="təˈmɑːtoʊ">tomato</phoneme> now.',
    spoken: "say T AH0 M AA1 T OW0 now",
  },
  { text: "<phoneme alphabet='cmu-arpabet' ph='SH'>x</phoneme>", spoken: "SH" },
  { text: "Say <phoneme ph='ǃ'>tomato</phoneme>.", spoken: "say tomato" },
  { text: 'My <sub alias="own words">o. w.</sub> here', spoken: "my own words here" },
  {
    text: 'Code <say-as interpret-as="digits">407</say-as>!',
    spoken: "code four zero seven",
  },
  {
    text: "The <say-as interpret-as='characters'>cdf</say-as> is",
    spoken: "the c d f is",
  },
  { text: '<prosody rate="slow">So</prosody> <break time="1s"/> slow', spoken: "so slow" },
  { text: "Rhythm &amp;&#32;blues", spoken: "rhythm and blues" },
  { text: "<p>The \u{1f600}<b>UN</b></p>", spoken: "the by me", rules: [alias("UN", "by me")] },
  { text: "<b>Ng</b>, me", spoken: "eh1 ng me", rules: [phonemes("Ng", "EH1 NG")] },
];

/** What the engine says it has spoken, without marks. */
function spokenWords({ normalized }: Speech): string {
  const words = normalized.chars.join("").toLowerCase().replaceAll("&", "and");
  return words
    .replaceAll(/[^a-z\d ]/g, "")
    .replaceAll(/ +/g, " ")
    .trim();
}

const silentTexts: readonly string[] = ["🎉", "...", "!?", "🎉🎉 — …", "\"'()", "()[]", "   ", ""];

describe.each(rows)("the engine $name", ({ create, skipsSigns }) => {
  const clock = new ManualClock();
  let engine: Engine;

  beforeAll(async () => {
    engine = await create(clock);
    await engine.ready();
  });
  afterAll(() => engine.close());

  it("has voices that name it, with ids, slugs and names of their own", () => {
    expect(engine.voices.length).toBeGreaterThan(0);
    for (const member of ["id", "slug", "name"] as const) {
      expect(new Set(engine.voices.map((voice) => voice[member].toLowerCase())).size).toBe(
        engine.voices.length,
      );
    }
    expect(engine.voices.every((voice) => voice.engine === engine.name)).toBe(true);
  });

  it("gives each voice's audio at the rate the voice names", async () => {
    for (const voice of engine.voices) {
      const { pieces } = await speak(engine, sentence, { voice });
      const rates = new Set(pieces.map(({ alignment }) => alignment.sampleRateHz));
      expect(rates).toEqual(new Set([voice.sampleRateHz]));
    }
  });

  it("starts at the call, not at the first read", async () => {
    const first = engine.synthesize(utterance(engine, sentence), new AbortController().signal);
    const second = engine.synthesize(utterance(engine, "Hi."), new AbortController().signal);
    // Nobody has read from the first one, and yet the second one comes behind it.
    const { samples } = await collect(second);
    expect(samples.length).toBeGreaterThan(0);
    expect((await collect(first)).samples.length).toBeGreaterThan(samples.length);
  });

  it.each(texts)("speaks with one whole alignment: %j", async (text) => {
    const speech = await speak(engine, text);
    expect(examine(speech, text)).toEqual([]);
    expect(speech.samples.some((sample) => Math.abs(sample) > 500)).toBe(
      !skipsSigns || /[\p{L}\p{N}]/u.test(text),
    );
  });

  it.each(silentTexts)("is short for a text with little to say: %j", async (text) => {
    const speech = await speak(engine, text);
    expect(examine(speech, text)).toEqual([]);
    expect(speech.samples.length).toBeLessThan(16_000);
    expect(speech.samples.every((sample) => sample === 0)).toBe(skipsSigns || text.trim() === "");
  });

  it.each(markupRows)("speaks markup as what it means: $text", async ({ text, spoken, rules }) => {
    const pronunciations = rules ?? [];
    const marked = await speak(engine, text, { markup: "ssml", pronunciations });
    expect(examine(marked, text)).toEqual([]);
    expect(spokenWords(marked)).toBe(spoken.toLowerCase());
  });

  it.each(markupRows)("gives tags a place and no time: $text", async ({ text, rules }) => {
    const pronunciations = rules ?? [];
    const { original } = await speak(engine, text, { markup: "ssml", pronunciations });
    const { chars, endsAtSample } = original;
    const tags = chars.join("").matchAll(/<\/?[a-z][^>]*>/g);
    for (const { 0: tag, index } of tags) {
      const first = Array.from(chars.join("").slice(0, index)).length;
      const ends = [...endsAtSample].slice(Math.max(0, first - 1), first + Array.from(tag).length);
      const before = first === 0 ? 0 : ends[0];
      expect(new Set(ends)).toEqual(new Set([before]));
    }
  });

  it("takes markup for text where none is asked for", async () => {
    const text = "<p>Say <sub alias='y'>x</sub></p> &amp;";
    expect(spokenWords(await speak(engine, text))).not.toBe("say y");
    expect(spokenWords(await speak(engine, "a <p>b</p>", { markup: "ssml" }))).toBe("a b");
  });

  it("applies pronunciation rules to plain text", async () => {
    const rules = [alias("SQL", "sequel"), phonemes("Ng", "EH1 NG"), alias("song", "wrong")];
    const text = "SQL, Ng and songs.";
    const speech = await speak(engine, text, { pronunciations: rules });
    expect(examine(speech, text)).toEqual([]);
    expect(spokenWords(speech)).toBe("sequel eh1 ng and songs");
    expect(speech.samples.length).not.toBe((await speak(engine, text)).samples.length);
    const none = await speak(engine, text, { pronunciations: [] });
    expect(fingerprint(none)).toBe(fingerprint(await speak(engine, text)));
  });

  it("says the same for an alias as for its words", async () => {
    const alone = await speak(engine, "Ask the World Wide Web.");
    const rule = [alias("WWW", "World Wide Web")];
    const byRule = await speak(engine, "Ask the WWW.", { pronunciations: rule });
    const text = 'Ask the <sub alias="World Wide Web">WWW</sub>.';
    const bySub = await speak(engine, text, { markup: "ssml" });
    expect(fingerprint(byRule)).toBe(fingerprint(alone));
    expect(fingerprint(bySub)).toBe(fingerprint(alone));
  });

  it("gives the same bytes every time", async () => {
    const first = await speak(engine, sentence);
    await speak(engine, "Something else in between, 42 times.");
    const second = await speak(engine, sentence);
    expect(fingerprint(second)).toBe(fingerprint(first));
    expect(second.original).toEqual(first.original);
  });

  it.each([0.25, 0.7, 1.2, 4])("at speed %d takes as much longer or shorter", async (speed) => {
    const normal = await speak(engine, sentence);
    const changed = await speak(engine, sentence, { settings: { ...neutralSettings, speed } });
    const ratio = normal.samples.length / changed.samples.length;
    expect(ratio / speed).toBeGreaterThan(0.85);
    expect(ratio / speed).toBeLessThan(1.15);
    expect(examine(changed, sentence)).toEqual([]);
  });

  it("speaks many utterances at once like one after the other", async () => {
    const many = Array.from({ length: 16 }, (_, index) => `Number ${index}, ${sentence}`);
    const together = await Promise.all(many.map((text) => speak(engine, text)));
    const alone: Speech[] = [];
    for (const text of many) alone.push(await speak(engine, text));
    expect(together.map(fingerprint)).toEqual(alone.map(fingerprint));
  });

  it("aborted before the call it gives the reason and no audio", async () => {
    const audio = engine.synthesize(utterance(engine, sentence), AbortSignal.abort(reason));
    await expect(collect(audio)).rejects.toBe(reason);
  });

  it("aborted while it runs it ends at once with the reason", async () => {
    const owner = new AbortController();
    const audio = engine.synthesize(utterance(engine, longText), owner.signal);
    owner.abort(reason);
    await expect(collect(audio)).rejects.toBe(reason);
    // What comes next is spoken in full, and then nothing is left running.
    expect((await speak(engine, sentence)).samples.length).toBeGreaterThan(0);
    await Promise.all([speak(engine, longText), speak(engine, longText)]);
  });

  it("an unread utterance that is aborted raises nothing", async () => {
    const owner = new AbortController();
    engine.synthesize(utterance(engine, sentence), owner.signal);
    owner.abort(reason);
    await Promise.all([speak(engine, sentence), speak(engine, sentence)]);
    expect((await speak(engine, sentence)).samples.length).toBeGreaterThan(0);
  });

  it("an abort in the queue leaves all others as they are", async () => {
    const owner = new AbortController();
    const before = Array.from({ length: 6 }, () => speak(engine, longText));
    const queued = collect(engine.synthesize(utterance(engine, sentence), owner.signal));
    const after = Array.from({ length: 6 }, () => speak(engine, longText));
    owner.abort(reason);
    await expect(queued).rejects.toBe(reason);
    const expected = fingerprint(await speak(engine, longText));
    const kept = (await Promise.all([...before, ...after])).map(fingerprint);
    expect(new Set(kept)).toEqual(new Set([expected]));
  });

  it("has nothing left to be woken for after all this", () => {
    expect(clock.pending).toBe(0);
  });
});

describe("flite's workers", () => {
  const faults = watchFaultyWorkers();
  const engines: Engine[] = [];
  let clock: ManualClock;
  let replaced: string[];

  beforeEach(() => {
    clock = new ManualClock();
    replaced = [];
    faults.reset();
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
  });
  afterAll(() => faults.close());

  async function createFaulty(workers: number, workerEntry = faultyWorker): Promise<Engine> {
    const engine = await createFliteEngine({
      clock,
      workers,
      workerEntry,
      onWorkerReplaced: (why) => replaced.push(why),
    });
    engines.push(engine);
    return engine;
  }

  it.each(["exit", "throw", "trap"])(
    "one that crashes is replaced and its utterance spoken by another: %s",
    async (fault) => {
      const engine = await createFaulty(2);
      const others = Array.from({ length: 8 }, (_, index) => speak(engine, `other ${index}`));
      const speech = await speak(engine, `${fault} once`);
      expect(examine(speech, `${fault} once`)).toEqual([]);
      expect(await Promise.all(others)).toHaveLength(8);
      expect(replaced).toHaveLength(1);
      expect(clock.pending).toBe(0);
    },
  );

  it.each(["exit", "throw", "trap"])(
    "that crash twice on one utterance fail that one only: %s",
    async (fault) => {
      const engine = await createFaulty(2);
      const failing = speak(engine, fault);
      const others = Array.from({ length: 8 }, (_, index) => speak(engine, `other ${index}`));
      await expect(failing).rejects.toMatchObject({ problem: { code: "engine_failed" } });
      for (const [index, speech] of (await Promise.all(others)).entries()) {
        expect(examine(speech, `other ${index}`)).toEqual([]);
      }
      expect(replaced).toHaveLength(2);
    },
  );

  it("one that hangs is replaced after the longest time an utterance may take", async () => {
    const engine = await createFaulty(2);
    await engine.ready();
    const speech = speak(engine, "hang once");
    await faults.begun("hang once");
    expect(examine(await speak(engine, "other"), "other")).toEqual([]);
    expect(replaced).toEqual([]);
    clock.advance(10_000);
    expect(replaced).toHaveLength(1);
    expect(examine(await speech, "hang once")).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("one whose aborted utterance does not end is replaced within 200 ms", async () => {
    const engine = await createFaulty(1);
    const owner = new AbortController();
    const speech = collect(engine.synthesize(utterance(engine, "hang"), owner.signal));
    await faults.begun("hang");
    owner.abort(reason);
    await expect(speech).rejects.toBe(reason);
    clock.advance(200);
    expect(replaced).toHaveLength(1);
    expect(examine(await speak(engine, "next"), "next")).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("that never start make ready reject and every utterance fail", async () => {
    const engine = await createFaulty(2, stillbornWorker);
    const failed = { problem: { code: "engine_failed" } };
    const early = speak(engine, "early");
    await expect(engine.ready()).rejects.toMatchObject(failed);
    await expect(early).rejects.toMatchObject(failed);
  });

  it("are ended by close, which rejects what is under way and what waits", async () => {
    const engine = await createFaulty(1);
    const utterances = ["hang", "waiting"].map((text) => speak(engine, text));
    const settled = Promise.allSettled(utterances);
    await faults.begun("hang");
    await engine.close();
    const shuttingDown = { reason: { problem: { code: "shutting_down" } } };
    expect(await settled).toMatchObject([shuttingDown, shuttingDown]);
    expect(clock.pending).toBe(0);
    await expect(speak(engine, "late")).rejects.toMatchObject(shuttingDown.reason);
  });
});
