/** Peaks are kept below this, also between samples: a later change of rate must not clip. */
const ceiling = 32_768 * 10 ** (-1 / 20);
/** How fast the level falls before a peak and comes back after it, if it went all the way. */
const attackMs = 10;
const releaseMs = 100;
/** The wave is looked at between two samples where one of them comes this close to the ceiling. */
const close = 0.7 * ceiling;

/** Weights of the samples around the middle between two of them: a windowed sinc. */
const halfTaps = 4;
const betweenWeights = Float32Array.from({ length: halfTaps }, (_, index) => {
  const x = Math.PI * (index + 0.5);
  return (Math.sin(x) / x) * Math.cos(x / (2 * halfTaps)) ** 2;
});

/**
 * Samples at another level: `gain` times as loud, but for peaks that would rise above -1 dBFS, which
 * are turned down, smoothly and only around themselves. The same samples always give the same.
 */
export function amplify(
  samples: Int16Array,
  gain: number,
  sampleRateHz: number,
): Int16Array<ArrayBuffer> {
  const output = new Int16Array(samples.length);
  let highest = 0;
  let lowest = 0;
  for (let at = 0; at < samples.length; at += 1) {
    const sample = samples[at] ?? 0;
    if (sample > highest) highest = sample;
    else if (sample < lowest) lowest = sample;
    // Four times as fast as Math.round.
    output[at] = Math.floor(sample * gain + 0.5);
  }
  // Most speech never comes near the ceiling.
  const isClose = Math.max(highest, -lowest) * gain > close;
  const levels = isClose ? limitedLevels(samples, gain, sampleRateHz) : undefined;
  if (!levels) return output;
  for (let at = 0; at < samples.length; at += 1) {
    output[at] = Math.floor((samples[at] ?? 0) * (levels[at] ?? gain) + 0.5);
  }
  return output;
}

/** What each sample is to be multiplied by, `[samples]`; nothing if that is the gain throughout. */
function limitedLevels(
  samples: Int16Array,
  gain: number,
  sampleRateHz: number,
): Float32Array | undefined {
  let levels: Float32Array | undefined;
  for (let at = 0; at < samples.length; at += 1) {
    if (Math.abs(samples[at] ?? 0) * gain <= close) continue;
    const peak = peakAround(samples, at) * gain;
    if (peak <= ceiling) continue;
    levels ??= new Float32Array(samples.length).fill(gain);
    levels[at] = (gain * ceiling) / peak;
  }
  if (!levels) return undefined;
  const perSample = (ms: number): number => (gain * 1000) / (ms * sampleRateHz);
  limitSlope(levels, perSample(attackMs), perSample(releaseMs));
  return levels;
}

/** Highest level of the wave at a sample and half a sample before and after it. */
function peakAround(samples: Int16Array, at: number): number {
  return Math.max(
    Math.abs(samples[at] ?? 0),
    Math.abs(between(samples, at - 1)),
    Math.abs(between(samples, at)),
  );
}

/** The wave in the middle between a sample and the next one. */
function between(samples: Int16Array, at: number): number {
  let sum = 0;
  for (let tap = 0; tap < halfTaps; tap += 1) {
    const pair = (samples[at - tap] ?? 0) + (samples[at + 1 + tap] ?? 0);
    sum += pair * (betweenWeights[tap] ?? 0);
  }
  return sum;
}

/** Lowers what falls or rises too fast, and nothing else. */
function limitSlope(levels: Float32Array, fall: number, rise: number): void {
  for (let at = levels.length - 2; at >= 0; at -= 1) {
    levels[at] = Math.min(levels[at] ?? 0, (levels[at + 1] ?? 0) + fall);
  }
  for (let at = 1; at < levels.length; at += 1) {
    levels[at] = Math.min(levels[at] ?? 0, (levels[at - 1] ?? 0) + rise);
  }
}
