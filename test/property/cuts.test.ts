import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Chunker, type TextBuffer } from "../../src/text/chunker.ts";
import { cutUtterances } from "../../src/text/clauses.ts";
import { MarkupChunker } from "../../src/text/markup/chunker.ts";
import { MarkupCutter } from "../../src/text/markup/cut.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import type { PronunciationRule } from "../../src/protocol/pronunciation.ts";
import { neutralSettings } from "../../src/protocol/voice.ts";
import { align } from "../../src/text/align.ts";
import { normalize } from "../../src/text/normalize.ts";
import { rewrite } from "../../src/text/rewrite.ts";
import { createWatchedTone, startServer, testKey, type TestServer } from "../support/server.ts";
import {
  type Frame,
  openStreamInput,
  spelled,
  type StreamInput,
  type WireAlignment,
} from "../support/stream-input.ts";

const scale = Math.max(1, Number(process.env["PROPERTY_RUNS"] ?? 1));
const headers = { "xi-api-key": testKey };

const folder = new URL("../data/", import.meta.url);
const prose = readdirSync(folder)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"))
  .join("\n");

/** Letters, digits and signs that are easily mistreated, beside the prose. */
const oddities =
  "Dr. Müller\u2019s caf\u00e9 \u2014 \u201ca na\u0308ive id\u00e9e\u201d\u2026 \u{1f600}\u{1f468}\u200d\u{1f469}\u200d\u{1f467} costs \u20ac3.50,  or $4!\r\n\tNo. 7 \u4f60\u597d. e.g. U.S.A. ";

/** `text` in pieces whose lengths are `sizes`, taken round and round. */
function cut(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let start = 0, index = 0; start < text.length; index += 1) {
    const end = start + (sizes[index % sizes.length] ?? 1);
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

const tokenSizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 50, maxLength: 200 });

interface Speech {
  readonly voice: string;
  readonly query: string;
}

async function speak(
  server: TestServer,
  { voice, query }: Speech,
  pieces: readonly string[],
): Promise<StreamInput> {
  const client = await openStreamInput(server.wsUrl, { voice, query, headers });
  client.send({ text: " " }, ...pieces.map((text) => ({ text })), { text: "" });
  expect(await client.closed).toEqual({ code: 1000, reason: "" });
  return client;
}

interface Segment {
  readonly frames: Frame[];
  readonly bytes: number;
}

/** Frames by utterance: one begins with each frame that carries an alignment. */
function segments(frames: readonly Frame[]): Segment[] {
  const found: { frames: Frame[]; bytes: number }[] = [];
  for (const frame of frames) {
    if (!frame.audio) continue;
    if (frame.alignment || found.length === 0) found.push({ frames: [], bytes: 0 });
    const segment = found.at(-1);
    segment?.frames.push(frame);
    if (segment) segment.bytes += Buffer.from(frame.audio, "base64").length;
  }
  return found;
}

/** The alignments spell the text, but for one space that each utterance may end with. */
function expectSpelled(frames: readonly Frame[], text: string): void {
  const whole = text.trimStart();
  let at = 0;
  for (const { frames: own } of segments(frames)) {
    const chars = spelled(own);
    const given = whole.startsWith(chars, at) ? chars : chars.slice(0, -1);
    expect(whole.slice(at, at + given.length)).toBe(given);
    if (given !== chars) expect(chars.endsWith(" ")).toBe(true);
    // The added space stands for the one the next utterance would begin with.
    at += given.length;
    if (given !== chars && whole[at] === " ") at += 1;
  }
  expect(whole.slice(at).trim()).toBe("");
}

/** Times chain, and the last one is the end of the utterance's audio. */
function expectTimed(frames: readonly Frame[], bytesPerMs: number): void {
  for (const { frames: own, bytes } of segments(frames)) {
    for (const which of ["alignment", "normalizedAlignment"] as const) {
      const alignment = own[0]?.[which];
      if (!alignment) throw new Error("An utterance begins with its alignment");
      const { chars, charStartTimesMs: starts, charDurationsMs: durations } = alignment;
      expect(starts.length).toBe(chars.length);
      expect(durations.length).toBe(chars.length);
      expect(starts[0]).toBe(0);
      expect([...starts, ...durations].every((ms) => Number.isInteger(ms) && ms >= 0)).toBe(true);
      const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
      expect(gaps).toEqual(durations.slice(0, -1));
      const sum = durations.reduce((total, ms) => total + ms, 0);
      expect(Math.abs(sum - bytes / bytesPerMs)).toBeLessThanOrEqual(1);
    }
  }
}

