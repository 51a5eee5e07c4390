import { abbreviationRules } from "./abbreviations.ts";
import { dateRules } from "./dates.ts";
import { figureRules, plainFigureRules } from "./figures.ts";
import { measureRules } from "./measures.ts";
import { moneyRules } from "./money.ts";
import { phoneRules } from "./phone-numbers.ts";
import { gap, type Rule } from "./reading.ts";
import { romanRules } from "./roman.ts";
import { signRules, symbolRules } from "./symbols.ts";
import { timeRules } from "./times.ts";
import { wordRules } from "./words.ts";

/** The first of them that matches a place reads it. */
export interface RuleSet {
  /** For places where a letter stands: most of a text, and few rules begin with one. */
  readonly atLetters: readonly Rule[];
  readonly elsewhere: readonly Rule[];
}

/** What is meant by figures, signs and abbreviations. */
export const meanings: RuleSet = {
  atLetters: [...moneyRules, ...dateRules, ...romanRules, ...abbreviationRules],
  elsewhere: [
    [/ +/y, gap],
    ...moneyRules,
    ...dateRules,
    ...timeRules,
    ...phoneRules,
    ...measureRules,
    ...figureRules,
    ...signRules,
    ...romanRules,
  ],
};

/** Everything as it is written: words, numbers as numbers, signs by their names. */
export const literals: RuleSet = {
  atLetters: wordRules,
  elsewhere: [[/ +/y, gap], ...plainFigureRules, ...symbolRules],
};

/** What one set does not read, the next one does. */
export const inTurn = (...sets: readonly RuleSet[]): RuleSet => ({
  atLetters: sets.flatMap(({ atLetters }) => atLetters),
  elsewhere: sets.flatMap(({ elsewhere }) => elsewhere),
});
