/** A word of an utterance as it is written, and whether a mark such as a comma stands after it. */
export interface WrittenWord {
  /** ASCII letters and apostrophes. */
  readonly letters: string;
  readonly marked: boolean;
  /** The one phone that the word is, if that is known and the letters only name it. */
  readonly phone?: string;
}

/** The phones of one word: indexes into the utterance's phones, `end` exclusive. */
export interface PhoneSpan {
  readonly start: number;
  readonly end: number;
}

/** The name Flite gives to silence. */
export const pause = "pau";

/**
 * Which phones belong to which word, by the cheapest way to read the letters as these phones.
 * Every input has an answer; a word without phones of its own gets an empty span. Pauses lie
 * between spans, unless the letters leave no other choice.
 */
export function assignPhones(
  words: readonly WrittenWord[],
  phones: readonly string[],
): PhoneSpan[] {
  const sounds = phones.filter((phone) => phone !== pause);
  const pauseBefore = new Uint8Array(sounds.length + 1);
  const indexOf = new Uint32Array(sounds.length);
  let count = 0;
  phones.forEach((phone, index) => {
    if (phone === pause) pauseBefore[count] = 1;
    else indexOf[count++] = index;
  });
  const ends = splitSounds(words, sounds, pauseBefore);
  let start = 0;
  let at = 0;
  return words.map((_, word) => {
    const end = ends[word] ?? start;
    const span =
      end > start
        ? { start: indexOf[start] ?? 0, end: (indexOf[end - 1] ?? 0) + 1 }
        : { start: at, end: at };
    start = end;
    at = span.end;
    return span;
  });
}

/** A way for some letters to sound, and how far from usual it is. */
interface Sound {
  readonly phones: readonly number[];
  readonly cost: number;
}

const phoneNames =
  "aa ae ah ao aw ax axr ay b ch d dh dx eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y z zh".split(
    " ",
  );
const phoneNumber: ReadonlyMap<string, number> = new Map(
  phoneNames.map((name, index) => [name, index]),
);
const unknownPhone = phoneNames.length;
const isVowelPhone = phoneNames.map((name) => /^[aeiou]/.test(name));

const strange = 3;
const blockedCost = 30;

/**
 * How groups of letters sound, the usual ways, then `|` and rarer ones. `-` is silence, `+`
 * joins phones, `e$` is an E that ends a word of some length. Written for Flite, whose phones are those of the CMU dictionary with `ax` added.
 */
