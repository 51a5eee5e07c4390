import { z } from "zod";
import { SpeechError } from "../../protocol/problems.ts";
import type { DictionaryLocator } from "../../protocol/pronunciation.ts";

/** A locator as clients send it. */
export interface WireLocator {
  readonly pronunciation_dictionary_id: string;
  readonly version_id?: string | null | undefined;
}

/** No more dictionaries apply to one text. */
export const maxLocators = 3;

/** `pronunciation_dictionary_locators`; some clients send plain ids. */
export const locatorsSchema: z.ZodType<readonly WireLocator[]> = z.array(
  z.preprocess(
    (value) => (typeof value === "string" ? { pronunciation_dictionary_id: value } : value),
    z.looseObject({ pronunciation_dictionary_id: z.string(), version_id: z.string().nullish() }),
  ),
);

/** @throws {SpeechError} invalid_parameter when there are too many */
export function readLocators(wire: readonly WireLocator[]): DictionaryLocator[] {
  if (wire.length > maxLocators) {
    const parameter = "pronunciation_dictionary_locators";
    const expected = `a list of at most ${maxLocators}`;
    throw new SpeechError("invalid_parameter", { parameter, expected });
  }
  return wire.map(({ pronunciation_dictionary_id: dictionaryId, version_id: versionId }) => ({
    dictionaryId,
    versionId: versionId || undefined,
  }));
}
