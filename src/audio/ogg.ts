/** One page of an Ogg stream. */
export interface OggPage {
  /** Tells the streams of one file apart. */
  readonly serial: number;
  /** Counts the stream's pages from 0. */
  readonly sequence: number;
  /** Position at the end of the page, in the codec's own unit. */
  readonly granule: number;
  /** Whole packets; together at most 255 segments of 255 bytes. */
  readonly packets: readonly Uint8Array[];
  /** Marks the stream's last page. */
  readonly last?: boolean;
}

const headerBytes = 27;
const checksumAt = 22;
const firstPageFlag = 0x02;
const lastPageFlag = 0x04;

/**
 * The bytes of a page; the page with sequence 0 is marked as the stream's first. RFC 3533 section 6.
 *
 * @throws {RangeError} when the packets need more than 255 segments
 */
export function oggPage(page: OggPage): Uint8Array {
  // A packet ends with its first segment under 255 bytes, so a multiple of 255 needs an empty one.
  const segments = page.packets.flatMap(({ length }) => [
    ...Array.from({ length: Math.floor(length / 255) }, () => 255),
    length % 255,
  ]);
  if (segments.length > 255) throw new RangeError(`${segments.length} segments in an Ogg page`);
  const bodyAt = headerBytes + segments.length;
  const bytes = new Uint8Array(bodyAt + segments.reduce((sum, length) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("OggS"), 0);
  bytes[5] = (page.sequence === 0 ? firstPageFlag : 0) | (page.last ? lastPageFlag : 0);
  view.setBigInt64(6, BigInt(page.granule), true);
  view.setUint32(14, page.serial, true);
  view.setUint32(18, page.sequence, true);
  bytes[26] = segments.length;
  bytes.set(segments, headerBytes);
  let offset = bodyAt;
  for (const packet of page.packets) {
    bytes.set(packet, offset);
    offset += packet.length;
  }
  // Computed while the field itself is still zero.
  view.setUint32(checksumAt, oggChecksum(bytes), true);
  return bytes;
}

const checksumTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 24;
  for (let bit = 0; bit < 8; bit++) {
    remainder = (remainder << 1) ^ (remainder < 0 ? 0x04c11db7 : 0);
  }
  return remainder;
});

/** CRC-32 with the polynomial 0x04C11DB7, most significant bit first, starting and ending plain. RFC 3533 section 6. */
export function oggChecksum(bytes: Uint8Array): number {
  let remainder = 0;
  for (const byte of bytes) {
    remainder = (remainder << 8) ^ checksumTable[(remainder >>> 24) ^ byte]!;
  }
  return remainder >>> 0;
}
