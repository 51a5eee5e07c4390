import { isSlab, slabs, takeSlabs } from "../base64.ts";

/** Slabs that nobody uses: those of base64 are made with the first frame, others when these are taken. */
let freeSlabs: Buffer[] | undefined;
const maxFreeOthers = slabs.count;

/**
 * Memory for the frames of one connection that are on their way. Frames are garbage as soon as
 * they are written, tens of kilobytes each: their room is used again instead.
 */
export class FrameMemory {
  #slab: Buffer | undefined;
  #usedBytes = 0;

  /** Room for one frame, with anything in it; to be filled before the next one is asked for. */
  readonly allocate = (sizeBytes: number): Buffer => {
    if (this.#usedBytes + sizeBytes > slabs.usableBytes) return Buffer.allocUnsafe(sizeBytes);
    freeSlabs ??= takeSlabs();
    this.#slab ??= freeSlabs.pop() ?? Buffer.allocUnsafeSlow(slabs.sizeBytes);
    const start = this.#usedBytes;
    this.#usedBytes += sizeBytes;
    return this.#slab.subarray(start, this.#usedBytes);
  };

  /** To be called when every frame has been written, and only if that is certain. */
  release(): void {
    const slab = this.#slab;
    if (!slab || !freeSlabs) return;
    if (isSlab(slab) || freeSlabs.length < maxFreeOthers) freeSlabs.push(slab);
    this.#slab = undefined;
    this.#usedBytes = 0;
  }
}
