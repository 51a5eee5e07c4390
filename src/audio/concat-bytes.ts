/** The parts end to end. The result has an `ArrayBuffer` of its own, so it can be transferred to another thread. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  // Not `Buffer.concat`: it cuts small results from a slab shared with strangers.
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
