/** A piece of audio as it reached the listener. */
export interface AudioPiece {
  /** When its last byte came. */
  readonly arrivedAt: number;
  /** How much more could be played from then on. */
  readonly audioMs: number;
}

/** A time in which the listener had nothing to play though more was to come. */
export interface Underrun {
  readonly startedAt: number;
  readonly gapMs: number;
}

/** What a listener heard of one turn. */
export interface Playback {
  /** When the first piece came; it is played at once. */
  readonly startedAt: number;
  /** When the last of the audio was heard. */
  readonly endedAt: number;
  readonly audioMs: number;
  readonly underruns: readonly Underrun[];
}

/** Shorter gaps come from rounding, and nobody hears them. */
const inaudibleMs = 1;

/**
 * Plays audio at its own speed, from its first piece on and without a buffer of the player's own,
 * so that every millisecond the server is late is a gap. Undefined when there was no audio.
 */
export function play(pieces: readonly AudioPiece[]): Playback | undefined {
  const sounding = pieces.filter(({ audioMs }) => audioMs > 0);
  const [first] = sounding;
  if (first === undefined) return undefined;
  const underruns: Underrun[] = [];
  let dryAt = first.arrivedAt;
  let audioMs = 0;
  for (const piece of sounding) {
    const gapMs = piece.arrivedAt - dryAt;
    if (gapMs > inaudibleMs) underruns.push({ startedAt: dryAt, gapMs });
    dryAt = Math.max(dryAt, piece.arrivedAt) + piece.audioMs;
    audioMs += piece.audioMs;
  }
  return { startedAt: first.arrivedAt, endedAt: dryAt, audioMs, underruns };
}
