const windowMs = 5;
/** Part of the loudest window's energy that counts as sound. */
const soundLevel = 0.05;
/** Shorter gaps lie within words: stops hold the breath that long. */
const shortestPauseMs = 60;

/**
 * When sound begins after silence, in ms: for words that begin with a vowel or a voiced sound and
 * are set apart by pauses, the times at which a listener hears them begin. Asks nothing but the
 * samples. Expects 16-bit PCM.
 */
export function findOnsets(pcm: Buffer, sampleRateHz: number): number[] {
  const samples = new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.length));
  const size = (sampleRateHz * windowMs) / 1000;
  const energies = Array.from({ length: Math.floor(samples.length / size) }, (_, index) => {
    const window = samples.subarray(index * size, (index + 1) * size);
    return Math.sqrt(window.reduce((sum, sample) => sum + sample ** 2, 0) / size);
  });
  const threshold = Math.max(...energies) * soundLevel;
  const onsets: number[] = [];
  let silentMs = Infinity;
  for (const [index, energy] of energies.entries()) {
    if (energy > threshold) {
      if (silentMs >= shortestPauseMs) onsets.push(index * windowMs);
      silentMs = 0;
    } else silentMs += windowMs;
  }
  return onsets;
}