const sounding: Readonly<Record<string, string>> = {
  a: "ae ey ax aa | ah eh ao ih | - iy",
  ai: "ey | eh ae ih ax | ay+ih",
  al: "ax+l ao+l | ao ae",
  ar: "aa+r er | eh+r ax+r ao+r",
  are: "eh+r aa+r",
  au: "ao | aa ow aw",
  augh: "ao | ae+f",
  aw: "ao | ax+w",
  ay: "ey | eh iy ay",
  b: "b | -",
  bb: "b",
  c: "k s | sh ch -",
  cc: "k | k+s ch",
  ch: "ch k | sh | -",
  ci: "sh | s+iy",
  ck: "k",
  d: "d | t jh - | dx",
  dd: "d",
  dg: "jh",
  du: "jh+uw | jh+ax",
  e: "eh iy ih ax - | ey er ah | aa",
  ea: "iy eh | ey iy+ax ih aa",
  ear: "er | iy+r eh+r aa+r",
  eau: "ow | y+uw",
  ed: "d t | ax+d ih+d",
  ee: "iy | ih",
  ei: "iy ey | ay eh ax",
  e$: "- | ax iy ey",
  eigh: "ey | ay",
  eo: "iy+ax iy+ow | iy eh ax",
  er: "er | eh+r ih+r iy+r",
  es: "z s | ax+z ih+z",
  eu: "y+uw uw | y+uh",
  eve: "eh+v iy+v",
  ew: "uw y+uw | ow",
  ey: "iy ey",
  f: "f | v -",
  ff: "f",
  g: "g jh | - zh",
  gg: "g | g+jh",
  gh: "- | f g",
  gn: "n | g+n",
  gu: "g | g+w",
  h: "hh | -",
  i: "ih ay iy ax | y - aa",
  ia: "iy+ax ax | y+ax ay+ax iy+ey",
  ie: "iy ay | eh ih iy+ax ay+ax",
  ier: "iy+er ih+r | iy+r y+er",
  igh: "ay",
  io: "ax iy+ow | ay+ax iy+aa iy+ax",
  ion: "ax+n | y+ax+n iy+ax+n",
  ir: "er | ih+r iy+r ay+er",
  ire: "ay+er | ay+r",
  j: "jh | y hh zh",
  k: "k | -",
  kn: "n | k+n",
  l: "l | - ax+l",
  le: "ax+l | l",
  ll: "l | ax+l y",
  m: "m | ax+m -",
  mb: "m | m+b",
  mm: "m",
  mn: "m | m+n",
  n: "n ng | - ax+n",
  ng: "ng | ng+g n+jh",
  nn: "n",
  o: "ow aa ao ax ah | uw uh w+ah - aw | ih",
  oa: "ow | ao ow+ax",
  oe: "ow | uw iy ow+ax",
  oi: "oy | w+aa",
  one: "w+ah+n | ow+n aa+n",
  oo: "uw uh | ah ao",
  or: "ao+r er | aa+r ax+r ow+r",
  ore: "ao+r",
  ou: "aw ah uw ax | ao ow uh",
  ough: "ao ow | ah+f ao+f uw aw",
  our: "er ao+r aw+er | uh+r aw+r",
  ow: "ow aw | aa",
  ower: "aw+er | ow+er",
  oy: "oy",
  p: "p | -",
  ph: "f | p p+hh",
  pp: "p",
  ps: "s | p+s",
  q: "k",
  qu: "k+w | k",
  r: "r er | -",
  re: "er r | r+iy r+ax",
  rh: "r",
  rr: "r | er",
  s: "s z | sh zh -",
  sc: "s s+k | sh",
  sch: "s+k sh",
  sh: "sh | s+hh",
  si: "zh sh | s+ih z+ih",
  sm: "z+ax+m s+m",
  ss: "s | sh z",
  st: "s+t s",
  sw: "s+w | s",
  t: "t | ch sh d dx -",
  tch: "ch",
  th: "th dh | t",
  ti: "sh | ch sh+iy",
  tt: "t | dx",
  tu: "ch+uw ch+ax | t+uw",
  ture: "ch+er",
  u: "ah uw y+uw ax uh | ih w y+ax y+uh - | eh",
  ue: "uw y+uw | -",
  ui: "uw ih | w+iy w+ih ay",
  ur: "er | uh+r y+uh+r",
  ure: "er y+er | uh+r y+uh+r",
  uy: "ay",
  v: "v | f",
  w: "w | - v",
  wh: "w | hh",
  who: "hh+uw",
  wr: "r",
  x: "k+s | g+z z | k+sh",
  xi: "k+sh",
  y: "iy ay y | ih ax | - y+uw",
  z: "z | t+s s zh",
  zz: "z | t+s",
};

/** How letters are called, for words that are spelled out. */
const letterNames: Readonly<Record<string, string>> = {
  a: "ey",
  b: "b+iy",
  c: "s+iy",
  d: "d+iy",
  e: "iy",
  f: "eh+f",
  g: "jh+iy",
  h: "ey+ch",
  i: "ay",
  j: "jh+ey",
  k: "k+ey",
  l: "eh+l",
  m: "eh+m",
  n: "eh+n",
  o: "ow",
  p: "p+iy",
  q: "k+y+uw",
  r: "aa+r",
  s: "eh+s",
  t: "t+iy",
  u: "y+uw",
  v: "v+iy",
  w: "d+ah+b+ax+l+y+uw",
  x: "eh+k+s",
  y: "w+ay",
  z: "z+iy",
};

/** What a group of letters may sound like, laid out for the inner loop. */
interface Chunk {
  readonly length: number;
  readonly silentCost: number;
  /** [phones] the cost of each single phone. */
  readonly singleCosts: Float32Array;
  /** Two phones and more. */
  readonly longer: readonly Sound[];
}

const rarityCosts: readonly number[] = [0, 0.8, 1.6];
const nameCost = 2;
const maxChunkLetters = 4;

const nameChunks: ReadonlyMap<string, Chunk> = new Map(
  Object.entries(letterNames).map(([letter, name]) => [letter, createChunk(letter, name)]),
);

const chunks: ReadonlyMap<string, Chunk> = new Map(
  Object.entries(sounding).map(([letters, sounds]) => [letters, createChunk(letters, sounds)]),
);

