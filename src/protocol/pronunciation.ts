/** How one word or phrase is spoken: as other text, or as these sounds. */
export type PronunciationRule =
  | { readonly type: "alias"; readonly stringToReplace: string; readonly alias: string }
  | {
      readonly type: "phoneme";
      readonly stringToReplace: string;
      readonly phoneme: string;
      readonly alphabet: PhoneticAlphabet;
    };

/** IPA, or the phones of the CMU dictionary such as `HH AH0 L OW1`. */
export type PhoneticAlphabet = "ipa" | "cmu-arpabet";

/** Names one version of a pronunciation dictionary. */
export interface DictionaryLocator {
  readonly dictionaryId: string;
  /** The latest one if undefined. */
  readonly versionId: string | undefined;
}
