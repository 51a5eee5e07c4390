import { addressEnd, addressRules } from "./addresses.ts";
import { isMonth } from "./calendar.ts";
import type { Before, Reading, Rule } from "./reading.ts";

/** How a text is read. */
export interface Manner {
  /** Tried in this order at every position. */
  readonly rules: readonly Rule[];
  /** Whether web and mail addresses are read in a way of their own. */
  readonly readsAddresses: boolean;
}

/** One reading, and where it stands. */
export interface PlacedReading extends Reading {
  readonly start: number;
  readonly end: number;
}

const nothing: Reading = { length: 1, kind: "gap", text: "" };

/** Reads a folded text from its beginning to its end; what no rule knows is a gap. */
export function* readAlong(text: string, manner: Manner, before: Before): Generator<PlacedReading> {
  let addressUntil = 0;
  let start = 0;
  while (start < text.length) {
    if (manner.readsAddresses && start >= addressUntil) {
      addressUntil = addressEnd(text, start) ?? addressUntil;
    }
    const rules = start < addressUntil ? addressRules : manner.rules;
    const reading = read(rules, text, start, before);
    const end = start + reading.length;
    yield { ...reading, start, end };
    remember(before, reading, text.slice(start, end));
    start = end;
  }
}

function read(rules: readonly Rule[], text: string, position: number, before: Before): Reading {
  for (const [pattern, reader] of rules) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    const reading = match === null ? undefined : reader(match, before);
    if (reading !== undefined) return reading;
  }
  return nothing;
}

function remember(before: Before, reading: Reading, source: string): void {
  if (reading.kind === "mark") before.marked = true;
  if (reading.kind !== "words" && reading.kind !== "phones") return;
  const written = source.replace(/\.$/, "");
  before.day = isMonth(before.previous) && /^\d{1,2}(?:st|nd|rd|th)?$/.test(written);
  before.beforePrevious = before.previous;
  before.previous = written;
  before.marked = false;
}
