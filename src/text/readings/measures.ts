import { cardinalWords, decimalWords } from "../numbers.ts";
import { type Reading, type Rule, say, sayPart } from "./reading.ts";

/** How one of a unit is called, and many. */
type Unit = readonly [one: string, many: string];

/** Their plural ends in s. An underscore stands for a space. */
const regularUnits: Readonly<Record<string, string>> = {
  kilometer: "km",
  meter: "m",
  centimeter: "cm",
  millimeter: "mm",
  nanometer: "nm",
  mile: "mi",
  yard: "yd yds",
  "square kilometer": "km²",
  "square meter": "m² sqm sq_m",
  "square centimeter": "cm²",
  "square mile": "sq_mi",
  "cubic meter": "m³",
  "cubic centimeter": "cm³",
  hectare: "ha",
  kilogram: "kg KG Kg",
  gram: "g",
  milligram: "mg",
  microgram: "mcg",
  pound: "lb lbs LB LBS",
  ounce: "oz",
  liter: "l L",
  milliliter: "ml mL",
  gallon: "gal",
  tablespoon: "tbsp",
  teaspoon: "tsp",
  kilobyte: "kB KB",
  megabyte: "MB",
  gigabyte: "GB",
  terabyte: "TB",
  watt: "W",
  kilowatt: "kW",
  megawatt: "MW",
  gigawatt: "GW",
  "kilowatt hour": "kWh",
  "megawatt hour": "MWh",
  volt: "V",
  millivolt: "mV",
  milliamp: "mA",
  "milliamp hour": "mAh",
  decibel: "dB",
  calorie: "cal",
  kilocalorie: "kcal",
  pixel: "px",
  megapixel: "MP",
  second: "sec secs",
  millisecond: "ms",
  nanosecond: "ns",
  minute: "min mins",
  hour: "h hr hrs",
  year: "yr yrs",
  week: "wk wks",
};

const irregularUnits: readonly (readonly [one: string, many: string, written: string])[] = [
  ["foot", "feet", "ft FT"],
  ["square foot", "square feet", "ft² sqft sq_ft"],
  ["cubic foot", "cubic feet", "ft³"],
  ["hertz", "hertz", "hz Hz HZ"],
  ["kilohertz", "kilohertz", "kHz KHz"],
  ["megahertz", "megahertz", "MHz"],
  ["gigahertz", "gigahertz", "GHz"],
  ["kilobit per second", "kilobits per second", "kbps"],
  ["megabit per second", "megabits per second", "Mbps"],
  ["gigabit per second", "gigabits per second", "Gbps"],
  ["mile per hour", "miles per hour", "mph"],
  ["kilometer per hour", "kilometers per hour", "kph kmh"],
  ["revolution per minute", "revolutions per minute", "rpm RPM"],
  ["beat per minute", "beats per minute", "bpm BPM"],
  ["frame per second", "frames per second", "fps FPS"],
  ["degree celsius", "degrees celsius", "°C"],
  ["degree fahrenheit", "degrees fahrenheit", "°F"],
];

const units: ReadonlyMap<string, Unit> = new Map(
  [
    ...Object.entries(regularUnits).map(([one, written]) => [one, `${one}s`, written] as const),
    ...irregularUnits,
  ].flatMap(([one, many, written]) =>
    written.split(" ").map((unit) => [unit.replace("_", " "), [one, many] as const] as const),
  ),
);

/** What an amount may be counted by, behind a slash. */
const divisors: Readonly<Record<string, string>> = {
  s: "second",
  sec: "second",
  min: "minute",
  h: "hour",
  hr: "hour",
  wk: "week",
  mo: "month",
  yr: "year",
  kg: "kilogram",
  g: "gram",
  lb: "pound",
  oz: "ounce",
  l: "liter",
  L: "liter",
  gal: "gallon",
  km: "kilometer",
  mi: "mile",
  m: "meter",
  sqft: "square foot",
};

const countedBy =
  `second minute hour day night week month quarter year person user seat student item
  unit page room word token request call share night meter mile pound gallon`.split(/\s+/);

// Flite spells a unit that stands apart ("5 km"), and says "pounds" of one; here it means the same
// with and without the space.
function readMeasure(match: RegExpExecArray): Reading {
  const [, whole = "", fraction = "", joint = "", written = ""] = match;
  const [one, many] = units.get(written) ?? [written, written];
  // "a 5-km run"
  const isOne = whole + fraction === "1" || joint === "-";
  return say(match, [...decimalWords(whole + fraction), isOne ? one : many]);
}

/** The first figure of `10-20 kg`, `5-10%`. */
function readFirstFigure(match: RegExpExecArray): Reading {
  return say(match, [...decimalWords(match[1] ?? ""), "to"]);
}

/** `/month`, of an amount. */
function readDivisor(match: RegExpExecArray): Reading {
  const [, written = ""] = match;
  return say(match, ["per", divisors[written] ?? written]);
}

/** `5'10"`. */
function readHeight(match: RegExpExecArray): Reading | undefined {
  const [whole, feet = "", inches = ""] = match;
  if (Number(inches) > 11) return undefined;
  const [foot, inch] = [feet === "1" ? "foot" : "feet", inches === "1" ? "inch" : "inches"];
  return sayPart(whole.length, [...cardinalWords(feet), foot, ...cardinalWords(inches), inch]);
}

const longestFirst = (names: Iterable<string>): string =>
  [...new Set(names)].toSorted((a, b) => b.length - a.length).join("|");

const figure = String.raw`(\d[\d,]*)(\.\d+)?`;
const unit = `(?:${longestFirst(units.keys())})`;
const divisor = longestFirst([...Object.keys(divisors), ...countedBy]);

export const measureRules: readonly Rule[] = [
  [/(?<![\w.])(\d)'(\d\d?)"/y, readHeight],
  [
    new RegExp(
      String.raw`(?<![\w.-])(\d+(?:,\d{3})*(?:\.\d+)?)%? ?[-\u2013] ?(?=\d+(?:,\d{3})*(?:\.\d+)?(?:%| ?${unit}(?![A-Za-z\d])))`,
      "y",
    ),
    readFirstFigure,
  ],
  [
    new RegExp(String.raw`(?<![A-Za-z\d])${figure}([ -]?)(${unit})(?![A-Za-z\d'])`, "y"),
    readMeasure,
  ],
  [new RegExp(String.raw`(?<=\d ?[A-Za-z°²³]{0,8})\/(${divisor})(?![A-Za-z\d])`, "y"), readDivisor],
];
