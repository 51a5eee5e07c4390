import { cardinalWords, ordinalWords, romanValue } from "../numbers.ts";
import { after, type Before, type Reading, type Rule, say, sayPart } from "./reading.ts";

/** Up to 399, and no word: "MIX" has a letter too many, "CIVIL" the wrong order. */
const numeral = /^(?=[IVXLC])C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})$/;

const rulers: ReadonlySet<string> = new Set(
  `louis henry charles philip george edward pius william richard ptolemy john paul peter nicholas
   frederick james alfonso ivan leo gregory catherine alexandria pierre elizabeth mary napoleon
   benedict alexander harald carl gustav christian haakon ramses ramesses xerxes darius wilhelm
   friedrich otto ferdinand umberto emmanuel clement urban innocent francis margrethe`.split(/\s+/),
);

const ranks: ReadonlySet<string> = new Set(
  `king queen pope duke tsar emperor shah duchess tsarina empress baron baroness sultan count
   countess`.split(/\s+/),
);

const sections: ReadonlySet<string> = new Set(
  `section chapter part phrase verse scene act book volume vol chap war apollo trek bowl article
   title appendix figure table type phase stage level class grade tier psalm episode season
   schedule mark`.split(/\s+/),
);

/** `XIV`: after a ruler, a section or any other name. */
function readRoman(match: RegExpExecArray, before: Before): Reading | undefined {
  const [word] = match;
  if (!numeral.test(word)) return undefined;
  const previous = before.previous.toLowerCase();
  const value = String(romanValue(word));
  // "John and I", "the part I liked": the pronoun, where Flite would count.
  const counts = !before.marked && (word !== "I" || /^[A-Z]/.test(before.previous));
  if (!counts) return undefined;
  if (rulers.has(previous) || ranks.has(before.beforePrevious.toLowerCase())) {
    return say(match, ["the", ...ordinalWords(value)]);
  }
  // "Rocky II", but neither "Malcolm X" nor "Start IV fluids".
  const isName = /^(?!(?:The|This|That|And|With|For)$)[A-Z][a-z]{2,}$/.test(before.previous);
  const isAfterName = isName && /^(?!IV$)[IVX]{2,}$/.test(word);
  return sections.has(previous) || isAfterName ? say(match, cardinalWords(value)) : undefined;
}

/** `ii.` or `(ii)`, where an item of a list begins. */
function readItem(match: RegExpExecArray, before: Before): Reading | undefined {
  const [whole, letters = ""] = match;
  if (before.previous !== "" && !before.marked) return undefined;
  // The mark behind it stays a mark.
  return numeral.test(letters.toUpperCase()) && / ?\S/.test(after(match))
    ? sayPart(whole.length, cardinalWords(String(romanValue(letters.toUpperCase()))))
    : undefined;
}

export const romanRules: readonly Rule[] = [
  [/(?<![A-Za-z\d'.-])\(?([ivx]{1,5})\)(?= )/y, readItem],
  [/(?<![A-Za-z\d'.-])([ivx]{1,5})(?=[.)] )/y, readItem],
  [/(?<![A-Za-z\d'.-])(II|III|IV|VI{1,3}|IX)(?=[.)] )/y, readItem],
  [/(?<![A-Za-z\d'.-])[IVXLC]+(?![A-Za-z'])/y, readRoman],
];
