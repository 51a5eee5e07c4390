const windowMs = 5;
/** -50 dB below full scale: above the noise of voices, below the softest beginning of a word. */
const audibleLevel = 10 ** (-50 / 20);

/**
 * How many ms of silence precede the first sound, or undefined when there is none: where the first
 * 5 ms begin whose level is above -50 dBFS. The stretches, between -fullScale and fullScale, are
 * taken one after another and no further than needed.
 */
export function findOnset(
  stretches: Iterable<ArrayLike<number>>,
  sampleRateHz: number,
  fullScale: number,
): number | undefined {
  const windowSamples = Math.round((sampleRateHz * windowMs) / 1000);
  const audiblePower = windowSamples * (audibleLevel * fullScale) ** 2;
  let passed = 0;
  let filled = 0;
  let power = 0;
  for (const samples of stretches) {
    for (let index = 0; index < samples.length; index += 1) {
      power += (samples[index] ?? 0) ** 2;
      filled += 1;
      if (filled < windowSamples) continue;
      if (power > audiblePower) return (passed * 1000) / sampleRateHz;
      passed += windowSamples;
      filled = 0;
      power = 0;
    }
  }
  return undefined;
}
