/**
 * When each character of a text is heard. `chars` holds one entry per Unicode code point;
 * character `i` sounds from `endsAtSample[i - 1]` (0 for the first) to `endsAtSample[i]`, so
 * characters neither overlap nor leave gaps, and the last entry is the audio's length in samples.
 */
export interface CharacterTimings {
  readonly chars: readonly string[];
  /** [chars.length], non-decreasing, counted at `sampleRateHz` from the start of the utterance. */
  readonly endsAtSample: Uint32Array;
}

/** The timings of one utterance, for the text as it was sent and as it was spoken. */
export interface Alignment {
  readonly sampleRateHz: number;
  /** The text as sent. */
  readonly original: CharacterTimings;
  /** The text as spoken: numbers and abbreviations written out, white space collapsed. */
  readonly normalized: CharacterTimings;
}
