import { cutUtterances } from "./clauses.ts";

/**
 * The part of SSML that clients send: `<break time="0.5s"/>` pauses, all other tags are not
 * spoken. Everything works on whole tags; half a tag is text.
 */
const tag = /<\/?[a-z][^<>]*>/gi;
const breakTag = /<break\s+time\s*=\s*["'](\d+(?:\.\d+)?)(m?s)["'][^<>]*>(?:\s*<\/break>)?\s*/gi;

/** A break is no longer than this, whatever it asks for. */
const maxBreakMs = 3000;

/** Stands for white space inside a tag: a private-use character that no text cutter takes for it. */
const innerSpace = "\u{e000}";

/** Makes each tag one word, so that nothing cuts it; of the same length. */
export function bindTags(text: string): string {
  return text.replaceAll(tag, (whole) => whole.replaceAll(/\s/g, innerSpace));
}

/** Takes `bindTags` back. */
export function unbindTags(text: string): string {
  return text.replaceAll(innerSpace, " ");
}

/** A stretch of text, or a break with the text that stands for it, which needs no voice. */
export interface MarkupPart {
  readonly text: string;
  readonly breakMs?: number;
}

/** The utterances and breaks of a text with bound tags, cut as `cutUtterances` cuts, and unbound. */
export function cutMarkup(bound: string, first: boolean): MarkupPart[] {
  return cutAtBreaks(unbindTags(bound)).flatMap((part, index): MarkupPart[] => {
    if (part.breakMs !== undefined) return [part];
    const utterances = cutUtterances(bindTags(part.text), first && index === 0);
    return utterances.map((utterance) => ({ text: unbindTags(utterance) }));
  });
}

/** The text cut around its breaks; joined, the parts are the text. */
export function cutAtBreaks(text: string): MarkupPart[] {
  const parts: MarkupPart[] = [];
  let end = 0;
  for (const match of text.matchAll(breakTag)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    const ms = Number(match[1]) * (match[2] === "ms" ? 1 : 1000);
    parts.push({ text: match[0], breakMs: Math.min(maxBreakMs, ms) });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** The text with every character of a tag replaced by one that has no sound; of the same length. */
export function silenceTags(text: string): string {
  return text.replaceAll(tag, (whole) => "\u{200b}".repeat(whole.length));
}