/**
 * Where one utterance's audio is cut into frames may depend on whether it was waited for; what
 * is heard, what is spelled and when may not.
 */
function expectSameSpeech(one: StreamInput, other: StreamInput, byFrame: boolean): void {
  expect(one.audio().equals(other.audio())).toBe(true);
  expect(spelled(one.frames)).toBe(spelled(other.frames));
  for (const which of ["alignment", "normalizedAlignment"] as const) {
    const timings = byFrame ? joined(one, which) : given(one, which);
    expect(timings).toEqual(byFrame ? joined(other, which) : given(other, which));
  }
}

type Which = "alignment" | "normalizedAlignment";

/** The alignments as they came. */
const given = ({ frames }: StreamInput, which: Which): WireAlignment[] =>
  frames.flatMap((frame) => frame[which] ?? []);

/** The alignments of a stream whose times count from its start, as one. */
const joined = (client: StreamInput, which: Which): WireAlignment => ({
  chars: given(client, which).flatMap(({ chars }) => chars),
  charStartTimesMs: given(client, which).flatMap(({ charStartTimesMs }) => charStartTimesMs),
  charDurationsMs: given(client, which).flatMap(({ charDurationsMs }) => charDurationsMs),
});

const ways: readonly { readonly name: string; readonly query: string; readonly runs: number }[] = [
  { name: "PCM", query: "output_format=pcm_16000", runs: 12 },
  {
    name: "PCM, alignment by frame",
    query: "output_format=pcm_16000&sync_alignment=true&x_alignment_base=context",
    runs: 3,
  },
  { name: "PCM at another rate", query: "output_format=pcm_24000", runs: 2 },
  { name: "MP3", query: "output_format=mp3_44100_128", runs: 2 },
  { name: "Opus", query: "output_format=opus_48000_32", runs: 2 },
];

describe("the words of the test data, through a socket", () => {
  const text = `${prose}\n${oddities}`;
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ engines: [createWatchedTone({ msPerChar: 5 }).engine] });
  });
  afterAll(() => server.close());

  it("are 2000 at least", () => {
    expect(prose.split(/\s+/).length).toBeGreaterThanOrEqual(2000);
  });

  it.each(ways)(
    "$name: sounds the same wherever it is cut",
    async ({ query, runs }) => {
      const whole = await speak(server, { voice: "tone", query }, [text]);
      await fc.assert(
        fc.asyncProperty(tokenSizes, async (sizes) => {
          const cutUp = await speak(server, { voice: "tone", query }, cut(text, sizes));
          expectSameSpeech(cutUp, whole, query.includes("sync_alignment"));
        }),
        { numRuns: runs * scale, endOnFailure: true },
      );
    },
    120_000,
  );

  it("is spelled once, in order and in time", async () => {
    const { frames } = await speak(server, { voice: "tone", query: "output_format=pcm_16000" }, [
      text,
    ]);
    expectSpelled(frames, text);
    expectTimed(frames, 32);
  });

  it("sounds the same letter by letter, cut inside emoji too", async () => {
    const query = "output_format=pcm_16000";
    const whole = await speak(server, { voice: "tone", query }, [oddities]);
    expectSameSpeech(
      await speak(server, { voice: "tone", query }, cut(oddities, [1])),
      whole,
      false,
    );
    expectSpelled(whole.frames, oddities);
  });

  it("any text sounds the same wherever it is cut", async () => {
    const query = "output_format=pcm_16000";
    const anyText = fc.string({ unit: "binary", minLength: 1, maxLength: 800 });
    await fc.assert(
      fc.asyncProperty(anyText, tokenSizes, async (text, sizes) => {
        const whole = await speak(server, { voice: "tone", query }, [text]);
        expectSameSpeech(
          await speak(server, { voice: "tone", query }, cut(text, sizes)),
          whole,
          false,
        );
        expectTimed(whole.frames, 32);
      }),
      { numRuns: 60 * scale },
    );
  }, 120_000);
});

describe("the same with the real voice", () => {
  const text = `${prose.slice(0, 3000)} ${oddities}`;
  const speech = { voice: "flite-kal16", query: "output_format=pcm_16000" };
  let server: TestServer;
  let whole: StreamInput;
  beforeAll(async () => {
    server = await startServer();
    whole = await speak(server, speech, [text]);
  }, 120_000);
  afterAll(() => server.close());

  it("sounds the same wherever it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(tokenSizes, async (sizes) => {
        expectSameSpeech(await speak(server, speech, cut(text, sizes)), whole, false);
      }),
      { numRuns: 4 * scale, endOnFailure: true },
    );
  }, 120_000);

  it("is spelled once, in order and in time", () => {
    expectSpelled(whole.frames, text);
    expectTimed(whole.frames, 32);
  });
});

