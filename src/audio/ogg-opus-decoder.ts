import type { Decoder } from "./codec.ts";
import { concatBytes } from "./concat-bytes.ts";
import { oggPages, PacketJoiner } from "./ogg-reader.ts";
import { createOpusDecoder } from "./opus.ts";

/** The packets before the first one with sound: RFC 7845 sections 5.1 and 5.2. */
const headerPackets = 2;
/** Where the first of them says how many samples come before the sound. */
const preSkipAt = 10;

/** A decoder of one Ogg Opus stream, without what its header and its last page cut off. RFC 7845 section 4. */
export async function createOggOpusDecoder(): Promise<Decoder> {
  const codec = await createOpusDecoder();
  const packets = new PacketJoiner();
  let rest: Uint8Array = new Uint8Array();
  let packetCount = 0;
  let preSkip = 0;
  /** Samples that were decoded, what is cut off among them. */
  let position = 0;

  /** What is heard of a page's packets. */
  function decodePage(segments: readonly Uint8Array[], granule: number): Int16Array[] {
    const heard: Int16Array[] = [];
    for (const packet of packets.join(segments)) {
      packetCount += 1;
      if (packetCount === 1)
        preSkip = (packet[preSkipAt] ?? 0) + (packet[preSkipAt + 1] ?? 0) * 256;
      if (packetCount <= headerPackets) continue;
      const samples = codec.decode(packet);
      const from = Math.max(0, preSkip - position);
      const to = Math.max(0, granule - position);
      position += samples.length;
      heard.push(samples.subarray(from, Math.max(from, to)));
    }
    return heard;
  }

  return {
    decode(bytes) {
      const joined = concatBytes([rest, bytes]);
      const heard: Int16Array[] = [];
      let readTo = 0;
      for (const { segments, granule, endByte } of oggPages(joined)) {
        heard.push(...decodePage(segments, granule));
        readTo = endByte;
      }
      rest = joined.slice(readTo);
      return joinSamples(heard);
    },
    close: () => codec.close(),
  };
}

function joinSamples(parts: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
