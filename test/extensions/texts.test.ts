import { describe, expect, it } from "vitest";
import { named, useToneServer } from "../conformance/bench.ts";
import type { ExtendedFrame } from "../support/stream-input.ts";
import { isFinalFrame, openExtended, sockets } from "./sockets.ts";

const bench = useToneServer();

interface Row {
  readonly what: string;
  readonly query?: string;
  /** Messages of one context, without its name; the last one ends it. */
  readonly send: readonly { readonly text?: string; readonly flush?: boolean }[];
}

const rows: readonly Row[] = [
  { what: "plain text", send: [{ text: "Hello there. And here again, my friend. " }] },
  { what: "an opening space", send: [{ text: " " }, { text: "Hello there. " }] },
  {
    what: "leading white space",
    send: [{ text: " \n\t" }, { text: "  " }, { text: "  Hello there." }],
  },
  {
    what: "emoji",
    send: [
      { text: "😀 Hello 👩‍👩‍👧 there 🇩🇪! 😀😀" },
      { text: " And 😀 more. ", flush: true },
      { text: "End" },
    ],
  },
  {
    what: "words cut into messages",
    send: [{ text: "Hel" }, { text: "lo th" }, { text: "ere. A" }, { text: "nd again." }],
  },
  {
    what: "flushes between words",
    send: [
      { text: "One", flush: true },
      { text: " two", flush: true },
      { text: "  three. ", flush: true },
      { text: " ", flush: true },
      { flush: true },
      { text: "  Four" },
    ],
  },
  { what: "long text", send: [{ text: "The ship left, at dawn; nobody waved. ".repeat(20) }] },
  { what: "line breaks", send: [{ text: "First line\r\n\r\nSecond line.\n\n\nThird" }] },
  {
    what: "auto_mode",
    query: "auto_mode=true",
    send: [{ text: " Hello wor" }, { text: "ld. 😀 A" }, { text: "gain " }, { text: " here. " }],
  },
];

const markup: readonly Row[] = [
  { what: "a break", send: [{ text: '  One two. <break time="0.5s"/> Three 😀 four. ' }] },
  {
    what: "a phoneme",
    send: [
      { text: ' Say <phoneme alphabet="ipa" ph="təˈmeɪ">tomato</phoneme> now. And ' },
      { text: "go." },
    ],
  },
  { what: "prosody", send: [{ text: '<prosody rate="slow">Slow words.</prosody> Fast words. ' }] },
  { what: "broken markup", send: [{ text: "One <break two. ", flush: true }, { text: " Three." }] },
];

const sourceOf = ({ send }: Row): string[] =>
  Array.from(send.map(({ text = "" }) => text).join(""));

/** The characters of the source that a frame is about. */
const pointed = (
  source: readonly string[],
  { text_offset = Number.NaN }: ExtendedFrame,
  length: number,
): string => source.slice(text_offset, text_offset + length).join("");

const isBlank = (chars: readonly string[]): boolean => chars.join("").trim() === "";

describe.for(named("socket", sockets))("%s", ([socket, { of, end }]) => {
  async function speak({ send, query = "" }: Row): Promise<readonly ExtendedFrame[]> {
    const client = await openExtended(
      bench,
      socket,
      `segments=true&boundaries=word,sentence&${query}`,
    );
    client.send(...send.map((message) => ({ ...message, ...of })), end);
    await client.frame(isFinalFrame);
    return client.frames;
  }

  const ssml = markup.map((row) => ({ ...row, query: "enable_ssml_parsing=true" }));

  it.for(named("what", [...rows, ...ssml]))(
    "gives segments that are the text as it was sent: %s",
    async ([, row]) => {
      const source = sourceOf(row);
      const segments = (await speak(row)).filter(({ type }) => type === "segment_start");
      expect(segments.length).toBeGreaterThan(0);
      let from = 0;
      for (const [index, segment] of segments.entries()) {
        const { text = "", text_offset = Number.NaN } = segment;
        const length = Array.from(text).length;
        expect(segment.segment).toBe(index);
        expect(pointed(source, segment, length)).toBe(text);
        expect(text_offset).toBeGreaterThanOrEqual(from);
        expect(isBlank(source.slice(from, text_offset))).toBe(true);
        from = text_offset + length;
      }
      expect(isBlank(source.slice(from))).toBe(true);
    },
  );

  it.for(named("what", rows))(
    "gives word boundaries that are the words as they were sent: %s",
    async ([, row]) => {
      const source = sourceOf(row);
      const frames = (await speak(row)).filter(({ kind }) => kind === "word");
      const words = frames.map((frame) => pointed(source, frame, frame.text_length ?? 0));
      expect(words.filter((word) => !/^\S+$/.test(word))).toEqual([]);
      expect(words.join("")).toBe(source.join("").replaceAll(/\s/g, ""));
    },
  );

  it.for(named("what", rows))(
    "gives sentence boundaries that leave nothing out and do not overlap: %s",
    async ([, row]) => {
      const source = sourceOf(row);
      const sentences = (await speak(row)).filter(({ kind }) => kind === "sentence");
      let from = 0;
      for (const { text_offset = Number.NaN, text_length = Number.NaN } of sentences) {
        expect(text_offset).toBeGreaterThanOrEqual(from);
        expect(isBlank(source.slice(from, text_offset))).toBe(true);
        from = text_offset + text_length;
      }
      expect(isBlank(source.slice(from))).toBe(true);
    },
  );

  it.for(named("what", ssml.slice(0, 3)))(
    "gives word boundaries that are words and not markup: %s",
    async ([, row]) => {
      const source = sourceOf(row);
      const frames = (await speak(row)).filter(({ kind }) => kind === "word");
      const words = frames.map((frame) => pointed(source, frame, frame.text_length ?? 0));
      expect(words.length).toBeGreaterThan(3);
      expect(words.filter((word) => /[<>="]/.test(word))).toEqual([]);
    },
  );
});