const anyUnicode = fc.oneof(
  fc.string({ unit: "binary", maxLength: 1500 }),
  fc.string({ unit: "grapheme", maxLength: 600 }),
  // Words, pauses and white space in such numbers that every rule of the cuts is met.
  fc
    .array(
      fc.constantFrom(
        "word",
        "Mr.",
        "end.",
        "clause,",
        " ",
        "  ",
        "\n",
        "\u{1f600}",
        "3.5",
        "…”",
        "\u00a0",
        "x".repeat(300),
      ),
      { maxLength: 250 },
    )
    .map((parts) => parts.join("")),
);
const schedule = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 4 });
const brokenPair = /\p{Surrogate}/u;

function chunks(
  pieces: readonly string[],
  scheduleChars: readonly number[],
  chunker: TextBuffer = new Chunker(scheduleChars),
): string[] {
  const found = pieces.flatMap((piece) => chunker.append(piece));
  const rest = chunker.flush();
  return rest === "" ? found : [...found, rest];
}

describe("Chunker", () => {
  it("gives the same pieces wherever the text was cut", () => {
    fc.assert(
      fc.property(
        anyUnicode,
        schedule,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (text, scheduleChars, sizes) => {
          expect(chunks(cut(text, sizes), scheduleChars)).toEqual(chunks([text], scheduleChars));
        },
      ),
      { numRuns: 1000 * scale },
    );
  });

  it("gives pieces that joined are the text without the white space at its ends", () => {
    fc.assert(
      fc.property(anyUnicode, schedule, (text, scheduleChars) => {
        const joined = chunks([text], scheduleChars).join("");
        const whole = text.trimStart();
        expect(whole.startsWith(joined)).toBe(true);
        expect(whole.slice(joined.length).trim()).toBe("");
      }),
      { numRuns: 1000 * scale },
    );
  });

  it("cuts no character in two", () => {
    const wellFormed = fc.oneof(
      anyUnicode,
      fc.string({
        unit: fc.constantFrom("\u{1f600}", "x", "\u{20000}"),
        minLength: 900,
        maxLength: 2500,
      }),
    );
    fc.assert(
      fc.property(wellFormed, schedule, (text, scheduleChars) => {
        expect(chunks([text], scheduleChars).filter((piece) => brokenPair.test(piece))).toEqual([]);
      }),
      { numRuns: 1000 * scale },
    );
  });
});

describe("cutUtterances", () => {
  const sizes = fc
    .tuple(fc.integer({ min: 2, max: 200 }), fc.nat(200), fc.nat(200))
    .map(([max, min, firstMin]) => ({
      max,
      min: Math.min(min, max),
      firstMin: Math.min(firstMin, max),
    }));

  it("gives pieces that joined are the text", () => {
    fc.assert(
      fc.property(anyUnicode, fc.boolean(), sizes, (text, first, sizes) => {
        const pieces = cutUtterances(text, first, sizes);
        expect(pieces.join("")).toBe(text);
        expect(pieces.filter((piece) => piece === "")).toEqual([]);
      }),
      { numRuns: 1000 * scale },
    );
  });

  it("gives no piece with more to say than the largest size", () => {
    fc.assert(
      fc.property(anyUnicode, fc.boolean(), sizes, (text, first, sizes) => {
        for (const piece of cutUtterances(text, first, sizes)) {
          const speakable = /^.*[\p{L}\p{N}]/su.exec(piece)?.[0] ?? "";
          expect(speakable.length).toBeLessThanOrEqual(sizes.max);
        }
      }),
      { numRuns: 1000 * scale },
    );
  });

  it("cuts no character in two", () => {
    fc.assert(
      fc.property(anyUnicode, fc.boolean(), sizes, (text, first, sizes) => {
        expect(cutUtterances(text, first, sizes).filter((piece) => brokenPair.test(piece))).toEqual(
          [],
        );
      }),
      { numRuns: 1000 * scale },
    );
  });
});

