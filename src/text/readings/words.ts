import { cardinalWords, ordinalWords, romanValue } from "../numbers.ts";
import { isInDictionaryOnly, isSayable } from "../sayable.ts";
import { readAcronym } from "./acronyms.ts";
import { after, type Before, type Reading, say, spell } from "./reading.ts";
import { isStateLike, readState } from "./states.ts";

/** `J.` before a name: the letter. */
export function readInitial(match: RegExpExecArray, before: Before): Reading | undefined {
  const letter = match[0].charAt(0);
  // "Henry V. Then ...": a number after all, and the end of a sentence.
  if (romanNumeral.test(letter) && readRoman(letter, before).length > 1) return undefined;
  return say(match, spell(letter));
}

/** `U.S.A.`: letter by letter. */
export function readDotted(match: RegExpExecArray): Reading {
  return say(match, spell(match[0].replaceAll(".", "")));
}

/** Titles and the like, whose dot does not end a sentence. */
const dotted: ReadonlySet<string> = new Set(
  `prof capt gen lt col sgt rev hon gov sen rep pres maj no vs fig vol jan feb mar apr jun jul aug
   sep sept oct nov dec approx dept est messrs mme mlle jr`.split(/\s+/),
);

const romanNumeral = /^(?:II?I?|IV|VI{0,3}|IX|X[VIX]*)$/;

const rulers: ReadonlySet<string> = new Set(
  `louis henry charles philip george edward pius william richard ptolemy john paul peter nicholas
   frederick james alfonso ivan leo gregory catherine alexandria pierre elizabeth mary`.split(
    /\s+/,
  ),
);

const ranks: ReadonlySet<string> = new Set(
  `king queen pope duke tsar emperor shah duchess tsarina empress baron baroness sultan count
   countess`.split(/\s+/),
);

const sections: ReadonlySet<string> = new Set(
  `section chapter part phrase verse scene act book volume chap war apollo trek`.split(/\s+/),
);

/** A word of letters and apostrophes, with the dot of an abbreviation. */
export function readWord(match: RegExpExecArray, before: Before): Reading {
  const [whole] = match;
  const word = whole.replace(/'$/, "");
  const next = after(match);
  const spoken = (words: string, dots = false): Reading => ({
    length: dots && next.startsWith(".") && whole === word ? whole.length + 1 : whole.length,
    kind: "words",
    text: words,
  });
  if (word === "Mr") return spoken("mister", true);
  if (word === "Mrs") return spoken("missus", true);
  if (/^(?:dr|st)$/i.test(word)) {
    return spoken(readDrOrSt(word, next, before), !/^\.["')\]]*(?:\s*$|\s+["'(]*$)/.test(next));
  }
  if (word.toLowerCase() === "a") return spoken(readLetterA(match, next));
  if (romanNumeral.test(word)) return spoken(readRoman(word, before));
  const state = readState(word, next, before);
  if (state !== undefined) return spoken(state);
  return spoken(readPlainWord(word, before), dotted.has(word.toLowerCase()) && /^\. \S/.test(next));
}

// "St. Andrew's St.", "Dr. King Dr.": a name before and none after makes it the road.
function readDrOrSt(word: string, next: string, before: Before): string {
  const [road, title] = /^s/i.test(word) ? ["street", "saint"] : ["drive", "doctor"];
  const [, nextWord = ""] = /^\.?\s+["'(]*([A-Za-z\d]+)/.exec(next) ?? [];
  if (nextWord === "" || next.replace(/^\./, "").startsWith(",")) {
    return before.previous === "" ? title : road;
  }
  return /^[A-Z\d]/.test(before.previous) && !before.marked && /^[a-z]/.test(nextWord)
    ? road
    : title;
}

// Alone it is the article; as part of a longer name, the letter. Before a mark Flite itself says
// the letter.
function readLetterA(match: RegExpExecArray, next: string): string {
  const joinedBefore = /[\w&@/.'-]/.test(match.input.charAt(match.index - 1));
  const joinedAfter = /^[\d&@/'-]/.test(next);
  // Flite reads "A Scandal" as the letter because of the capital that follows; lower case avoids it.
  return joinedBefore || joinedAfter ? "ay" : /^ ["']?[A-Z]/.test(next) ? "a" : match[0].charAt(0);
}

function readRoman(word: string, before: Before): string {
  const previous = before.previous.toLowerCase();
  const value = String(romanValue(word));
  // "John and I", "the part I liked": the pronoun, where Flite would count.
  const counts = !before.marked && (word !== "I" || /^[A-Z]/.test(before.previous));
  if (counts && (rulers.has(previous) || ranks.has(before.beforePrevious.toLowerCase()))) {
    return ["the", ...ordinalWords(value)].join(" ");
  }
  if (counts && sections.has(previous)) return cardinalWords(value).join(" ");
  if (word === "I") return sections.has(previous) || rulers.has(previous) ? "i" : "I";
  return spell(word).join(" ");
}

/** Sounds that people and language models write without a vowel; Flite would spell them out. */
const interjections: ReadonlyMap<string, string> = new Map([
  ["hm", "hum"],
  ["hmm", "hum"],
  ["hmmm", "hum"],
  ["mm", "um"],
  ["mmm", "um"],
  ["brr", "burr"],
  ["brrr", "burr"],
  ["grr", "gur"],
  ["psst", "pist"],
  ["pst", "pist"],
  ["shh", "shush"],
  ["shhh", "shush"],
  ["tsk", "tisk"],
  ["zzz", "zuz"],
]);

function readPlainWord(word: string, before: Before): string {
  const acronym = readAcronym(word);
  if (acronym !== undefined) return acronym;
  const [, stem = "", clitic = ""] = /^(.+?)('(?:s|ll|ve|d))?$/i.exec(word) ?? [];
  const joined = stem.replaceAll("'", "");
  const interjection = interjections.get(joined.toLowerCase());
  if (interjection !== undefined) return interjection + clitic.toLowerCase();
  if (!isSayable(joined)) {
    if (/n't$/i.test(stem)) {
      const verb = stem.slice(0, -3);
      // Only these three are in the voice's dictionary; it would spell out the likes of "mightn't".
      return /^(?:could|would|should)$/i.test(verb)
        ? (stem + clitic).toLowerCase()
        : `${readPlainWord(verb, before)} not${clitic.toLowerCase()}`;
    }
    return spell(joined).join(" ") + clitic.toLowerCase();
  }
  // With a capital, or in capitals, a word that only the dictionary knows would be spelled.
  const lower =
    isInDictionaryOnly(joined) ||
    isStateLike(stem, before) ||
    (joined.length > 1 && joined === joined.toUpperCase());
  return lower || !/^[A-Z]?[a-z']*$/.test(word) ? word.toLowerCase() : word;
}
