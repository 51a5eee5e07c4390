import { UpstreamFailure } from "./upstream-failure.ts";

/** What the bytes of an answer turned out to be. */
export interface PcmFormat {
  readonly sampleRateHz: number;
  /** Undefined if it is not told. */
  readonly totalSamples: number | undefined;
}

/** Where the samples must have begun: nothing that speech needs makes a header longer. */
const maxHeaderBytes = 4096;
/** MP3, Ogg and FLAC, from servers that did not look at the format they were asked for. */
const otherAudio = /^(?:ID3|OggS|fLaC)/;

/**
 * Reads 16-bit mono PCM from bytes in any portions: bare, at the rate that is expected, or as a WAV
 * stream, whose header tells the rate whatever was asked for.
 */
export class PcmReader {
  readonly #bareRateHz: number;
  readonly #bareSamples: number | undefined;
  #held = new Uint8Array();
  #format: PcmFormat | undefined;
  /** Samples that are still to come; what follows them in a file is no sound. */
  #left = Number.POSITIVE_INFINITY;

  /** `bareBytes` is the length of the whole, if it is known. */
  constructor(bareRateHz: number, bareBytes?: number) {
    this.#bareRateHz = bareRateHz;
    this.#bareSamples = bareBytes === undefined ? undefined : bareBytes >> 1;
  }

  /** Known with the first samples. */
  get format(): PcmFormat | undefined {
    return this.#format;
  }

  /**
   * The samples that are whole by now.
   * @throws {UpstreamFailure} unusable_audio
   */
  read(bytes: Uint8Array): Int16Array<ArrayBuffer> {
    const joined = Buffer.concat([this.#held, bytes]);
    const from = this.#format ? 0 : this.#readHeader(joined);
    if (from === undefined) {
      this.#held = joined;
      return new Int16Array();
    }
    const count = Math.min(this.#left, (joined.length - from) >> 1);
    this.#left -= count;
    this.#held = this.#left > 0 ? joined.subarray(from + count * 2) : new Uint8Array();
    const samples = new Int16Array(count);
    new Uint8Array(samples.buffer).set(joined.subarray(from, from + count * 2));
    return samples;
  }

  /** Where the samples begin; undefined while that cannot be said. */
  #readHeader(bytes: Buffer): number | undefined {
    if (bytes.length < 12) return undefined;
    const mark = bytes.toString("latin1", 0, 4);
    if (mark !== "RIFF" || bytes.toString("latin1", 8, 12) !== "WAVE") {
      if (otherAudio.test(mark)) throw new UpstreamFailure("unusable_audio");
      this.#format = { sampleRateHz: this.#bareRateHz, totalSamples: this.#bareSamples };
      return 0;
    }
    // However the network cuts it, no more than this is held and looked through.
    const from = this.#readChunks(bytes.subarray(0, maxHeaderBytes));
    if (from === undefined && bytes.length >= maxHeaderBytes) {
      throw new UpstreamFailure("unusable_audio");
    }
    return from;
  }

  #readChunks(bytes: Buffer): number | undefined {
    let sampleRateHz: number | undefined;
    for (let at = 12; at + 8 <= bytes.length; ) {
      const name = bytes.toString("latin1", at, at + 4);
      const length = bytes.readUInt32LE(at + 4);
      const content = at + 8;
      if (name === "data") {
        if (sampleRateHz === undefined) throw new UpstreamFailure("unusable_audio");
        const totalSamples = samplesIn(length);
        this.#format = { sampleRateHz, totalSamples };
        this.#left = totalSamples ?? Number.POSITIVE_INFINITY;
        return content;
      }
      if (content + length > bytes.length) return undefined;
      if (name === "fmt ") sampleRateHz = readRate(bytes.subarray(content, content + length));
      // Chunks begin at even places.
      at = content + length + (length % 2);
    }
    return undefined;
  }
}

/** Streams write 0 or the largest number, because they do not know it yet. */
const samplesIn = (dataBytes: number): number | undefined =>
  dataBytes === 0 || dataBytes > 0x7fff_0000 ? undefined : dataBytes >> 1;

const plainPcm = 1;
const extensible = 0xfffe;

/** The rate of a `fmt ` chunk. */
function readRate(format: Buffer): number {
  if (format.length < 16) throw new UpstreamFailure("unusable_audio");
  const kind = format.readUInt16LE(0);
  const channels = format.readUInt16LE(2);
  const rate = format.readUInt32LE(4);
  const bits = format.readUInt16LE(14);
  const isUsable =
    (kind === plainPcm || kind === extensible) && channels === 1 && bits === 16 && isRate(rate);
  if (!isUsable) throw new UpstreamFailure("unusable_audio");
  return rate;
}

const isRate = (rate: number): boolean => rate >= 8000 && rate <= 48_000;