/** Markup that is whole, broken and cut off, between words and signs. */
const anyMarkup = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "<speak>",
        "</speak>",
        '<break time="1s"/>',
        "<break/> ",
        '<prosody rate="slow">',
        "<prosody rate='odd'>",
        "</prosody>",
        '<phoneme alphabet="ipa" ph="təˈmeɪ toʊ">to ma to</phoneme>',
        "<phoneme ph='?'>x y</phoneme>",
        '<sub alias="one two, three.">x. y</sub>',
        "<say-as interpret-as='digits'>1 2 3</say-as>",
        `<sub alias="${"x ".repeat(600)}">y</sub>`,
        "<sub",
        "</sub>",
        " alias='",
        '"',
        "<",
        ">",
        "/>",
        "<!-- x -->",
        "&amp;",
        "&",
        "#38;",
        "<\u{1f600}>",
        "\u{e000}",
      ),
      fc.constantFrom("word ", "end. ", "clause, ", " ", "\n", "x".repeat(300), "\u{1f600}", "3 "),
      fc.string({ unit: "binary", maxLength: 5 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));

/** Elements that stay whole, as they stand in `anyMarkup`. */
const wholeElement = /<(phoneme|sub|say-as) [a-z-]+=(["'])[^"']{0,99}\2[^<]*<\/\1>/g;

describe("a text with markup", () => {
  const cutting = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
  const chunked = (pieces: readonly string[], scheduleChars: readonly number[]): string[] =>
    chunks(pieces, scheduleChars, new MarkupChunker(scheduleChars));

  it("gives the same pieces wherever it was cut, and joined they are the text", () => {
    fc.assert(
      fc.property(anyMarkup, schedule, cutting, (text, scheduleChars, sizes) => {
        const pieces = chunked([text], scheduleChars);
        expect(chunked(cut(text, sizes), scheduleChars)).toEqual(pieces);
        const whole = text.trimStart();
        expect(whole.startsWith(pieces.join(""))).toBe(true);
        expect(whole.slice(pieces.join("").length).trim()).toBe("");
      }),
      { numRuns: 1000 * scale },
    );
  });

  it("gives parts that joined are the text, with no element cut in two", () => {
    fc.assert(
      fc.property(anyMarkup, fc.boolean(), (text, first) => {
        const { parts } = new MarkupCutter().cut(text, first);
        expect(parts.map((part) => part.text).join("")).toBe(text);
        expect(parts.filter((part) => part.text === "")).toEqual([]);
      }),
      { numRuns: 1000 * scale },
    );
  });

  it("keeps elements whole in pieces and parts", () => {
    const wellFormed = fc
      .array(
        fc.constantFrom(
          '<phoneme alphabet="ipa" ph="ə">to ma to</phoneme>',
          "<sub alias='one. two'>x. y</sub> ",
          '<say-as interpret-as="digits">1. 2 3</say-as>',
          "word ",
          "end. ",
          "clause, ",
          "x".repeat(200),
          '<prosody rate="fast">',
          "</prosody> ",
        ),
        { maxLength: 80 },
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(wellFormed, schedule, cutting, (text, scheduleChars, sizes) => {
        const cutter = new MarkupCutter();
        const pieces = chunked(cut(text, sizes), scheduleChars);
        const parts = pieces.flatMap((piece) => cutter.cut(piece, false).parts);
        const count = (given: string): number => given.match(wholeElement)?.length ?? 0;
        expect(parts.reduce((sum, part) => sum + count(part.text), 0)).toBe(count(text));
      }),
      { numRuns: 500 * scale },
    );
  });

  it("is spoken with an alignment that is the text, in order and in time", async () => {
    const engine = createToneEngine({ msPerChar: 1 });
    const [voice] = engine.voices;
    if (!voice) throw new Error("the engine has no voice");
    const pronunciations: readonly PronunciationRule[] = [
      { type: "alias", stringToReplace: "word", alias: "another \u{1f600} one" },
      { type: "phoneme", stringToReplace: "\u{1f600}", phoneme: "K AA1", alphabet: "cmu-arpabet" },
    ];
    const signal = new AbortController().signal;
    await fc.assert(
      fc.asyncProperty(anyMarkup, async (text) => {
        const utterance = { text, voice, settings: neutralSettings, pronunciations };
        for await (const { samples, alignment } of engine.synthesize(
          { ...utterance, markup: "ssml" },
          signal,
        )) {
          const { chars, endsAtSample } = alignment.original;
          expect(chars.join("")).toBe(text.endsWith(" ") ? text : `${text} `);
          expect([...endsAtSample]).toEqual([...endsAtSample].toSorted((a, b) => a - b));
          expect(endsAtSample.at(-1)).toBe(samples.length);
        }
        const normalized = normalize(text, rewrite(text, "ssml", pronunciations));
        const joined = normalized.pieces.map((piece) =>
          text.slice(piece.sourceStart, piece.sourceEnd),
        );
        expect(joined.join("")).toBe(text);
        const phones = [{ name: "k", endSample: 7 }];
        const aligned = align({ text, normalized, phones, totalSamples: 90, sampleRateHz: 1000 });
        expect(aligned.original.chars.join("")).toBe(text.endsWith(" ") ? text : `${text} `);
        for (const { endsAtSample } of [aligned.original, aligned.normalized]) {
          expect([...endsAtSample]).toEqual([...endsAtSample].toSorted((a, b) => a - b));
          expect(endsAtSample.at(-1)).toBe(90);
        }
      }),
      { numRuns: 500 * scale },
    );
  });

  it("sounds the same through a socket wherever it is cut", async () => {
    const server = await startServer({ engines: [createWatchedTone({ msPerChar: 1 }).engine] });
    const speech = { voice: "tone", query: "output_format=pcm_16000&enable_ssml_parsing=true" };
    try {
      await fc.assert(
        fc.asyncProperty(anyMarkup, tokenSizes, async (text, sizes) => {
          fc.pre(text.trim() !== "");
          const whole = await speak(server, speech, [text]);
          expectSameSpeech(await speak(server, speech, cut(text, sizes)), whole, false);
          expectTimed(whole.frames, 32);
          expectSpelled(whole.frames, text);
        }),
        { numRuns: 40 * scale },
      );
    } finally {
      await server.close();
    }
  }, 120_000);
});

/** With quadratic work each of these would take hours, not the seconds a test is given. */
describe("1 MB of text is cut in linear time", () => {
  const texts: readonly (readonly [name: string, text: string])[] = [
    ["without spaces", "x".repeat(1_000_000)],
    ["of emoji", "\u{1f600}".repeat(500_000)],
    ["of spaces", " ".repeat(1_000_000)],
    ["of spaces behind a word", `word${" ".repeat(1_000_000)}`],
    ["of line breaks between words", `word${"\n".repeat(999_990)}word`],
    ["of punctuation", "?!.,".repeat(250_000)],
    ["of closing quotation marks", `.${"”".repeat(999_999)}`],
    ["of punctuation and spaces", ". ".repeat(500_000)],
    ["of initials", "A. ".repeat(333_333)],
    ["of words without a pause", "word ".repeat(200_000)],
    ["of full stops without a space", "a.".repeat(500_000)],
  ];

  it.each(texts)("%s, by cutUtterances", (_name, text) => {
    expect(cutUtterances(text, true).join("") === text).toBe(true);
  });

  it.each(texts)("%s, by the chunker at once", (_name, text) => {
    const joined = chunks([text], [120, 160, 250, 290]).join("");
    expect(text.trimStart().startsWith(joined)).toBe(true);
  });

  const markups: readonly (readonly [name: string, text: string])[] = [
    ["of brackets", "<".repeat(1_000_000)],
    ["of half tags", "<a ".repeat(333_333)],
    ["of half attributes", "<a b='".repeat(166_666)],
    ["of one half attribute", `<a b='${"x ".repeat(500_000)}`],
    ["of elements that never end", "<sub alias='x'>y".repeat(62_500)],
    ["of ends", "</sub>".repeat(166_666)],
    ["of tags", "<b></b>".repeat(142_857)],
    ["of breaks", "<break/>. ".repeat(100_000)],
    ["of rates that begin", ".<prosody rate='2'>".repeat(52_631)],
    ["of rates that change", ".<prosody rate='2'></prosody>".repeat(33_333)],
    ["of passages that begin and end", "a<p>".repeat(150_000) + "</p>".repeat(100_000)],
    ["of entities", "&amp;".repeat(200_000)],
    ["of half entities", "&#".repeat(500_000)],
  ];

  it.each([...texts, ...markups])("%s, by the cutter of markup", (_name, text) => {
    const { parts } = new MarkupCutter().cut(text, true);
    expect(parts.map((part) => part.text).join("") === text).toBe(true);
    expect(Math.max(...parts.map((part) => part.text.length))).toBeLessThan(10_000);
  });

  it.each([...texts, ...markups])("%s, by the chunker of markup in pieces of 3", (_name, text) => {
    const joined = chunks(cut(text, [3]), [50], new MarkupChunker([50])).join("");
    expect(text.trimStart().startsWith(joined)).toBe(true);
  });

  it.each(texts)("%s, by the chunker in pieces of 3", (_name, text) => {
    const joined = chunks(cut(text, [3]), [50]).join("");
    expect(text.trimStart().startsWith(joined)).toBe(true);
  });
});
