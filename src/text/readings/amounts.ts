import { cardinalWords, decimalWords } from "../numbers.ts";
import { type Reading, say } from "./reading.ts";

const currencies: Readonly<Record<string, readonly [string, string, string, string]>> = {
  $: ["dollar", "dollars", "cent", "cents"],
  "£": ["pound", "pounds", "penny", "pence"],
  "€": ["euro", "euros", "cent", "cents"],
  "¥": ["yen", "yen", "sen", "sen"],
  "¢": ["cent", "cents", "cent", "cents"],
};

const scales: Readonly<Record<string, string>> = { k: "thousand", m: "million", bn: "billion" };

// Flite knows dollars only and reads the bytes of every other sign; the others follow its dollars.
export function readMoneyAfterSign(match: RegExpExecArray): Reading {
  const [, sign = "$", whole = "", fraction, word, letter] = match;
  const scale = word ?? scales[letter?.toLowerCase() ?? ""];
  if (scale !== undefined) {
    const amount = decimalWords(whole + (fraction ?? ""));
    return say(match, [...amount, scale, moneyName(sign, "")]);
  }
  // A comma at the end belongs to the sentence.
  const comma = fraction === undefined ? /,+$/.exec(whole) : null;
  const length = match[0].length - (comma?.[0].length ?? 0);
  return { ...say(match, moneyWords(sign, whole.replace(/,+$/, ""), fraction)), length };
}

/** `5 €`. */
export function readMoneyBeforeSign(match: RegExpExecArray): Reading {
  const [, whole = "", fraction, sign = "$"] = match;
  return say(match, moneyWords(sign, whole, fraction));
}

function moneyWords(sign: string, whole: string, fraction: string | undefined): string[] {
  const digits = whole.replaceAll(",", "");
  if (fraction === undefined || !/^\.\d\d$/.test(fraction)) {
    return [...decimalWords(digits + (fraction ?? "")), moneyName(sign, digits + (fraction ?? ""))];
  }
  const words = [...cardinalWords(digits), moneyName(sign, digits)];
  const small = String(Number(fraction.slice(1)));
  if (small === "0") return words;
  const [, , one = "", many = ""] = currencies[sign] ?? [];
  return [...words, ...cardinalWords(small), small === "1" ? one : many];
}

function moneyName(sign: string, amount: string): string {
  const [one = "", many = ""] = currencies[sign] ?? [];
  return amount === "1" ? one : many;
}

// Flite spells a unit that stands apart ("5 km"); here it means the same with and without the space.
export function readMeasure(match: RegExpExecArray): Reading {
  const [, whole = "", fraction, unit = ""] = match;
  const name = measures[unit.toLowerCase()] ?? unit;
  return say(match, [...decimalWords(whole + (fraction ?? "")), name]);
}

const measures: Readonly<Record<string, string>> = {
  lb: "pounds",
  lbs: "pounds",
  ft: "feet",
  kg: "kilograms",
  km: "kilometers",
  cm: "centimeters",
  mm: "millimeters",
  ml: "milliliters",
  oz: "ounces",
  hz: "hertz",
  khz: "kilohertz",
  mhz: "megahertz",
  ghz: "gigahertz",
  kb: "kilobytes",
  mb: "megabytes",
  gb: "gigabytes",
  tb: "terabytes",
};
