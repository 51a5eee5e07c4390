import { decodeALaw, decodeMuLaw } from "../audio/g711.ts";
import { createMp3Decoder, type Mp3Decoder } from "../audio/mp3-decoder.ts";
import { createOpusDecoder } from "../audio/opus.ts";
import {
  type AudioUnit,
  audioMsOfPieces,
  opusPackets,
  opusPreSkip,
  splitMp3,
  splitOpus,
} from "./audio-units.ts";
import { findOnset } from "./onset.ts";

/** What the coded audio of one turn holds. */
export interface AudioMeasures {
  /** How much more could be played with each piece. */
  readonly audioMs: readonly number[];
  /** The silence before the first sound; absent when all is silent. */
  readonly leadingSilenceMs?: number;
}

/** Measures the audio of one turn, given in the pieces in which it came. */
export type MeasureAudio = (pieces: readonly Uint8Array[]) => Promise<AudioMeasures>;

/** The meter of an `output_format`, or undefined when that is none that a socket carries. */
export function createAudioMeter(format: string): MeasureAudio | undefined {
  const [, codec = "", rate = ""] =
    /^(pcm|ulaw|alaw|mp3|opus)_(\d{4,6})(?:_\d{1,4})?$/.exec(format) ?? [];
  return meters[codec]?.(Number(rate));
}

/** Whether this is an `output_format` that a socket carries. */
export const isMeasurable = (format: string): boolean => createAudioMeter(format) !== undefined;

const meters: Readonly<Record<string, (sampleRateHz: number) => MeasureAudio>> = {
  pcm: (rateHz) => measureSamples(rateHz, 2, readPcm),
  ulaw: (rateHz) => measureSamples(rateHz, 1, decodeMuLaw),
  alaw: (rateHz) => measureSamples(rateHz, 1, decodeALaw),
  mp3: (rateHz) => measureCoded(splitMp3, createMp3OnsetFinder(rateHz)),
  opus: (rateHz) => measureCoded(splitOpus, (bytes) => findOpusOnset(bytes, rateHz)),
};

const measures = (audioMs: readonly number[], onsetMs: number | undefined): AudioMeasures =>
  onsetMs === undefined ? { audioMs } : { audioMs, leadingSilenceMs: onsetMs };

const fullScale16 = 32_768;
/** Only the beginning is decoded, piece by piece up to the first sound. */
const bytesAtOnce = 4096;

function measureSamples(
  sampleRateHz: number,
  bytesPerSample: number,
  read: (bytes: Uint8Array) => Int16Array,
): MeasureAudio {
  const bytesPerMs = (sampleRateHz * bytesPerSample) / 1000;
  return (pieces) => {
    // Joined, because a piece need not end with a whole sample.
    const bytes = Buffer.concat(pieces);
    function* samples(): Generator<Int16Array> {
      for (let at = 0; at < bytes.length; at += bytesAtOnce) {
        yield read(bytes.subarray(at, at + bytesAtOnce));
      }
    }
    const audioMs = pieces.map(({ length }) => length / bytesPerMs);
    return Promise.resolve(measures(audioMs, findOnset(samples(), sampleRateHz, fullScale16)));
  };
}

function readPcm(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Int16Array.from({ length: bytes.length >> 1 }, (_, at) => view.getInt16(at * 2, true));
}

type FindCodedOnset = (
  bytes: Uint8Array,
  units: readonly AudioUnit[],
) => Promise<number | undefined>;

/** How long coded audio is its headers tell, without decoding it. */
function measureCoded(
  split: (bytes: Uint8Array) => AudioUnit[],
  findCodedOnset: FindCodedOnset,
): MeasureAudio {
  return async (pieces) => {
    const bytes = Buffer.concat(pieces);
    const units = split(bytes);
    const lengths = pieces.map(({ length }) => length);
    return measures(audioMsOfPieces(lengths, units), await findCodedOnset(bytes, units));
  };
}

/** About a tenth of a second. */
const mp3FramesAtOnce = 4;
const mp3HeaderBytes = 4;
/** What a decoder keeps of a stream is gone after so many frames of silence. */
const mp3FlushFrames = 3;

/**
 * Finds onsets of one MP3 stream after another with one decoder: a new one for each would need a
 * WebAssembly memory of its own, and a third of the generator's time would go into collecting these.
 */
function createMp3OnsetFinder(sampleRateHz: number): FindCodedOnset {
  let loading: Promise<Mp3Decoder> | undefined;
  return async (bytes, units) => {
    const [first] = units;
    if (!first) return undefined;
    loading ??= createMp3Decoder();
    const decoder = await loading;
    const onsetMs = findOnset(decodeMp3(decoder, bytes, units), sampleRateHz, 1);
    for (let count = 0; count < mp3FlushFrames; count += 1) {
      decoder.decode(silentMp3Frame(bytes.subarray(first.startByte, first.endByte)));
    }
    return onsetMs;
  };
}

function* decodeMp3(
  decoder: Mp3Decoder,
  bytes: Uint8Array,
  units: readonly AudioUnit[],
): Generator<Float32Array> {
  let decoded = units[0]?.startByte ?? 0;
  for (let next = mp3FramesAtOnce; decoded < bytes.length; next += mp3FramesAtOnce) {
    const end = units[next - 1]?.endByte ?? bytes.length;
    yield decoder.decode(bytes.subarray(decoded, end));
    decoded = end;
  }
}

/** A frame without any sound in it, in the format of another: its header, without a checksum, and zeros. */
function silentMp3Frame(frame: Uint8Array): Uint8Array {
  const silent = new Uint8Array(frame.length);
  silent.set(frame.subarray(0, mp3HeaderBytes));
  silent[1] = (silent[1] ?? 0) | 1;
  return silent;
}

async function findOpusOnset(bytes: Uint8Array, sampleRateHz: number): Promise<number | undefined> {
  const decoder = await createOpusDecoder();
  function* samples(): Generator<Int16Array> {
    let skip = opusPreSkip(bytes);
    for (const packet of opusPackets(bytes)) {
      const decoded = decoder.decode(packet);
      yield decoded.subarray(skip);
      skip = Math.max(0, skip - decoded.length);
    }
  }
  try {
    return findOnset(samples(), sampleRateHz, fullScale16);
  } catch {
    // A damaged packet: what was silent up to there stays unknown.
    return undefined;
  } finally {
    decoder.close();
  }
}
