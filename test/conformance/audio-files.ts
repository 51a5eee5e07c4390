/** One frame of an MPEG audio stream. */
export interface Mp3Frame {
  readonly bitrateKbps: number;
  readonly sampleRateHz: number;
  readonly samples: number;
}

/** By the two bits that name them. */
const versions = [undefined, undefined, "mpeg2", "mpeg1"] as const;
const bitratesKbps = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const ratesHz = { mpeg1: [44_100, 48_000, 32_000], mpeg2: [22_050, 24_000, 16_000] } as const;

/**
 * The frames of an MP3 stream (ISO 11172-3 section 2.4.1). Throws when anything else lies before,
 * between or after them.
 */
export function readMp3(stream: Uint8Array): Mp3Frame[] {
  const frames: Mp3Frame[] = [];
  let at = 0;
  while (at < stream.length) {
    const [first = 0, second = 0, third = 0] = stream.subarray(at);
    const version = versions[(second >> 3) & 3];
    if (first !== 0xff || second >> 5 !== 7 || !version || ((second >> 1) & 3) !== 1) {
      throw new Error(`There is no MP3 frame at byte ${at} of ${stream.length}`);
    }
    const bitrateKbps = bitratesKbps[version][third >> 4] ?? 0;
    const sampleRateHz = ratesHz[version][(third >> 2) & 3] ?? 0;
    if (bitrateKbps === 0 || sampleRateHz === 0) throw new Error(`Bad MP3 frame at byte ${at}`);
    const samples = version === "mpeg1" ? 1152 : 576;
    const padding = (third >> 1) & 1;
    at += Math.floor((samples * bitrateKbps * 125) / sampleRateHz) + padding;
    frames.push({ bitrateKbps, sampleRateHz, samples });
  }
  if (at !== stream.length) throw new Error("The last MP3 frame is cut short");
  return frames;
}

/** One page of an Ogg stream. */
export interface OggPage {
  readonly begins: boolean;
  readonly ends: boolean;
  readonly granule: bigint;
  readonly serial: number;
  readonly sequence: number;
  readonly body: Uint8Array;
}

/** The pages of an Ogg stream (RFC 3533 section 6). Throws for anything else, and for a bad sum. */
export function readOgg(stream: Buffer): OggPage[] {
  const pages: OggPage[] = [];
  let at = 0;
  while (at < stream.length) {
    if (stream.toString("latin1", at, at + 4) !== "OggS") {
      throw new Error(`There is no Ogg page at byte ${at} of ${stream.length}`);
    }
    const segmentCount = stream.readUInt8(at + 26);
    const bodyAt = at + 27 + segmentCount;
    const size = stream.subarray(at + 27, bodyAt).reduce((sum, each) => sum + each, 0);
    const page = Buffer.from(stream.subarray(at, bodyAt + size));
    const sum = page.readUInt32LE(22);
    page.writeUInt32LE(0, 22);
    if (oggSum(page) !== sum) throw new Error(`The Ogg page at byte ${at} has a bad checksum`);
    pages.push({
      begins: (page.readUInt8(5) & 2) !== 0,
      ends: (page.readUInt8(5) & 4) !== 0,
      granule: page.readBigInt64LE(6),
      serial: page.readUInt32LE(14),
      sequence: page.readUInt32LE(18),
      body: page.subarray(27 + segmentCount),
    });
    at = bodyAt + size;
  }
  return pages;
}

function oggSum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum << 1) ^ (sum < 0 ? 0x04c1_1db7 : 0);
  }
  return sum >>> 0;
}
