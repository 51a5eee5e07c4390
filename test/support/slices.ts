/** The samples in order, as views of at most `maxMs` milliseconds each. */
export function* slices(
  samples: Int16Array,
  sampleRateHz: number,
  maxMs = 100,
): Generator<Int16Array, void, undefined> {
  const sliceSamples = Math.floor((sampleRateHz * maxMs) / 1000);
  for (let start = 0; start < samples.length; start += sliceSamples) {
    yield samples.subarray(start, start + sliceSamples);
  }
}
