/** The phones of the CMU dictionary that are vowels: each carries a stress, 0 to 2. */
const vowels: ReadonlySet<string> = new Set(
  "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split(" "),
);

const consonants: ReadonlySet<string> = new Set(
  "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split(" "),
);

/** Phones of ARPAbet that the CMU dictionary writes in another way. */
const otherSpellings: Readonly<Record<string, string>> = {
  AX: "AH0",
  AXR: "ER0",
  IX: "IH0",
  UX: "UW",
  DX: "D",
  H: "HH",
  NX: "N",
  WH: "W",
};

/** Whether a phone, with or without its stress, is a vowel. */
export function isVowel(phone: string): boolean {
  return vowels.has(phone.replace(/\d$/, ""));
}

/** The phones of a word in ARPAbet, every vowel with its stress; nothing if one of them is unknown. */
export function parseArpabet(written: string): string[] | undefined {
  const phones: string[] = [];
  for (const symbol of written.trim().split(/[\s.-]+/)) {
    const upper = symbol.toUpperCase();
    const [, name = "", stress = ""] =
      /^([A-Z]+)([0-2]?)$/.exec(otherSpellings[upper] ?? upper) ?? [];
    if (vowels.has(name)) phones.push(name + stress);
    else if (consonants.has(name) && stress === "") phones.push(name);
    else return undefined;
  }
  return withStress(phones);
}

/** Gives a stress to each vowel that has none: the main one to the first, if nothing is stressed. */
export function withStress(phones: readonly string[]): string[] {
  let isStressed = phones.some((phone) => /[12]$/.test(phone));
  return phones.map((phone) => {
    if (!vowels.has(phone)) return phone;
    const stress = isStressed ? 0 : 1;
    isStressed = true;
    return `${phone}${stress}`;
  });
}

/** What Flite calls a phone: without its stress, and the unstressed AH by a name of its own. */
export function voicePhone(phone: string): string {
  return phone === "AH0" ? "ax" : phone.replace(/\d$/, "").toLowerCase();
}
