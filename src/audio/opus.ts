import type { AudioFormat } from "../protocol/audio-format.ts";
import { concatBytes } from "./concat-bytes.ts";
import type { Encoder } from "./codec.ts";
import { oggPage } from "./ogg.ts";

const sampleRateHz = 48_000;

/** 20 ms. */
const frameSamples = 960;

/** How far libopus delays the signal in its `audio` mode; players drop as many samples from the start. */
const preSkipSamples = 312;

/** Trades 17 % of page headers at 64 kbit/s, with one packet each, for 80 ms of waiting. */
const packetsPerPage = 4;

const setBitrate = 4002;

/** Constant, so that the same speech gives the same bytes; a stream stands alone in its file. */
const defaultSerial = 0x53595258;

// Not the package's native build: its output buffer is shared by all threads of the process, so that
// encoders in two workers write into each other's packets (1.0.3).
const loadLibrary = () => import("@evan/opus/wasm/index.js");

/** The library, loaded by the thread's first encoder. */
let library: ReturnType<typeof loadLibrary> | undefined;

/**
 * An encoder of Ogg Opus from 48 kHz samples: 20 ms packets, one on the first audio page and several on
 * each later one; the header pages travel with the first audio. `inputRateHz` is only noted in the header.
 * RFC 7845.
 *
 * @throws {RangeError} when the format is not at 48 kHz with 6 to 510 kbit/s
 */
export async function createOpusEncoder(
  format: AudioFormat,
  inputRateHz: number,
  serial: number = defaultSerial,
): Promise<Encoder> {
  const { bitrateBps = 0 } = format;
  if (format.sampleRateHz !== sampleRateHz || !(bitrateBps >= 6000 && bitrateBps <= 510_000)) {
    throw new RangeError(`no Opus at ${format.sampleRateHz} Hz with ${bitrateBps} bit/s`);
  }
  library ??= loadLibrary();
  const { Encoder: OpusCodec } = await library;
  const codec = new OpusCodec({
    channels: 1,
    sample_rate: sampleRateHz,
    application: "audio",
  });
  codec.ctl(setBitrate, bitrateBps);

  const frame = new Int16Array(frameSamples);
  let filled = 0;
  let received = 0;
  let coded = 0;
  let packets: Uint8Array[] = [];
  let sequence = 0;

  function codeFrame(): void {
    packets.push(codec.encode(frame));
    coded += frameSamples;
    filled = 0;
  }

  function closePage(granule: number, last: boolean): Uint8Array[] {
    const headers = sequence === 0 ? headerPages(inputRateHz, serial) : [];
    sequence += headers.length;
    const page = oggPage({ serial, sequence, granule, packets, last });
    sequence++;
    packets = [];
    return [...headers, page];
  }

  return {
    encode(samples) {
      const pages: Uint8Array[] = [];
      received += samples.length;
      for (let start = 0; start < samples.length; ) {
        const taken = samples.subarray(start, start + frameSamples - filled);
        frame.set(taken, filled);
        filled += taken.length;
        start += taken.length;
        if (filled < frameSamples) break;
        codeFrame();
        if (sequence === 0 || packets.length === packetsPerPage)
          pages.push(...closePage(coded, false));
      }
      return concatBytes(pages);
    },
    finish() {
      // The delay pushes the last samples beyond the frame they came in, so there is always a packet to
      // come and this page is never empty. Its granule cuts the padding off again.
      const end = received + preSkipSamples;
      while (coded < end) {
        frame.fill(0, filled);
        codeFrame();
      }
      codec.drop();
      return concatBytes(closePage(end, true));
    },
  };
}

/** Turns the packets of one Opus stream into samples at 48 kHz. */
export interface OpusDecoder {
  /** @throws {Error} for what is no packet */
  decode(packet: Uint8Array): Int16Array;
  close(): void;
}

/** A decoder of mono Opus; what was coded in stereo is mixed. */
export async function createOpusDecoder(): Promise<OpusDecoder> {
  library ??= loadLibrary();
  const { Decoder } = await library;
  const codec = new Decoder({ channels: 1, sample_rate: sampleRateHz });
  return {
    decode(packet) {
      const { buffer, byteOffset, length } = codec.decode(packet);
      return new Int16Array(buffer.slice(byteOffset, byteOffset + length));
    },
    close: () => codec.drop(),
  };
}

function headerPages(inputRateHz: number, serial: number): Uint8Array[] {
  return [identification(inputRateHz), comments("syrinx")].map((packet, sequence) =>
    oggPage({ serial, sequence, granule: 0, packets: [packet] }),
  );
}

/** RFC 7845 section 5.1. */
function identification(inputRateHz: number): Uint8Array {
  const packet = new Uint8Array(19);
  const view = new DataView(packet.buffer);
  packet.set(new TextEncoder().encode("OpusHead"), 0);
  packet[8] = 1; // version
  packet[9] = 1; // channels
  view.setUint16(10, preSkipSamples, true);
  view.setUint32(12, inputRateHz, true);
  return packet;
}

/** RFC 7845 section 5.2: a vendor and no comments. */
function comments(vendor: string): Uint8Array {
  const vendorLength = new Uint8Array(4);
  new DataView(vendorLength.buffer).setUint32(0, vendor.length, true);
  const text = new TextEncoder();
  return concatBytes([
    text.encode("OpusTags"),
    vendorLength,
    text.encode(vendor),
    new Uint8Array(4),
  ]);
}