function createChunk(letters: string, sounds: string): Chunk {
  const single = /^.\$?$/.test(letters);
  const vowel = /[aeiouy]/.test(letters);
  const singleCosts = new Float32Array(phoneNames.length + 1).fill(Infinity);
  if (single) {
    // Any letter may stand for any phone, so that no reading is impossible.
    isVowelPhone.forEach((isVowel, phone) => {
      singleCosts[phone] = isVowel === vowel ? strange - (vowel ? 1.4 : 0) : strange + 1;
    });
    singleCosts[unknownPhone] = 1;
  }
  let silentCost = single ? (vowel ? 1.4 : 2.4) : Infinity;
  const longer: Sound[] = [];
  sounds.split(" | ").forEach((tier, rarity) => {
    const cost = rarityCosts[rarity] ?? strange;
    for (const sound of tier.split(" ")) {
      const numbers = sound === "-" ? [] : phoneNumbers(sound);
      const [only] = numbers;
      if (only === undefined) silentCost = cost + 0.4;
      else if (numbers.length === 1) singleCosts[only] = cost;
      else longer.push({ phones: numbers, cost });
    }
  });
  const name = single ? letterNames[letters] : undefined;
  if (name?.includes("+")) longer.push({ phones: phoneNumbers(name), cost: nameCost });
  return { length: single ? 1 : letters.length, silentCost, singleCosts, longer };
}

function phoneNumbers(sound: string): number[] {
  return sound.split("+").map((name) => phoneNumber.get(name) ?? unknownPhone);
}

const insertionCost = 2.6;
const unmarkedPauseCost = 2;
const unpausedMarkCost = 0.8;
/** A reading this much worse than the best one so far is given up. */
const beamWidth = 14;
/** A letter has a name of at most three phones, except W; the rest is for insertions. */
const phonesPerLetter = 3;
const sparePhones = 8;

/** For each word, the index just after its last sound. */
function splitSounds(
  words: readonly WrittenWord[],
  sounds: readonly string[],
  pauseBefore: Uint8Array,
): Uint32Array {
  const numbers = Uint8Array.from(sounds, (sound) => phoneNumber.get(sound) ?? unknownPhone);
  return search(words, numbers, pauseBefore) ?? splitByLetters(words, sounds.length);
}

/** For sounds that are no reading of these words: each word gets its letters' share of them. */
function splitByLetters(words: readonly WrittenWord[], soundCount: number): Uint32Array {
  let letters = 0;
  const sums = words.map((word) => (letters += word.letters.length));
  return Uint32Array.from(sums, (sum) => Math.round((sum / Math.max(1, letters)) * soundCount));
}

/** Costs by number of sounds used up, from `first` on; what lies outside is out of reach. */
interface Frontier {
  readonly first: number;
  readonly costs: Float32Array;
}

/** For each number of sounds used up at a word's end, from `first` on, the number at its beginning. */
interface WordBegins {
  readonly first: number;
  readonly begins: Uint32Array;
}

/** The cheapest split, or nothing if these words cannot take up all sounds within the beam. */
function search(
  words: readonly WrittenWord[],
  sounds: Uint8Array,
  pauseBefore: Uint8Array,
): Uint32Array | undefined {
  const history: WordBegins[] = [];
  let frontier: Frontier = { first: 0, costs: Float32Array.of(0) };
  for (const word of words) {
    const read = word.phone === undefined ? readOneWord : readOnePhone;
    const { costs, begins } = read(word, frontier, sounds, pauseBefore);
    history.push({ first: frontier.first, begins });
    frontier = trim({ first: frontier.first, costs });
  }
  const finalCost = frontier.costs[sounds.length - frontier.first];
  if (finalCost === undefined || finalCost === Infinity) return undefined;
  const ends = new Uint32Array(words.length);
  let end = sounds.length;
  for (let word = words.length - 1; word >= 0; word--) {
    ends[word] = end;
    const { first, begins } = history[word] ?? { first: 0, begins: new Uint32Array(0) };
    end = begins[end - first] ?? 0;
  }
  return ends;
}

/** Cuts off both ends that are already too costly to come back. */
function trim({ first, costs }: Frontier): Frontier {
  const limit = cheapest(costs) + beamWidth;
  const from = Math.max(
    0,
    costs.findIndex((cost) => cost <= limit),
  );
  const to = costs.findLastIndex((cost) => cost <= limit) + 1;
  return { first: first + from, costs: costs.slice(from, Math.max(to, from)) };
}

function cheapest(costs: Float32Array): number {
  let best = Infinity;
  for (const cost of costs) if (cost < best) best = cost;
  return best;
}

/**
 * Reads one word from every place where it may begin. Row `i` holds the cheapest way to have read
 * `i` of its letters for every number of sounds used up, and where the word then began.
 */
