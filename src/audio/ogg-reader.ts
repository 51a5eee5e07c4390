import { concatBytes } from "./concat-bytes.ts";

/** A page of an Ogg stream, as it is read. RFC 3533 section 6. */
export interface OggPageView {
  readonly startByte: number;
  readonly endByte: number;
  /** Whether a stream begins with it. */
  readonly isFirst: boolean;
  /** Position at its end. */
  readonly granule: number;
  readonly segments: readonly Uint8Array[];
}

const headerBytes = 27;
const mark = 0x5367674f; // "OggS"
const firstPageFlag = 2;

/** The whole pages at the start of the bytes. */
export function* oggPages(bytes: Uint8Array): Generator<OggPageView> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    if (view.getUint32(at, true) !== mark) return;
    const tableAt = at + headerBytes;
    const lengths = bytes.subarray(tableAt, tableAt + view.getUint8(at + 26));
    if (lengths.length < view.getUint8(at + 26)) return;
    let end = tableAt + lengths.length;
    const segments: Uint8Array[] = [];
    for (const length of lengths) {
      segments.push(bytes.subarray(end, end + length));
      end += length;
    }
    if (end > bytes.length) return;
    yield {
      startByte: at,
      endByte: end,
      isFirst: (view.getUint8(at + 5) & firstPageFlag) !== 0,
      granule: Number(view.getBigInt64(at + 6, true)),
      segments,
    };
    at = end;
  }
}

const longestSegment = 255;

/** Joins the segments of one stream's pages to packets; a packet may go on on the next page. */
export class PacketJoiner {
  #parts: Uint8Array[] = [];

  *join(segments: readonly Uint8Array[]): Generator<Uint8Array> {
    for (const segment of segments) {
      this.#parts.push(segment);
      if (segment.length === longestSegment) continue;
      yield concatBytes(this.#parts);
      this.#parts = [];
    }
  }
}
