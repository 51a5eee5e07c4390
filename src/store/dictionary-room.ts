import type { Kysely } from "kysely";
import { SpeechError } from "../protocol/problems.ts";
import type { PronunciationRule } from "../protocol/pronunciation.ts";
import type { Tables } from "./tables.ts";

/** What a version, and each of its rules, takes besides the characters. */
const ruleChars = 100;
/** The row that counts the characters of all versions. */
const counterName = "dictionary_chars";

/**
 * Takes room for a version of these rules beside all others, and gives how much it takes.
 * @throws {SpeechError} dictionaries_full when all of them would have more than `maxChars` characters
 */
export async function takeRoom(
  query: Kysely<Tables>,
  rules: readonly PronunciationRule[],
  maxChars: number,
): Promise<number> {
  const chars = ruleChars + rules.reduce((sum, rule) => sum + sizeOf(rule), 0);
  if (chars > maxChars || !(await count(query, chars, maxChars))) {
    throw new SpeechError("dictionaries_full", { limit: maxChars, ruleChars });
  }
  return chars;
}

/** Whether there was room. The first version of all has to be within the limit. */
async function count(query: Kysely<Tables>, chars: number, maxChars: number): Promise<boolean> {
  const counted = await query
    .insertInto("counters")
    .values({ name: counterName, value: chars })
    .onConflict((conflict) =>
      conflict
        .column("name")
        .doUpdateSet((row) => ({ value: row("counters.value", "+", row.ref("excluded.value")) }))
        .where((row) => row(row("counters.value", "+", row.ref("excluded.value")), "<=", maxChars)),
    )
    .returning("value")
    .executeTakeFirst();
  return counted !== undefined;
}

const sizeOf = (rule: PronunciationRule): number =>
  ruleChars +
  rule.stringToReplace.length +
  (rule.type === "alias" ? rule.alias : rule.phoneme).length;
