import { longDay, longMonth, monthPattern } from "./calendar.ts";
import { after, type Before, type Reading, type Rule, say, spell } from "./reading.ts";
import { readState } from "./states.ts";

/** Before a name: "Prof. Smith". */
const titles: Readonly<Record<string, string>> = {
  Prof: "professor",
  Capt: "captain",
  Gen: "general",
  Lt: "lieutenant",
  Col: "colonel",
  Sgt: "sergeant",
  Cpl: "corporal",
  Maj: "major",
  Cmdr: "commander",
  Adm: "admiral",
  Rev: "reverend",
  Hon: "honorable",
  Gov: "governor",
  Sen: "senator",
  Rep: "representative",
  Pres: "president",
  Mt: "mount",
  Ft: "fort",
};

/** Behind a name: "Main Blvd", "King Jr.". */
const behindNames: Readonly<Record<string, string>> = {
  Ave: "avenue",
  Blvd: "boulevard",
  Rd: "road",
  Ln: "lane",
  Hwy: "highway",
  Pkwy: "parkway",
  Sq: "square",
  Jr: "junior",
  Sr: "senior",
  Inc: "incorporated",
  Ltd: "limited",
  Corp: "corporation",
  Bros: "brothers",
};

/** Before a number: "No. 7". */
const beforeNumbers: Readonly<Record<string, string>> = {
  no: "number",
  nos: "numbers",
  vol: "volume",
  fig: "figure",
  ch: "chapter",
  sec: "section",
  p: "page",
  pp: "pages",
  ext: "extension",
  tel: "telephone",
  apt: "apartment",
  ste: "suite",
  est: "established",
  approx: "approximately",
  ca: "circa",
};

/** With their dots, wherever they stand. */
const dottedPhrases: Readonly<Record<string, string>> = {
  eg: "for example",
  ie: "that is",
  aka: "also known as",
};

const anywhere: Readonly<Record<string, string>> = {
  vs: "versus",
  dept: "department",
  approx: "approximately",
};

/** The dot of an abbreviation may also end the sentence, and then stays behind as a mark. */
const endsSentence = /^\.["')\]]*(?:\s*$|\s+["'(]*[A-Z])/;

function readAbbreviation(match: RegExpExecArray, before: Before): Reading | undefined {
  const [whole] = match;
  const word = whole.replace(/'$/, "");
  const next = after(match);
  const isDotted = next.startsWith(".") && whole === word;
  const spoken = (words: string, takesDot: boolean): Reading => ({
    length: whole.length + (takesDot && isDotted ? 1 : 0),
    kind: "words",
    text: words,
  });
  if (word === "Mr") return spoken("mister", true);
  if (word === "Mrs") return spoken("missus", true);
  if (/^(?:dr|st)$/i.test(word)) {
    return spoken(readDrOrSt(word, next, before), !/^\.["')\]]*(?:\s*$|\s+["'(]*$)/.test(next));
  }
  const date = readDateWord(word, next, before);
  if (date !== undefined) return spoken(date, !endsSentence.test(next));
  const state = readState(word, next, before);
  if (state !== undefined) return spoken(state, false);
  const title = Object.hasOwn(titles, word) ? titles[word] : undefined;
  if (title !== undefined && /^\. ?[A-Z]/.test(next)) return spoken(title, true);
  if (title !== undefined && /^(?:Prof|Capt|Sgt|Mt)$/.test(word) && /^ [A-Z]/.test(next)) {
    return spoken(title, false);
  }
  const place = Object.hasOwn(behindNames, word) ? behindNames[word] : undefined;
  // "5th Ave New York", but "sing Ave Maria".
  const isBehind = isDotted || !/^ [A-Z]/.test(next) ? /^[A-Z\d]/ : /^\d/;
  if (place !== undefined && isBehind.test(before.previous)) {
    return spoken(place, !endsSentence.test(next));
  }
  const lower = word.toLowerCase();
  const counted = Object.hasOwn(beforeNumbers, lower) ? beforeNumbers[lower] : undefined;
  if (counted !== undefined && isBeforeNumber(word, next)) return spoken(counted, true);
  const common = Object.hasOwn(anywhere, lower) ? anywhere[lower] : undefined;
  const isCommon = common !== undefined && (isDotted || lower === "vs");
  return isCommon ? spoken(common, !/^\.["')\]]*\s*$/.test(next)) : undefined;
}

/** A word that is one without its dot needs it. */
function isBeforeNumber(word: string, next: string): boolean {
  const hasOwnMeaning = /^(?:no|sec|p|ca|est|ch|fig)$/i.test(word);
  return (hasOwnMeaning ? /^\. ?\d/ : /^\.? ?\d/).test(next);
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

const monthNext = new RegExp(`^\\.?,? (?:${monthPattern})\\b`);

/** `Nov.` beside a number, `Mon` before a date. */
function readDateWord(word: string, next: string, before: Before): string | undefined {
  if (!/^[A-Z][a-z]{2,4}$/.test(word)) return undefined;
  const isDayBefore = /^\d{1,2}(?:st|nd|rd|th)?$/.test(before.previous) && !before.marked;
  const month = longMonth(word);
  if (month !== undefined && month !== word.toLowerCase() && (isDayBefore || /^\.? ?\d/.test(next)))
    return month;
  const day = longDay(word);
  const isDay = monthNext.test(next) || /^(?:\. [a-z\d]|, \d)/.test(next);
  return isDay ? day : undefined;
}

export const abbreviationRules: readonly Rule[] = [
  [
    /(?<![A-Za-z.])(?:(e)\.(g)|(i)\.(e)|(a)\.(k)\.(a))(?![A-Za-z])(?:\.(?!$| [A-Z]))?/y,
    (match) => {
      const letters = match.slice(1).join("");
      return say(match, [dottedPhrases[letters] ?? spell(letters).join(" ")]);
    },
  ],
  [/(?<![A-Za-z])w\/o(?![A-Za-z])/y, (match) => say(match, ["without"])],
  [/(?<![A-Za-z])w\/(?=[ A-Za-z])/y, (match) => say(match, ["with"])],
  [/(?<![A-Za-z])[Nn]\/[Aa](?![A-Za-z])/y, (match) => say(match, ["not", "applicable"])],
  [/(?<![A-Za-z\d])(?:AD|BCE|BC|CE)(?![A-Za-z\d])/y, readEra],
  [/[A-Za-z]+(?:'[A-Za-z]+)*'?/y, readAbbreviation],
];

/** `44 BC`, `AD 79`: elsewhere they are words or other letters. */
function readEra(match: RegExpExecArray, before: Before): Reading | undefined {
  const isBesideYear = /^\d{1,4}$/.test(before.previous) || /^ \d{1,4}\b/.test(after(match));
  return isBesideYear && !before.marked ? say(match, spell(match[0])) : undefined;
}
