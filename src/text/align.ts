import type { Alignment, CharacterTimings } from "../protocol/alignment.ts";
import { assignPhones, pause, type PhoneSpan, type WrittenWord } from "./letters-to-phones.ts";
import type { Normalized } from "./normalize.ts";
import { voicePhone } from "./phones/arpabet.ts";
import type { PieceKind } from "./readings/reading.ts";
import type { Span } from "./rewrite.ts";

/** One sound of an utterance; silence is called `pau`. */
export interface Phone {
  readonly name: string;
  /** Where it ends, counted from the start of the utterance's audio. */
  readonly endSample: number;
}

/** What `align` needs to know about one utterance. */
export interface AlignmentInput {
  /** The text as sent, of which `normalized` was made. */
  readonly text: string;
  readonly normalized: Normalized;
  readonly phones: readonly Phone[];
  /** The length of the audio. */
  readonly totalSamples: number;
  readonly sampleRateHz: number;
}

/**
 * When each character of an utterance is heard. The original text gets one more space at its end
 * unless it has one, the normalized text one at each end: they hold the trailing silence and, in
 * the normalized text, the leading one, which in the original belongs to the first character.
 */
export function align(input: AlignmentInput): Alignment {
  const { text, normalized, phones, totalSamples, sampleRateHz } = input;
  const spoken = ` ${normalized.text} `;
  const ends = endsOfSpoken(spoken, wordsOf(normalized), phones, totalSamples);
  return {
    sampleRateHz,
    original: timeOriginal(text, normalized, ends, totalSamples),
    normalized: { chars: Array.from(spoken), endsAtSample: ends },
  };
}

/** A word as the phones are assigned to it, and where it stands in the normalized text. */
export interface TextWord extends WrittenWord {
  readonly start: number;
}

/** The words of a normalized text; of those that are given by their phones, each phone. */
export function wordsOf({ text, pieces }: Normalized): TextWord[] {
  const words: TextWord[] = [];
  let pieceStart = 0;
  for (const piece of pieces) {
    const pattern = wordPatterns[piece.kind];
    for (const match of pattern === undefined ? [] : piece.text.matchAll(pattern)) {
      const [letters] = match;
      const start = pieceStart + match.index;
      const marked = marks.includes(text.charAt(start + letters.length) || "none");
      const word = { letters, start, marked };
      words.push(piece.kind === "phones" ? { ...word, phone: voicePhone(letters) } : word);
    }
    pieceStart += piece.text.length;
  }
  return words;
}

const marks = ",.;:!?";

const wordPatterns: Readonly<Partial<Record<PieceKind, RegExp>>> = {
  words: /[A-Za-z']+/g,
  phones: /\S+/g,
};

/** [spoken.length] where each character of the spoken text, ASCII throughout, ends. */
function endsOfSpoken(
  spoken: string,
  words: readonly TextWord[],
  phones: readonly Phone[],
  totalSamples: number,
): Uint32Array {
  const ends = new Uint32Array(spoken.length);
  const phoneEnds = risingEnds(phones, totalSamples);
  const spans = assignPhones(
    words,
    phones.map((phone) => phone.name),
  );
  let filled = 0;
  let filledUntil = 0;
  const fill = (to: number, until: number): void => {
    const count = to - filled;
    const duration = Math.max(0, until - filledUntil);
    for (let i = 1; i <= count; i++) {
      ends[filled + i - 1] = filledUntil + Math.round((duration * i) / count);
    }
    if (count > 0) filledUntil += duration;
    filled = to;
  };
  words.forEach((word, index) => {
    const span = spans[index];
    if (span === undefined) return;
    const { start, end } = spanTimes(span, phoneEnds, filledUntil);
    // The spoken text begins with a space of its own.
    fill(word.start + 1, start);
    fill(word.start + 1 + word.letters.length, end);
  });
  // What is left is a final mark and the final space: the silence belongs to the space.
  fill(Math.max(filled, spoken.length - 1), filledUntil);
  fill(spoken.length, totalSamples);
  return ends;
}

function spanTimes(
  span: PhoneSpan,
  phoneEnds: Uint32Array,
  otherwise: number,
): { start: number; end: number } {
  if (span.end <= span.start) return { start: otherwise, end: otherwise };
  const start = span.start === 0 ? 0 : (phoneEnds[span.start - 1] ?? 0);
  return { start, end: phoneEnds[span.end - 1] ?? start };
}

/** The engine's last phone may end some ms beside the audio's end, and must not end after it. */
function risingEnds(phones: readonly Phone[], totalSamples: number): Uint32Array {
  const ends = new Uint32Array(phones.length);
  let latest = 0;
  phones.forEach((phone, index) => {
    latest = Math.min(totalSamples, Math.max(latest, Math.round(phone.endSample)));
    ends[index] = latest;
  });
  // Without a pause at its end, the last sound lasts as long as the audio.
  if (phones.length > 0 && phones.at(-1)?.name !== pause) ends[phones.length - 1] = totalSamples;
  return ends;
}

function timeOriginal(
  text: string,
  normalized: Normalized,
  spokenEnds: Uint32Array,
  totalSamples: number,
): CharacterTimings {
  const chars: string[] = [];
  const ends: number[] = [];
  // The spoken text begins with a space of its own.
  let spokenAt = 1;
  let latest = 0;
  let begun = false;
  const isTag = createTagTest(normalized.tags);
  for (const piece of normalized.pieces) {
    const { sourceStart, sourceEnd } = piece;
    const points = Array.from(text.slice(sourceStart, sourceEnd));
    let at = sourceStart;
    const inTag = isTag && points.map((point) => isTag((at += point.length) - point.length));
    const from = begun ? latest : (spokenEnds[0] ?? 0);
    spokenAt += piece.text.length;
    const until = piece.text === "" ? latest : (spokenEnds[spokenAt - 1] ?? totalSamples);
    const heardCount = inTag ? inTag.filter((silent) => !silent).length : points.length;
    let heard = 0;
    points.forEach((point, index) => {
      chars.push(point);
      const isSilent = piece.text === "" || inTag?.[index] === true;
      if (!isSilent) heard += 1;
      const share = (until - from) * (heard / heardCount);
      ends.push(isSilent ? (ends.at(-1) ?? 0) : from + Math.round(share));
    });
    if (piece.text !== "") begun = true;
    latest = until;
  }
  if (!text.endsWith(" ")) {
    chars.push(" ");
    ends.push(totalSamples);
  }
  const endsAtSample = Uint32Array.from(ends);
  endsAtSample[endsAtSample.length - 1] = totalSamples;
  return { chars, endsAtSample };
}

/** Tells of each place of the source, asked from left to right, whether it lies in a tag. */
function createTagTest(tags: readonly Span[]): ((at: number) => boolean) | undefined {
  if (tags.length === 0) return undefined;
  let next = 0;
  return (at) => {
    while ((tags[next]?.end ?? Infinity) <= at) next += 1;
    return at >= (tags[next]?.start ?? Infinity);
  };
}
