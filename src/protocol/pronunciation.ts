/** How one word or phrase is spoken: as other text, or as these sounds. */
export type PronunciationRule =
  | (RuleMatch & { readonly type: "alias"; readonly alias: string })
  | (RuleMatch & {
      readonly type: "phoneme";
      readonly phoneme: string;
      readonly alphabet: PhoneticAlphabet;
    });

/** Where a rule applies. */
interface RuleMatch {
  readonly stringToReplace: string;
  /** Whether `stringToReplace` has to be written exactly so; true unless given. */
  readonly caseSensitive?: boolean;
  /** Whether it has to stand as a word of its own; true unless given. */
  readonly wordBoundaries?: boolean;
}

/** IPA, or the phones of the CMU dictionary such as `HH AH0 L OW1`. */
export type PhoneticAlphabet = "ipa" | "cmu-arpabet";

/** Names one version of a pronunciation dictionary. */
export interface DictionaryLocator {
  readonly dictionaryId: string;
  /** The latest one if undefined. */
  readonly versionId: string | undefined;
}
