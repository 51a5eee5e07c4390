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

/** What is meant by figures, signs and abbreviations: the first that matches a place reads it. */
export const meaningRules: readonly Rule[] = [
  ...moneyRules,
  ...dateRules,
  ...timeRules,
  ...phoneRules,
  ...measureRules,
  ...figureRules,
  ...signRules,
  ...romanRules,
  ...abbreviationRules,
];

/** Everything as it is written: numbers as numbers, signs by their names. */
export const literalRules: readonly Rule[] = [
  [/ +/y, gap],
  ...plainFigureRules,
  ...wordRules,
  ...symbolRules,
];
