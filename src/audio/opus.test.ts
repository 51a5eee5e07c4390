import { describe, expect, it } from "vitest";
import type { AudioFormat } from "../protocol/audio-format.ts";
import { concatBytes } from "./concat-bytes.ts";
import { oggChecksum } from "./ogg.ts";
import { createOpusEncoder } from "./opus.ts";

const format: AudioFormat = {
  encoding: "opus",
  container: "ogg",
  sampleRateHz: 48_000,
  bitrateBps: 64_000,
};

interface ReadPage {
  flags: number;
  granule: number;
  serial: number;
  sequence: number;
  packets: Uint8Array[];
}

/** Reads a stream whose packets never cross a page, and checks every checksum. */
function readPages(stream: Uint8Array): ReadPage[] {
  const pages: ReadPage[] = [];
  for (let at = 0; at < stream.length; ) {
    const view = new DataView(stream.buffer, stream.byteOffset + at);
    const segmentCount = view.getUint8(26);
    const lacing = [...stream.subarray(at + 27, at + 27 + segmentCount)];
    const packets: Uint8Array[] = [];
    let offset = at + 27 + segmentCount;
    let length = 0;
    for (const segment of lacing) {
      length += segment;
      if (segment === 255) continue;
      packets.push(stream.subarray(offset, offset + length));
      offset += length;
      length = 0;
    }
    const page = stream.slice(at, offset);
    expect(Buffer.from(page.subarray(0, 5)).toString("latin1")).toBe("OggS\0");
    page.fill(0, 22, 26);
    expect(oggChecksum(page)).toBe(view.getUint32(22, true));
    pages.push({
      flags: view.getUint8(5),
      granule: Number(view.getBigInt64(6, true)),
      serial: view.getUint32(14, true),
      sequence: view.getUint32(18, true),
      packets,
    });
    at = offset;
  }
  return pages;
}

const tone = (count: number) =>
  Int16Array.from({ length: count }, (_, n) => 8000 * Math.sin((2 * Math.PI * 440 * n) / 48_000));

async function encodeWhole(count: number, serial?: number): Promise<ReadPage[]> {
  const encoder = await createOpusEncoder(format, 16_000, serial);
  return readPages(concatBytes([encoder.encode(tone(count)), encoder.finish()]));
}

describe("createOpusEncoder", () => {
  it("starts with the two header pages", async () => {
    const [identification, comments] = (await encodeWhole(48_000)).slice(0, 2).map((page) => {
      expect(page.granule).toBe(0);
      return Buffer.concat(page.packets);
    });
    expect(identification?.toString("latin1", 0, 8)).toBe("OpusHead");
    // Version 1, one channel, 312 samples of pre-skip, 16 kHz, no gain, mapping family 0.
    expect(identification?.toString("hex", 8)).toBe("01013801803e0000000000");
    expect(comments?.toString("latin1")).toBe("OpusTags\u0006\0\0\0syrinx\0\0\0\0");
  });

  it("sends the headers and one packet after 20 ms, then four packets a page", async () => {
    const encoder = await createOpusEncoder(format, 16_000);
    expect(encoder.encode(tone(959)).length).toBe(0);
    const first = readPages(encoder.encode(tone(1)));
    expect(first.map((page) => page.packets.length)).toEqual([1, 1, 1]);
    expect(encoder.encode(tone(4 * 960 - 1)).length).toBe(0);
    expect(readPages(encoder.encode(tone(1))).map((page) => page.packets.length)).toEqual([4]);
  });

  it.each([0, 1, 647, 648, 649, 959, 960, 961, 4799, 4800, 48_000, 100_001])(
    "ends exactly after %i samples",
    async (count) => {
      const pages = await encodeWhole(count);
      expect(pages.map((page) => page.sequence)).toEqual(pages.map((_, index) => index));
      expect(pages.map((page) => page.flags)).toEqual(
        pages.map((_, index) => (index === 0 ? 2 : index === pages.length - 1 ? 4 : 0)),
      );
      let packets = 0;
      for (const page of pages.slice(2)) {
        packets += page.packets.length;
        // Packets are 20 ms each; only the last page may claim less than it holds, by less than a packet.
        expect(page.granule).toBe(Math.min(packets * 960, count + 312));
      }
      expect(pages.at(-1)!.granule).toBe(count + 312);
      expect(packets).toBe(Math.ceil((count + 312) / 960));
    },
  );

  it("makes mono packets of one 20 ms frame", async () => {
    const packets = (await encodeWhole(48_000)).slice(2).flatMap((page) => page.packets);
    for (const packet of packets) {
      // RFC 6716 section 3.1: stereo bit, frame count code, and the durations of each configuration.
      const header = packet.at(0)!;
      const config = header >> 3;
      expect(header & 0b111).toBe(0);
      expect(
        config < 12 ? config % 4 === 1 : config < 16 ? config % 2 === 1 : config % 4 === 3,
      ).toBe(true);
    }
  });

  it("gives the same bytes each time, and another serial when asked", async () => {
    const pages = await encodeWhole(10_000);
    expect(await encodeWhole(10_000)).toEqual(pages);
    const other = await encodeWhole(10_000, 77);
    expect(new Set(other.map((page) => page.serial))).toEqual(new Set([77]));
    expect(other.map((page) => page.packets)).toEqual(pages.map((page) => page.packets));
  });

  it.each([
    { ...format, sampleRateHz: 24_000 },
    { ...format, bitrateBps: 1000 },
    { encoding: "opus", container: "ogg", sampleRateHz: 48_000 } as const,
  ])("refuses $sampleRateHz Hz with $bitrateBps bit/s", async (refused) => {
    await expect(createOpusEncoder(refused, 16_000)).rejects.toThrow(RangeError);
  });
});
