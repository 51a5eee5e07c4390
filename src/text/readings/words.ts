import { isInDictionaryOnly, isSayable } from "../sayable.ts";
import { readAcronym } from "./acronyms.ts";
import { after, type Before, type Reading, type Rule, say, spell } from "./reading.ts";
import { isStateLike } from "./states.ts";

/** Abbreviations that stay as they are, and whose dot does not end a sentence. */
const dotted: ReadonlySet<string> = new Set(
  `prof capt gen lt col sgt rev hon gov sen rep pres maj vs fig vol jan feb apr jun jul aug sep
   sept oct nov dec approx dept messrs mme mlle jr`.split(/\s+/),
);

/** What Flite would count by. */
const romanNumeral = /^(?:II?I?|IV|VI{0,3}|IX|X[VIX]*)$/;

/** After these Flite would count even by "I". */
const counting: ReadonlySet<string> = new Set(
  `louis henry charles philip george edward pius william richard ptolemy john paul peter nicholas
   frederick james alfonso ivan leo gregory catherine alexandria pierre elizabeth mary section
   chapter part phrase verse scene act book volume chap war apollo trek`.split(/\s+/),
);

/** A word of letters and apostrophes, with the dot of an abbreviation. */
function readWord(match: RegExpExecArray, before: Before): Reading {
  const [whole] = match;
  const word = whole.replace(/'$/, "");
  const next = after(match);
  const spoken = (words: string, dots = false): Reading => ({
    length: dots && next.startsWith(".") && whole === word ? whole.length + 1 : whole.length,
    kind: "words",
    text: words,
  });
  if (word.toLowerCase() === "a") return spoken(readLetterA(match, next));
  if (word === "I") return spoken(counting.has(before.previous.toLowerCase()) ? "i" : "I");
  // Flite would take these for a title or a road.
  if (/^(?:dr|st)$/i.test(word)) return spoken(spell(word).join(" "));
  if (romanNumeral.test(word)) return spoken(spell(word).join(" "));
  return spoken(readPlainWord(word, before), dotted.has(word.toLowerCase()) && /^\. \S/.test(next));
}

// Alone it is the article; as part of a longer name, the letter. Before a mark Flite itself says
// the letter.
function readLetterA(match: RegExpExecArray, next: string): string {
  const joinedBefore = /[\w&@/.'-]/.test(match.input.charAt(match.index - 1));
  const joinedAfter = /^[\d&@/'+-]/.test(next);
  // Flite reads "A Scandal" as the letter because of the capital that follows; lower case avoids it.
  return joinedBefore || joinedAfter ? "ay" : /^ ["']?[A-Z]/.test(next) ? "a" : match[0].charAt(0);
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

export const wordRules: readonly Rule[] = [
  [/(?<![A-Za-z])(?:Ph|ph)\.D\b\.?(?= [a-z]|$)?/y, (match) => say(match, ["p", "h", "d"])],
  // `U.S.A.`; the last dot stays behind when it may also end the sentence.
  [
    /(?<![A-Za-z.])(?:[A-Za-z]\.)+[A-Za-z](?![A-Za-z])(?:\.(?= [a-z]|[,;:]))?/y,
    (match) => say(match, spell(match[0].replaceAll(".", ""))),
  ],
  // `J.` before a name.
  [/(?<![A-Za-z.'])[A-Z]\.(?= [A-Z])/y, (match) => say(match, spell(match[0].charAt(0)))],
  [/[A-Za-z]+(?:'[A-Za-z]+)*'?/y, readWord],
];
