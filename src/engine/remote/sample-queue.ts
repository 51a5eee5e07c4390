/** Room for the first samples: half a second of the usual rate. */
const firstCapacity = 12_000;

/** Samples that came in any portions and are taken in others; many small ones cost no more than a few large ones. */
export class SampleQueue {
  #samples = new Int16Array(firstCapacity);
  #start = 0;
  #end = 0;

  push(samples: Int16Array): void {
    if (this.#end + samples.length > this.#samples.length) this.#makeRoom(samples.length);
    this.#samples.set(samples, this.#end);
    this.#end += samples.length;
  }

  /** The first of them, with zeros in the place of those that have not come. */
  take(count: number): Int16Array<ArrayBuffer> {
    const taken = new Int16Array(count);
    const end = Math.min(this.#end, this.#start + count);
    taken.set(this.#samples.subarray(this.#start, end));
    this.#start = end;
    return taken;
  }

  #makeRoom(count: number): void {
    const left = this.#samples.subarray(this.#start, this.#end);
    const needed = left.length + count;
    // Half of it is free afterwards, so that a sample is moved seldom.
    this.#samples = new Int16Array(Math.max(firstCapacity, needed * 2));
    this.#samples.set(left);
    this.#start = 0;
    this.#end = left.length;
  }
}
