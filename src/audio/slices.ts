/**
 * The samples in order, as views of at most `maxMs` milliseconds each.
 * Feeding an encoder like this brings the first coded byte out early instead of after the whole clause.
 *
 * @throws {RangeError} when a slice would be shorter than one sample
 */
export function* slices(
  samples: Int16Array,
  sampleRateHz: number,
  maxMs = 100,
): Generator<Int16Array, void, undefined> {
  const sliceSamples = Math.floor((sampleRateHz * maxMs) / 1000);
  if (!(sliceSamples >= 1)) {
    throw new RangeError(`${maxMs} ms at ${sampleRateHz} Hz is less than one sample`);
  }
  for (let start = 0; start < samples.length; start += sliceSamples) {
    yield samples.subarray(start, start + sliceSamples);
  }
}
