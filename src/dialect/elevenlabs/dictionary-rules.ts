import { z } from "zod";
import { SpeechError } from "../../protocol/problems.ts";
import type { PronunciationRule } from "../../protocol/pronunciation.ts";

/** What a dictionary may hold. A PLS file may have 256 KiB, as any file of a form. */
export const dictionaryLimits = {
  maxRules: 5000,
  maxStringChars: 200,
  maxSpokenChars: 500,
  maxNameChars: 200,
  maxDescriptionChars: 2000,
} as const;

const { maxRules, maxStringChars, maxSpokenChars } = dictionaryLimits;

/** A rule as clients send it. */
type WireRule = { readonly string_to_replace: string } & WireMatch &
  (
    | { readonly type: "alias"; readonly alias: string }
    | {
        readonly type: "phoneme";
        readonly phoneme: string;
        readonly alphabet: "ipa" | "cmu-arpabet";
      }
  );

interface WireMatch {
  readonly case_sensitive?: boolean | null | undefined;
  readonly word_boundaries?: boolean | null | undefined;
}

const textOf = (maxChars: number) =>
  z
    .string()
    .max(maxChars)
    .refine((text) => text.trim() !== "", "expected more than white space");

const matchMembers = {
  string_to_replace: textOf(maxStringChars),
  case_sensitive: z.boolean().nullish(),
  word_boundaries: z.boolean().nullish(),
};

const ruleSchema: z.ZodType<WireRule> = z.discriminatedUnion("type", [
  z.looseObject({ ...matchMembers, type: z.literal("alias"), alias: textOf(maxSpokenChars) }),
  z.looseObject({
    ...matchMembers,
    type: z.literal("phoneme"),
    phoneme: textOf(maxSpokenChars),
    alphabet: z.enum(["ipa", "cmu-arpabet"]),
  }),
]);

/** `rules` of a request. */
export const rulesSchema: z.ZodType<readonly WireRule[]> = z.array(ruleSchema).max(maxRules);

export const readRules = (wire: readonly WireRule[]): PronunciationRule[] => wire.map(readRule);

function readRule(wire: WireRule): PronunciationRule {
  const match = {
    stringToReplace: wire.string_to_replace,
    caseSensitive: wire.case_sensitive ?? true,
    wordBoundaries: wire.word_boundaries ?? true,
  };
  return wire.type === "alias"
    ? { ...match, type: "alias", alias: wire.alias }
    : { ...match, type: "phoneme", phoneme: wire.phoneme, alphabet: wire.alphabet };
}

export function formatRule(rule: PronunciationRule): unknown {
  return {
    string_to_replace: rule.stringToReplace,
    case_sensitive: rule.caseSensitive ?? true,
    word_boundaries: rule.wordBoundaries ?? true,
    ...(rule.type === "alias"
      ? { type: "alias", alias: rule.alias }
      : { type: "phoneme", phoneme: rule.phoneme, alphabet: rule.alphabet }),
  };
}

/**
 * Rules with others added: of two for one string the later one holds, in the place of the earlier.
 * @throws {SpeechError} invalid_parameter when there are too many
 */
export function addRules(
  rules: readonly PronunciationRule[],
  added: readonly PronunciationRule[],
): PronunciationRule[] {
  const byString = new Map([...rules, ...added].map((rule) => [rule.stringToReplace, rule]));
  if (byString.size > maxRules) {
    const expected = `a list with which the dictionary has at most ${maxRules}`;
    throw new SpeechError("invalid_parameter", { parameter: "rules", expected });
  }
  return [...byString.values()];
}

export function removeRules(
  rules: readonly PronunciationRule[],
  strings: readonly string[],
): PronunciationRule[] {
  const removed = new Set(strings);
  return rules.filter(({ stringToReplace }) => !removed.has(stringToReplace));
}
