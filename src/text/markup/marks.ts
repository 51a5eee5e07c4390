import { parsePhones, isAlphabet } from "../phones/phones.ts";
import { breakStrengthsMs, maxBreakMs, prosodyRates } from "./values.ts";
import { type Reading, readAs, sayAs } from "./say-as.ts";
import {
  AtomReader,
  entityCharacter,
  entityPattern,
  parseTag,
  readEntities,
  type Tag,
} from "./tag.ts";

/**
 * What can be wrong with markup; it is then spoken as text, but for `unknown_phone`, which lets
 * the written word be spoken, and `unclosed` and `unopened` of elements around whole passages.
 */
export type MarkupFault =
  /** A `<` that begins no tag. */
  | "stray"
  /** A tag without its `>`. */
  | "half_tag"
  /** An element without its end. */
  | "unclosed"
  /** The end of an element that has not begun. */
  | "unopened"
  /** A tag without an attribute it needs, or with a value that means nothing. */
  | "bad_value"
  /** A phoneme whose symbols the voice has no sounds for. */
  | "unknown_phone";

/** Elements around passages of any length: they work tag by tag. */
export type Container = "speak" | "p" | "s" | "prosody";

/** One place of a text that is more than text. Code units into the text, `end` exclusive. */
export type Mark = { readonly start: number; readonly end: number } & (
  | { readonly type: "silent" }
  | { readonly type: "break"; readonly breakMs: number }
  | { readonly type: "begin"; readonly name: Container; readonly rate: number }
  | { readonly type: "end"; readonly name: Container }
  | { readonly type: "entity"; readonly character: string }
  | {
      readonly type: "element";
      readonly contentStart: number;
      readonly contentEnd: number;
      readonly reading: Reading;
      readonly fault?: MarkupFault;
    }
  | {
      readonly type: "broken";
      readonly fault: MarkupFault;
      /** Its end, when it comes, is not the end of another one. */
      readonly begins?: Container;
    }
);

/** Finds the markup of a text, in order and without overlaps. Whatever is none is text. */
export function findMarks(text: string): Mark[] {
  const marks: Mark[] = [];
  for (let at = nextSpecial(text, 0); at < text.length; at = nextSpecial(text, at)) {
    const mark = text.charAt(at) === "<" ? readAtom(text, at) : readEntity(text, at);
    if (mark) marks.push(mark);
    at = mark?.end ?? at + 1;
  }
  return marks;
}

function nextSpecial(text: string, from: number): number {
  special.lastIndex = from;
  return special.exec(text)?.index ?? text.length;
}

const special = /[<&]/g;
const entityHere = new RegExp(entityPattern.source, "iy");

function readEntity(text: string, start: number): Mark | undefined {
  entityHere.lastIndex = start;
  const match = entityHere.exec(text);
  const character = match ? entityCharacter(match) : undefined;
  if (!match || character === undefined) return undefined;
  return { type: "entity", start, end: start + match[0].length, character };
}

function readAtom(text: string, start: number): Mark {
  const reader = new AtomReader();
  for (let end = start + 1; end < text.length; end += 1) {
    const result = reader.take(text.charAt(end));
    if (result === "whole") return readWhole(text, start, end + 1, reader.phase === "end tag");
    if (result === "broken") break;
  }
  // Only the bracket: what follows it may hold markup that is whole.
  const fault = faultOf(text, start, reader);
  return { type: "broken", start, end: start + 1, fault };
}

function faultOf(text: string, start: number, { phase }: AtomReader): MarkupFault {
  if (phase !== "tag") return "unclosed";
  if (/<\/(?:phoneme|say-as|sub)\s*>/iy.test(text.slice(start, start + 20))) return "unopened";
  return /[a-z/?!]/i.test(text.charAt(start + 1)) ? "half_tag" : "stray";
}

function readWhole(text: string, start: number, end: number, isElement: boolean): Mark {
  if (isElement) return readElement(text, start, end);
  const tag = parseTag(text.slice(start, end));
  const read = tagReaders[tag.name];
  const meaning = read === undefined ? silent : read(tag);
  // All of a bad tag is text: nothing in it can be markup.
  if (meaning === undefined) {
    const broken = { type: "broken", start, end, fault: "bad_value" } as const;
    return tag.name === "prosody" ? { ...broken, begins: tag.name } : broken;
  }
  return { ...meaning, start, end };
}

