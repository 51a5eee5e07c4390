/**
 * How loud a recording is: integrated loudness as in EBU R 128 (ITU-R BS.1770-5), of one channel.
 * Shared with others that speak the same way, it tells how loud a voice is.
 */
export class LoudnessMeter {
  readonly #filter: (sample: number) => number;
  readonly #hop: number;
  /** Mean squares of the hops so far; four of them are a block. */
  readonly #hops: number[] = [];
  #sum = 0;
  #count = 0;

  constructor(sampleRateHz: number) {
    this.#filter = createWeighting(sampleRateHz);
    this.#hop = Math.round((sampleRateHz * hopMs) / 1000);
  }

  /** Listens to what comes next. */
  add(samples: Int16Array): void {
    for (const sample of samples) {
      this.#sum += this.#filter(sample / fullScale) ** 2;
      this.#count += 1;
      if (this.#count < this.#hop) continue;
      this.#hops.push(this.#sum / this.#hop);
      this.#sum = 0;
      this.#count = 0;
    }
  }

  /** In LUFS, of all that was heard; minus infinity for silence and for less than 400 ms. */
  get lufs(): number {
    const blocks = this.#hops.slice(hopsPerBlock - 1).map((_, index) => {
      const hops = this.#hops.slice(index, index + hopsPerBlock);
      return mean(hops);
    });
    const audible = blocks.filter((power) => lufsOf(power) > absoluteGateLufs);
    const relativeGate = lufsOf(mean(audible)) + relativeGateLu;
    return lufsOf(mean(audible.filter((power) => lufsOf(power) > relativeGate)));
  }
}

/** Integrated loudness of one recording, in LUFS; minus infinity for less than 400 ms. */
export function measureLoudness(samples: Int16Array, sampleRateHz: number): number {
  const meter = new LoudnessMeter(sampleRateHz);
  meter.add(samples);
  return meter.lufs;
}

const fullScale = 32_768;
/** Blocks of 400 ms that overlap by three quarters. */
const hopMs = 100;
const hopsPerBlock = 4;
const absoluteGateLufs = -70;
const relativeGateLu = -10;

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

const lufsOf = (power: number): number => -0.691 + 10 * Math.log10(power);

/** Two second-order filters: what a head does to sound, and how little low sound is heard. */
function createWeighting(sampleRateHz: number): (sample: number) => number {
  const shelf = createBiquad(headShelf(sampleRateHz));
  const highPass = createBiquad(lowCut(sampleRateHz));
  return (sample) => highPass(shelf(sample));
}

interface Biquad {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

/** The standard gives the filters for 48 kHz; from these values they follow for any rate. */
function headShelf(sampleRateHz: number): Biquad {
  const k = Math.tan((Math.PI * 1681.974450955533) / sampleRateHz);
  const q = 0.7071752369554196;
  const high = 10 ** (3.999843853973347 / 20);
  const middle = high ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return {
    b: [
      (high + (middle * k) / q + k * k) / a0,
      (2 * (k * k - high)) / a0,
      (high - (middle * k) / q + k * k) / a0,
    ],
    a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0],
  };
}

function lowCut(sampleRateHz: number): Biquad {
  const k = Math.tan((Math.PI * 38.13547087602444) / sampleRateHz);
  const q = 0.5003270373238773;
  const a0 = 1 + k / q + k * k;
  return { b: [1, -2, 1], a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0] };
}

function createBiquad({ b: [b0, b1, b2], a: [a1, a2] }: Biquad): (sample: number) => number {
  let x1 = 0;
  let x2 = 0;
  let y1 = 0;
  let y2 = 0;
  return (x) => {
    const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    return y;
  };
}
