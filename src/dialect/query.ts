import type { Query } from "../protocol/dialect.ts";
import { SpeechError } from "../protocol/problems.ts";
import { shorten } from "./short-text.ts";

/**
 * What client libraries send when a caller left a parameter out: interpolated "nothing" of
 * Python and JavaScript. All of them count as absent.
 */
const absentValues: ReadonlySet<string> = new Set(["", "Ellipsis", "None", "null", "undefined"]);

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  "1": true,
  false: false,
  "0": false,
};

/** The first value of a parameter; undefined when it is absent or says so. */
export function textParameter(query: Query, name: string): string | undefined {
  const value = query.get(name);
  return value === null || absentValues.has(value) ? undefined : value;
}

/** @throws {SpeechError} invalid_parameter */
export function booleanParameter(query: Query, name: string, fallback: boolean): boolean {
  const value = textParameter(query, name)?.toLowerCase();
  if (value === undefined) return fallback;
  if (Object.hasOwn(booleans, value)) return booleans[value] ?? fallback;
  throw new SpeechError("invalid_parameter", { parameter: name, expected: "true or false" });
}

/**
 * A number, moved into `[min, max]` when it lies outside.
 * @throws {SpeechError} invalid_parameter
 */
export function clampedParameter(
  query: Query,
  name: string,
  range: { readonly min: number; readonly max: number; readonly fallback: number },
): number {
  const value = textParameter(query, name);
  if (value === undefined) return range.fallback;
  if (!/^[+-]?\d+(?:\.\d*)?$/.test(value)) {
    const expected = `a number from ${range.min} to ${range.max}`;
    throw new SpeechError("invalid_parameter", { parameter: name, expected });
  }
  return clamp(Number(value), range.min, range.max);
}

/** A whole number from 1 to `max`, where a larger one stands for `max`. */
export function countParameter(
  query: Query,
  name: string,
  { max, fallback }: { readonly max: number; readonly fallback: number },
): number {
  return Math.floor(clampedParameter(query, name, { min: 1, max, fallback }));
}

/** The latest moment a date can be, in ms (ECMA-262, section 21.4.1.1). */
const latestMoment = 8.64e15;

/** A moment in Unix time, undefined when absent. @throws {SpeechError} invalid_parameter */
export function momentParameter(query: Query, name: string, unit: string): number | undefined {
  const value = textParameter(query, name);
  if (value === undefined) return undefined;
  if (/^\d+(?:\.\d*)?$/.test(value) && Number(value) <= latestMoment) return Number(value);
  const expected = `a Unix time in ${unit}`;
  throw new SpeechError("invalid_parameter", { parameter: name, expected });
}

/** One of `choices`, undefined when absent. @throws {SpeechError} invalid_parameter */
export function choiceParameter<Choice extends string>(
  query: Query,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = textParameter(query, name);
  if (value === undefined) return undefined;
  const choice = choices.find((each) => each === value);
  if (choice !== undefined) return choice;
  const expected = `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
  throw new SpeechError("invalid_parameter", { parameter: name, expected });
}

export function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

/** What a URL asks for that is not in `known`. */
export const unknownParameters = (query: Query, known: ReadonlySet<string>): string[] =>
  [...new Set(query.keys())]
    .filter((name) => name !== "" && !known.has(name))
    .map(shorten)
    .slice(0, 20);
