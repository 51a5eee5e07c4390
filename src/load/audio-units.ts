import { oggPages, PacketJoiner } from "../audio/ogg-reader.ts";

/** A part of coded audio that can only be played as a whole. */
export interface AudioUnit {
  /** Where it lies, in bytes from the start of the turn's audio. */
  readonly startByte: number;
  readonly endByte: number;
  readonly audioMs: number;
}

/** kbit/s of Layer III by version and index. ISO/IEC 11172-3 section 2.4.2.3, ISO/IEC 13818-3 section 2.4.2.3. */
const mp3Kbps: Readonly<Record<"1" | "2", readonly number[]>> = {
  "1": [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  "2": [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const mp3RatesHz = [44_100, 48_000, 32_000];
const mp3HeaderBytes = 4;

/** The frame whose header is at `at`, or undefined when there is none. */
function mp3FrameAt(bytes: Uint8Array, at: number): { length: number; ms: number } | undefined {
  const [sync, kind = 0, rates = 0] = bytes.subarray(at, at + mp3HeaderBytes);
  const version = (kind >> 3) & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  const isLayer3 = ((kind >> 1) & 3) === 1;
  if (sync !== 0xff || kind < 0xe0 || version === 1 || !isLayer3) return undefined;
  const isMpeg1 = version === 3;
  const kbps = mp3Kbps[isMpeg1 ? "1" : "2"][rates >> 4];
  const fullRateHz = mp3RatesHz[(rates >> 2) & 3];
  if (!kbps || fullRateHz === undefined) return undefined;
  const sampleRateHz = fullRateHz / (isMpeg1 ? 1 : version === 2 ? 2 : 4);
  const samples = isMpeg1 ? 1152 : 576;
  const padding = (rates >> 1) & 1;
  const length = Math.floor(((samples / 8) * kbps * 1000) / sampleRateHz) + padding;
  return { length, ms: (samples * 1000) / sampleRateHz };
}

/** The whole frames of an MP3 stream; what is none, such as a tag, is passed over. */
export function splitMp3(bytes: Uint8Array): AudioUnit[] {
  const units: AudioUnit[] = [];
  for (let at = 0; at + mp3HeaderBytes <= bytes.length; ) {
    const frame = mp3FrameAt(bytes, at);
    if (frame === undefined) {
      at += 1;
      continue;
    }
    const endByte = at + frame.length;
    if (endByte > bytes.length) break;
    units.push({ startByte: at, endByte, audioMs: frame.ms });
    at = endByte;
  }
  return units;
}

const opusRatePerMs = 48;

/**
 * The pages of an Ogg Opus stream. What its header tells players to drop counts as nothing.
 * RFC 7845 section 4.
 */
export function splitOpus(bytes: Uint8Array): AudioUnit[] {
  const units: AudioUnit[] = [];
  let heardUpTo = 0;
  for (const page of oggPages(bytes)) {
    if (page.isFirst) heardUpTo = preSkipOf(page.segments[0]);
    const samples = Math.max(0, page.granule - heardUpTo);
    heardUpTo += samples;
    const { startByte, endByte } = page;
    units.push({ startByte, endByte, audioMs: samples / opusRatePerMs });
  }
  return units;
}

/** How many samples players drop from the start. RFC 7845 section 5.1. */
export function opusPreSkip(bytes: Uint8Array): number {
  for (const { segments } of oggPages(bytes)) return preSkipOf(segments[0]);
  return 0;
}

const preSkipOf = (head: Uint8Array | undefined): number =>
  (head?.[10] ?? 0) + (head?.[11] ?? 0) * 256;

const headerPackets = /^Opus(?:Head|Tags)/;

/** The packets of an Ogg Opus stream without its headers. */
export function* opusPackets(bytes: Uint8Array): Generator<Uint8Array> {
  const packets = new PacketJoiner();
  for (const { segments } of oggPages(bytes)) {
    for (const packet of packets.join(segments)) {
      if (!headerPackets.test(Buffer.from(packet).toString("latin1", 0, 8))) yield packet;
    }
  }
}

/** How much more can be played with each piece: a unit counts with the piece that completes it. */
export function audioMsOfPieces(
  pieceBytes: readonly number[],
  units: readonly AudioUnit[],
): number[] {
  let end = 0;
  let next = 0;
  return pieceBytes.map((length) => {
    end += length;
    let audioMs = 0;
    for (let unit = units[next]; unit && unit.endByte <= end; unit = units[next]) {
      audioMs += unit.audioMs;
      next += 1;
    }
    return audioMs;
  });
}
