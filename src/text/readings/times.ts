import { cardinalWords, pairWords } from "../numbers.ts";
import { clockWords } from "./dates.ts";
import { type Reading, type Rule, say, spell } from "./reading.ts";

/** `10:30`, `23:59:01`, `5:00 pm`. */
function readTime(match: RegExpExecArray): Reading {
  const [, hours = "", minutes = "", seconds, half] = match;
  if (half !== undefined) return say(match, [...hourWords(hours, minutes), ...spell(`${half}m`)]);
  if (seconds === undefined) return say(match, clockWords(hours, minutes));
  return say(match, [...cardinalWords(hours), ...pairWords(minutes), ...pairWords(seconds)]);
}

function hourWords(hours: string, minutes: string): string[] {
  return minutes === "00" ? cardinalWords(hours) : [...cardinalWords(hours), ...pairWords(minutes)];
}

/** `5 p.m.`. */
function readHour(match: RegExpExecArray): Reading {
  const [, hour = "", half = ""] = match;
  return say(match, [...cardinalWords(hour), ...spell(`${half}m`)]);
}

/** The first hour of `10-11am`. */
function readFirstHour(match: RegExpExecArray): Reading {
  return say(match, [...cardinalWords(match[1] ?? ""), "to"]);
}

/** `2:1`: no time, but a score or a ratio. */
function readRatio(match: RegExpExecArray): Reading {
  const [, one = "", other = ""] = match;
  return say(match, [...cardinalWords(one), "to", ...cardinalWords(other)]);
}

const half = String.raw`(?: ?([AaPp])(?:\.[Mm](?:\.(?= [a-z]))?|[Mm])(?![A-Za-z]))`;

export const timeRules: readonly Rule[] = [
  [
    new RegExp(
      String.raw`(?<![\w:.])(\d?\d):([0-5]\d)(?::([0-5]\d)(?!:?\d))?(?![\d:]*\d)${half}?`,
      "y",
    ),
    readTime,
  ],
  [new RegExp(String.raw`(?<![\w.,:])(1?\d)${half}`, "y"), readHour],
  [
    /(?<![\w.,:-])(1?\d) ?[-\u2013] ?(?=1?\d(?::[0-5]\d)? ?[AaPp]\.?[Mm](?![A-Za-z]))/y,
    readFirstHour,
  ],
  // What stands between two times: "9am-5pm", "10:30-11:00".
  [
    /(?<=\d ?[AaPp]\.?[Mm]\.? ?|:\d\d ?)[-\u2013](?= ?\d?\d(?::\d\d| ?[AaPp]\.?[Mm]))/y,
    (match) => say(match, ["to"]),
  ],
  [/(?<![\w:.,])(\d{1,3}):(\d)(?![\w:]|\.\d)/y, readRatio],
];
