const units: readonly string[] = [
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen",
  "fifteen sixteen seventeen eighteen nineteen",
].flatMap((line) => line.split(" "));

const tens: readonly string[] =
  "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

const irregularOrdinals: Readonly<Record<string, string>> = {
  one: "first",
  two: "second",
  three: "third",
  five: "fifth",
  eight: "eighth",
  nine: "ninth",
  twelve: "twelfth",
  // The voice spells "thousandth" (though not "thousandths") letter by letter.
  thousand: "thousanth",
};

/** Each digit by itself: `"007"` is zero zero seven. What is not a digit is left out. */
export function digitWords(digits: string): string[] {
  return Array.from(digits.replace(/\D/g, ""), (digit) => units[Number(digit)] ?? "");
}

/** A whole number of digits only, read American style, without "and"; over 12 digits, by digit. */
export function cardinalWords(digits: string): string[] {
  const significant = digits.replace(/^0+(?=\d)/, "");
  if (significant.length > 12) return digitWords(digits);
  const value = Number(significant);
  return value === 0 ? ["zero"] : largeWords(value);
}

function largeWords(value: number): string[] {
  const words: string[] = [];
  let rest = value;
  for (const [size, name] of [
    [1e9, "billion"],
    [1e6, "million"],
    [1e3, "thousand"],
    [100, "hundred"],
  ] as const) {
    if (rest < size) continue;
    words.push(...largeWords(Math.floor(rest / size)), name);
    rest %= size;
  }
  if (rest >= 20) {
    words.push(tens[Math.floor(rest / 10)] ?? "");
    rest %= 10;
  }
  if (rest > 0) words.push(units[rest] ?? "");
  return words;
}

/** A rank: `"21"` is twenty first. */
export function ordinalWords(digits: string): string[] {
  const words = cardinalWords(digits);
  const last = words.pop() ?? "zero";
  return [...words, irregularOrdinals[last] ?? last.replace(/y$/, "ie") + "th"];
}

/** By pairs, as years and house numbers are read: `"1881"` is eighteen eighty one. */
export function pairWords(digits: string): string[] {
  if (digits.length < 3) {
    if (digits === "00") return ["zero", "zero"];
    return digits.length === 2 && digits.startsWith("0")
      ? ["oh", ...digitWords(digits.slice(1))]
      : cardinalWords(digits);
  }
  if (/^\d00(?:\d)?$/.test(digits)) return cardinalWords(digits);
  if (/^\d\d00$/.test(digits)) return [...cardinalWords(digits.slice(0, 2)), "hundred"];
  const headLength = digits.length % 2 === 1 ? 1 : 2;
  return [...cardinalWords(digits.slice(0, headLength)), ...pairWords(digits.slice(headLength))];
}

/** A whole or decimal number, thousands separators allowed: `"1,000.50"`. */
export function decimalWords(number: string): string[] {
  const [whole = "", fraction] = number.replaceAll(",", "").split(".");
  const head = whole === "" ? [] : cardinalWords(whole);
  return fraction === undefined ? head : [...head, "point", ...digitWords(fraction)];
}

/** The last word in the plural: `["eighteen", "eighty"]` is eighteen eighties. */
export function pluralWords(words: readonly string[]): string[] {
  const last = words.at(-1) ?? "";
  const plural = last.endsWith("x") ? `${last}es` : `${last.replace(/y$/, "ie")}s`;
  return [...words.slice(0, -1), plural];
}

/** The value of a Roman numeral written with I, V, X, L and C. */
export function romanValue(numeral: string): number {
  const values: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10, L: 50, C: 100 };
  let total = 0;
  for (let i = 0; i < numeral.length; i++) {
    const value = values[numeral.charAt(i)] ?? 0;
    total += value < (values[numeral.charAt(i + 1)] ?? 0) ? -value : value;
  }
  return total;
}
