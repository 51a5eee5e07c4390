/**
 * When each of some characters ends that are heard one after the other from one sample until
 * another, each as long as its weight says; all alike if none has any.
 */
export function shareOut(weights: Float64Array, from: number, until: number): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let heard = 0;
  return Array.from(weights, (weight, index) => {
    heard += weight;
    const share = sum > 0 ? heard / sum : (index + 1) / weights.length;
    return from + (until - from) * share;
  });
}