function readOneWord(
  word: WrittenWord,
  { first, costs: beginCosts }: Frontier,
  sounds: Uint8Array,
  pauseBefore: Uint8Array,
): { costs: Float32Array; begins: Uint32Array } {
  const letters = word.letters.toLowerCase().replace(/[^a-z]/g, "");
  const reach = beginCosts.length + letters.length * phonesPerLetter + sparePhones;
  const width = Math.min(reach, sounds.length + 1 - first);
  const rows = Array.from({ length: letters.length + 1 }, () => ({
    costs: new Float32Array(width).fill(Infinity),
    begins: new Uint32Array(width),
  }));
  const firstRow = rows[0];
  firstRow?.costs.set(beginCosts.subarray(0, width));
  firstRow?.begins.forEach((_, index, row) => (row[index] = first + index));
  rows.forEach((row, i) => {
    const limit = cheapest(row.costs) + beamWidth;
    const options = chunksAt(letters, i);
    for (let k = 0; k < width; k++) {
      const cost = row.costs[k] ?? Infinity;
      if (cost > limit) continue;
      const begin = row.begins[k] ?? 0;
      const j = first + k;
      const hasSound = k < width - 1;
      // A pause lies between words; inside one it has no business.
      const costWithSound = cost + (pauseBefore[j] === 1 && begin < j ? blockedCost : 0);
      if (hasSound && i > 0) relax(row, k + 1, costWithSound + insertionCost, begin);
      for (const chunk of options) {
        const target = rows[i + chunk.length];
        if (target === undefined) continue;
        relax(target, k, cost + chunk.silentCost, begin);
        if (!hasSound) continue;
        const single = chunk.singleCosts[sounds[j] ?? unknownPhone] ?? Infinity;
        relax(target, k + 1, costWithSound + single, begin);
        for (const { phones, cost: soundCost } of chunk.longer) {
          if (!matches(sounds, pauseBefore, j, phones)) continue;
          relax(target, k + phones.length, costWithSound + soundCost, begin);
        }
      }
    }
  });
  const { costs, begins } = rows[letters.length] ?? {
    costs: new Float32Array(0),
    begins: new Uint32Array(0),
  };
  for (let k = 0; k < width; k++) {
    const paused = first + k === sounds.length ? word.marked : pauseBefore[first + k] === 1;
    if (paused === word.marked) continue;
    costs[k] = (costs[k] ?? Infinity) + (paused ? unmarkedPauseCost : unpausedMarkCost);
  }
  return { costs, begins };
}

/** A word that is one known phone: it takes up this one, or, if the voice leaves it out, none. */
function readOnePhone(
  { phone = "" }: WrittenWord,
  { first, costs: beginCosts }: Frontier,
  sounds: Uint8Array,
): { costs: Float32Array; begins: Uint32Array } {
  const wanted = phoneNumber.get(phone) ?? unknownPhone;
  const width = Math.min(beginCosts.length + 1, sounds.length + 1 - first);
  const row = { costs: new Float32Array(width).fill(Infinity), begins: new Uint32Array(width) };
  beginCosts.subarray(0, width).forEach((cost, k) => {
    const begin = first + k;
    relax(row, k, cost + strange, begin);
    const sound = sounds[begin];
    if (sound !== undefined) relax(row, k + 1, cost + (sound === wanted ? 0 : strange), begin);
  });
  return row;
}

const lettersBeforeFinalE = 3;

function chunksAt(letters: string, at: number): Chunk[] {
  const name = letters.length === 1 && letters !== "a" ? nameChunks.get(letters) : undefined;
  if (name !== undefined && at === 0) return [name];
  const found: Chunk[] = [];
  for (let length = 1; length <= maxChunkLetters && at + length <= letters.length; length++) {
    const group = letters.slice(at, at + length);
    const final = group === "e" && at === letters.length - 1 && at >= lettersBeforeFinalE;
    const chunk = chunks.get(final ? "e$" : group);
    if (chunk !== undefined) found.push(chunk);
  }
  return found;
}

function relax(
  row: { readonly costs: Float32Array; readonly begins: Uint32Array },
  at: number,
  cost: number,
  begin: number,
): void {
  if (cost >= (row.costs[at] ?? -1)) return;
  row.costs[at] = cost;
  row.begins[at] = begin;
}

function matches(
  sounds: Uint8Array,
  pauseBefore: Uint8Array,
  at: number,
  phones: readonly number[],
): boolean {
  for (let k = 0; k < phones.length; k++) {
    if (sounds[at + k] !== phones[k] || (k > 0 && pauseBefore[at + k] === 1)) return false;
  }
  return true;
}
