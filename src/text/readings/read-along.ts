import { addressEnd, addressRules } from "./addresses.ts";
import { isMonth } from "./calendar.ts";
import type { Before, Reading } from "./reading.ts";
import type { RuleSet } from "./rules.ts";

/** How a text is read. */
export interface Manner {
  readonly rules: RuleSet;
  /** Whether web and mail addresses are read in a way of their own. */
  readonly readsAddresses: boolean;
}

/** One reading, and where it stands. */
export interface PlacedReading extends Reading {
  readonly start: number;
  readonly end: number;
  readonly isInAddress: boolean;
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
    const isInAddress = start < addressUntil;
    const rules = isInAddress ? addressRules : manner.rules;
    const reading = read(rules, text, start, before);
    const end = start + reading.length;
    yield { ...reading, start, end, isInAddress };
    remember(before, reading, text.slice(start, end));
    start = end;
  }
}

function read(rules: RuleSet, text: string, position: number, before: Before): Reading {
  const isLetter = /[A-Za-z]/.test(text.charAt(position));
  for (const [pattern, reader] of isLetter ? rules.atLetters : rules.elsewhere) {
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
