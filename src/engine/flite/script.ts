import type { Normalized } from "../../text/normalize.ts";
import { isVowel, voicePhone } from "../../text/phones/arpabet.ts";
import type { FliteScript } from "./program.ts";

/**
 * What Flite is to read. A word that is given by its phones stands in the text under a name that
 * nobody writes, and the lexicon says how that name sounds.
 */
export function createScript({ text, pieces }: Normalized): FliteScript {
  if (!pieces.some((piece) => piece.kind === "phones")) return { text };
  const names = new Map<string, string>();
  const spoken = pieces.map((piece) => {
    if (piece.kind !== "phones") return piece.text;
    const name = names.get(piece.text) ?? nameOf(names.size);
    names.set(piece.text, name);
    return name;
  });
  const lines = [...names].map(([phones, name]) => `${name} nil : ${lexiconPhones(phones)}\n`);
  return { text: spoken.join(""), lexicon: lines.join("") };
}

const consonants = "bdfgklmnprstvz";

/** The name of the word with this number: one that Flite takes for a word, and no dictionary has. */
function nameOf(index: number): string {
  let name = "";
  for (let rest = index; rest > 0 || name === ""; rest = Math.floor(rest / consonants.length)) {
    name += `${consonants.charAt(rest % consonants.length)}u`;
  }
  return `zuzu${name}za`;
}

/** As Flite's lexicon writes them: `t ax0 m ey1`; it knows one strength of stress. */
function lexiconPhones(phones: string): string {
  return phones
    .split(" ")
    .map((phone) => voicePhone(phone) + (isVowel(phone) ? phone.slice(-1).replace("2", "1") : ""))
    .join(" ");
}
