import type { PhoneticAlphabet } from "../../protocol/pronunciation.ts";
import { parseArpabet } from "./arpabet.ts";
import { parseIpa } from "./ipa.ts";

/** Reads a word's phones by alphabet; the names are those that clients send. */
const parsers: Readonly<Record<PhoneticAlphabet, (written: string) => string[] | undefined>> = {
  ipa: parseIpa,
  "cmu-arpabet": parseArpabet,
};

/** Whether a client's name of an alphabet is one that can be read. */
export function isAlphabet(name: string): name is PhoneticAlphabet {
  return Object.hasOwn(parsers, name);
}

/**
 * The phones of a word as the CMU dictionary writes them, vowels with their stress:
 * `["T", "AH0", "M", "EY1"]`. Nothing if there is none or the voice lacks one.
 */
export function parsePhones(written: string, alphabet: PhoneticAlphabet): string[] | undefined {
  return parsers[alphabet](written);
}
