const slabBytes = 128 * 1024;
const maxFreeSlabs = 32;
const freeSlabs: Buffer[] = [];

/**
 * Memory for the frames of one connection that are on their way. Frames are garbage as soon as
 * they are written, tens of kilobytes each: their room is used again instead.
 */
export class FrameMemory {
  #slab: Buffer | undefined;
  #usedBytes = 0;

  /** Room for one frame, with anything in it. */
  readonly allocate = (sizeBytes: number): Buffer => {
    if (this.#usedBytes + sizeBytes > slabBytes) return Buffer.allocUnsafe(sizeBytes);
    this.#slab ??= freeSlabs.pop() ?? Buffer.allocUnsafeSlow(slabBytes);
    const start = this.#usedBytes;
    this.#usedBytes += sizeBytes;
    return this.#slab.subarray(start, this.#usedBytes);
  };

  /** To be called when every frame has been written, and only if that is certain. */
  release(): void {
    if (this.#slab && freeSlabs.length < maxFreeSlabs) freeSlabs.push(this.#slab);
    this.#slab = undefined;
    this.#usedBytes = 0;
  }
}
