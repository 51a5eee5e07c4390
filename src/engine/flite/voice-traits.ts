/** What Flite's voices are like, as far as it has to be evened out. */
export interface VoiceTraits {
  /** Brings what it says to -19 LUFS: `npm run measure:loudness` measures it. */
  readonly gainDb: number;
  /** How much longer than its model's it makes its sounds by itself. */
  readonly ownStretch: number;
}

/** By Flite's own name of the voice. */
export const voiceTraits: Readonly<Record<string, VoiceTraits>> = {
  rms: { gainDb: 2.4, ownStretch: 1 },
  slt: { gainDb: -2.9, ownStretch: 1 },
  awb: { gainDb: 1.7, ownStretch: 1 },
  kal16: { gainDb: 9.3, ownStretch: 1.1 },
};

/** Up to here Flite makes its sounds shorter in time; beyond it, some of them have a shortest length. */
export const fastestSpeed = 1.5;
