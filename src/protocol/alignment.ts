/**
 * When each character of a text is heard. `chars` holds one entry per Unicode code point;
 * character `i` sounds from `endsAtSample[i - 1]` (0 for the first) to `endsAtSample[i]`, so
 * characters neither overlap nor leave gaps, and the last entry is the audio's length in samples.
 */
export interface CharacterTimings {
  readonly chars: readonly string[];
  /** [chars.length], non-decreasing, counted at `sampleRateHz` from the start of the piece. */
  readonly endsAtSample: Uint32Array;
}

/** The timings of a piece of speech, for the text as it was sent and as it was spoken. */
export interface Alignment {
  readonly sampleRateHz: number;
  /** The text as sent. */
  readonly original: CharacterTimings;
  /** The text as spoken: numbers and abbreviations written out, white space collapsed. */
  readonly normalized: CharacterTimings;
}

/** The characters that begin in one stretch of a piece of speech. */
export interface CharacterSlice extends CharacterTimings {
  /** Where the first character begins, counted like `endsAtSample`. */
  readonly startSample: number;
}

/** The part of an alignment that travels with one frame of audio. */
export interface AlignmentSlice {
  readonly sampleRateHz: number;
  /** Where this frame's audio begins, counted from the start of the piece of speech. */
  readonly frameStartSample: number;
  /** Where the piece of speech begins, counted from the first audio of the context. */
  readonly pieceStartSample: number;
  readonly original: CharacterSlice;
  readonly normalized: CharacterSlice;
}
