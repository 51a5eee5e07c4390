import { cardinalWords, decimalWords } from "../numbers.ts";
import { type Reading, type Rule, say, sayPart } from "./reading.ts";

/** One and many of the large unit, one and many of the small one. */
type Currency = readonly [one: string, many: string, cent: string, cents: string];

const dollars = (country: string): Currency => [
  `${country} dollar`,
  `${country} dollars`,
  "cent",
  "cents",
];

const euro: Currency = ["euro", "euros", "cent", "cents"];
const yen: Currency = ["yen", "yen", "sen", "sen"];
const pound: Currency = ["pound", "pounds", "penny", "pence"];
const rupee: Currency = ["rupee", "rupees", "paisa", "paise"];
const won: Currency = ["won", "won", "jeon", "jeon"];
const krone: Currency = ["krone", "kroner", "ore", "ore"];

// Flite knows dollars only and reads the bytes of every other sign; the others follow its dollars.
const bySign: Readonly<Record<string, Currency>> = {
  $: ["dollar", "dollars", "cent", "cents"],
  US$: dollars("u s"),
  C$: dollars("canadian"),
  CA$: dollars("canadian"),
  A$: dollars("australian"),
  AU$: dollars("australian"),
  NZ$: dollars("new zealand"),
  HK$: dollars("hong kong"),
  S$: dollars("singapore"),
  "£": pound,
  "€": euro,
  "¥": yen,
  "¢": ["cent", "cents", "cent", "cents"],
  "₹": rupee,
  "₩": won,
  "₽": ["ruble", "rubles", "kopeck", "kopecks"],
};

const byCode: Readonly<Record<string, Currency>> = {
  USD: dollars("u s"),
  CAD: dollars("canadian"),
  AUD: dollars("australian"),
  NZD: dollars("new zealand"),
  EUR: euro,
  GBP: pound,
  JPY: yen,
  INR: rupee,
  KRW: won,
  CHF: ["swiss franc", "swiss francs", "centime", "centimes"],
  CNY: ["yuan", "yuan", "fen", "fen"],
  SEK: ["swedish krona", "swedish kronor", "ore", "ore"],
  NOK: krone,
  DKK: krone,
  PLN: ["zloty", "zlotys", "grosz", "groszy"],
  MXN: ["mexican peso", "mexican pesos", "centavo", "centavos"],
  BRL: ["brazilian real", "brazilian reais", "centavo", "centavos"],
};

const currencies: Readonly<Record<string, Currency>> = { ...bySign, ...byCode };

const scales: Readonly<Record<string, string>> = {
  k: "thousand",
  m: "million",
  mm: "million",
  bn: "billion",
  b: "billion",
  tn: "trillion",
  t: "trillion",
};

/** `$5`, `$5.50`, `US$5m`, `EUR 20`. */
function readSignFirst(match: RegExpExecArray): Reading {
  const [, sign = "$", whole = "", fraction, word, letter] = match;
  const scale = word?.toLowerCase() ?? scales[letter?.toLowerCase() ?? ""];
  if (scale !== undefined) {
    const amount = decimalWords(whole + (fraction ?? ""));
    return say(match, [...amount, scale, moneyName(sign, "")]);
  }
  // A comma at the end belongs to the sentence.
  const comma = fraction === undefined ? /,+$/.exec(whole) : null;
  const words = moneyWords(sign, whole.replace(/,+$/, ""), fraction);
  return sayPart(match[0].length - (comma?.[0].length ?? 0), words);
}

/** `5 €`, `5,50 €`, `20 million EUR`. */
function readAmountFirst(match: RegExpExecArray): Reading {
  const [, whole = "", fraction, scale, sign = "$"] = match;
  const cents = fraction?.replace(",", ".");
  if (scale === undefined) return say(match, moneyWords(sign, whole, cents));
  return say(match, [...decimalWords(whole + (cents ?? "")), scale, moneyName(sign, "")]);
}

/** `$5-10`, `$5-$10`, `$5-10 million`. */
function readMoneyRange(match: RegExpExecArray): Reading {
  const [, sign = "$", from = "", to = "", word, letter] = match;
  const scale = word?.toLowerCase() ?? scales[letter?.toLowerCase() ?? ""];
  return say(match, [
    ...decimalWords(from),
    "to",
    ...decimalWords(to),
    ...(scale === undefined ? [] : [scale]),
    moneyName(sign, ""),
  ]);
}

function moneyWords(sign: string, whole: string, fraction: string | undefined): string[] {
  const digits = whole.replaceAll(",", "");
  if (fraction === undefined || !/^\.\d\d$/.test(fraction)) {
    return [...decimalWords(digits + (fraction ?? "")), moneyName(sign, digits + (fraction ?? ""))];
  }
  const small = String(Number(fraction.slice(1)));
  const [, , one = "", many = ""] = currencies[sign] ?? [];
  const cents = [...cardinalWords(small), small === "1" ? one : many];
  if (Number(digits) === 0 && small !== "0") return cents;
  const words = [...cardinalWords(digits), moneyName(sign, digits)];
  return small === "0" ? words : [...words, ...cents];
}

function moneyName(sign: string, amount: string): string {
  const [one = "", many = ""] = currencies[sign] ?? [];
  return amount === "1" ? one : many;
}

const sign = "((?:US|CA|C|AU|A|NZ|HK|S)?[$£€¥₹₩₽])";
const code = `(${Object.keys(byCode).join("|")})`;
const amount = String.raw`(\d[\d,]*|(?=\.\d))(\.\d+)?`;
const scale = String.raw`(?:[ -]?([Tt]housand|[Mm]illion|[Bb]illion|[Tt]rillion)\b|(k|K|m|mm|M|MM|bn|BN|[Bb]|tn|T)(?![A-Za-z\d]))?`;
const figure = String.raw`(\d+(?:,\d{3})*(?:\.\d+)?)`;

export const moneyRules: readonly Rule[] = [
  // What stands between two amounts: "$5k-$10k".
  [/(?<=[$£€]\d[\d,.]{0,12}[kKmMbB]{0,2} ?)[-\u2013](?= ?[$£€]\d)/y, (match) => say(match, ["to"])],
  [
    new RegExp(
      `(?<![A-Za-z])${sign} ?${figure} ?[-\u2013] ?\\1?${figure}(?![\\w-]*\\d)${scale}`,
      "y",
    ),
    readMoneyRange,
  ],
  [new RegExp(`(?<![A-Za-z])${sign} ?${amount}${scale}`, "y"), readSignFirst],
  [new RegExp(String.raw`(?<![A-Za-z\d])${code} ?${amount}${scale}(?!\w)`, "y"), readSignFirst],
  [
    new RegExp(
      String.raw`(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d+)([.,]\d\d|\.\d+)?(?: (thousand|million|billion|trillion))? ?([€£¥¢$₹₩₽](?! ?\d)|${code.slice(1, -1)}(?![A-Za-z\d]))`,
      "y",
    ),
    readAmountFirst,
  ],
];