/** A mark before it has a place. */
type Meaning =
  | { readonly type: "silent" }
  | { readonly type: "break"; readonly breakMs: number }
  | { readonly type: "begin"; readonly name: Container; readonly rate: number }
  | { readonly type: "end"; readonly name: Container };

const silent: Meaning = { type: "silent" };

const container =
  (name: Container) =>
  (tag: Tag): Meaning =>
    tag.closing ? { type: "end", name } : { type: "begin", name, rate: 1 };

/** What each tag means; nothing if its attributes are bad. All other tags are silent. */
const tagReaders: Readonly<Record<string, (tag: Tag) => Meaning | undefined>> = {
  speak: container("speak"),
  p: container("p"),
  s: container("s"),
  prosody: readProsody,
  break: readBreak,
};

function readProsody({ closing, attributes }: Tag): Meaning | undefined {
  if (closing) return { type: "end", name: "prosody" };
  const written = attributes.get("rate");
  const rate = written === undefined ? 1 : parseRate(written.trim());
  return rate === undefined ? undefined : { type: "begin", name: "prosody", rate };
}

/** `slow`, `80%`, `+20%` and `0.8`, as a factor of the speed. */
function parseRate(written: string): number | undefined {
  const named = prosodyRates[written.toLowerCase()];
  if (named !== undefined) return named;
  const [, sign = "", digits = "", percent = ""] =
    /^([+-]?)(\d{1,4}(?:\.\d{0,6})?|\.\d{1,6})(%?)$/.exec(written) ?? [];
  const value = Number(digits) / (percent === "" ? 1 : 100);
  const rate =
    percent === "" || sign === "" ? Number(`${sign}${value}`) : 1 + Number(`${sign}${value}`);
  return digits !== "" && rate > 0 ? rate : undefined;
}

function readBreak({ closing, attributes }: Tag): Meaning | undefined {
  if (closing) return silent;
  const time = attributes.get("time");
  const breakMs =
    time === undefined
      ? breakStrengthsMs[attributes.get("strength")?.trim().toLowerCase() ?? "medium"]
      : parseTimeMs(time.trim());
  return breakMs === undefined
    ? undefined
    : { type: "break", breakMs: Math.min(maxBreakMs, breakMs) };
}

function parseTimeMs(written: string): number | undefined {
  const [, digits, unit = ""] = /^\+?(\d+(?:\.\d*)?|\.\d+)\s?(ms|s)$/i.exec(written) ?? [];
  return digits === undefined
    ? undefined
    : Number(digits) * (unit.toLowerCase() === "s" ? 1000 : 1);
}

function readElement(text: string, start: number, end: number): Mark {
  const contentStart = openTagEnd(text, start);
  const contentEnd = text.lastIndexOf("<", end - 1);
  const { name, attributes } = parseTag(text.slice(start, contentStart));
  const reading = elementReaders[name]?.(
    attributes,
    readEntities(text.slice(contentStart, contentEnd)),
  );
  if (reading === undefined) return { type: "broken", start, end, fault: "bad_value" };
  const place = { type: "element", start, end, contentStart, contentEnd } as const;
  return reading === "unknown_phone"
    ? { ...place, reading: { type: "as_written" }, fault: reading }
    : { ...place, reading };
}

/** The index after the tag that begins at `start`; a `>` in an attribute's value does not end it. */
function openTagEnd(text: string, start: number): number {
  quotedTag.lastIndex = start;
  return start + (quotedTag.exec(text)?.[0].length ?? 1);
}

const quotedTag = /<(?:"[^"]*"|'[^']*'|[^>"'])*>/y;

type Attributes = Tag["attributes"];

/** How the text of an element that stays whole is spoken; nothing if its attributes are bad. */
const elementReaders: Readonly<
  Record<string, (attributes: Attributes, content: string) => Reading | "unknown_phone" | undefined>
> = {
  sub(attributes) {
    const alias = attributes.get("alias");
    return alias === undefined ? undefined : { type: "alias", text: alias };
  },
  phoneme(attributes) {
    const written = attributes.get("ph");
    const alphabet = attributes.get("alphabet")?.trim().toLowerCase() ?? "ipa";
    if (written === undefined || !isAlphabet(alphabet)) return undefined;
    const phones = parsePhones(written, alphabet);
    return phones === undefined ? "unknown_phone" : { type: "phones", phones };
  },
  "say-as"(attributes, content) {
    const kind = sayAs[attributes.get("interpret-as")?.trim().toLowerCase() ?? ""];
    return kind === undefined ? undefined : readAs(kind, content);
  },
};
