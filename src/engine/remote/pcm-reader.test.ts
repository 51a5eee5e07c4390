import { expect, it } from "vitest";
import { PcmReader } from "./pcm-reader.ts";

/** A chunk of a WAV file that says it is longer or shorter than what it holds. */
function chunk(name: string, content: Buffer, lengthToldBytes = content.length): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, "latin1");
  head.writeUInt32LE(lengthToldBytes, 4);
  return Buffer.concat([head, content]);
}

function formatChunk(): Buffer {
  const format = Buffer.alloc(16);
  format.writeUInt16LE(1, 0);
  format.writeUInt16LE(1, 2);
  format.writeUInt32LE(16_000, 4);
  format.writeUInt16LE(16, 14);
  return chunk("fmt ", format);
}

const wav = (...chunks: readonly Buffer[]): Buffer =>
  chunk("RIFF", Buffer.concat([Buffer.from("WAVE"), ...chunks]));

/** Reads bytes in portions and counts the samples. */
function readIn(stepBytes: number, bytes: Buffer): number {
  const reader = new PcmReader(24_000);
  let count = 0;
  for (let at = 0; at < bytes.length; at += stepBytes) {
    count += reader.read(bytes.subarray(at, at + stepBytes)).length;
  }
  expect(reader.format?.sampleRateHz).toBe(16_000);
  return count;
}

const steps: readonly number[] = [1, 7, 4096, 100_000];

it.each(steps)("samples begin after what else the header holds, %d bytes at a time", (step) => {
  const notes = chunk("LIST", Buffer.alloc(3000, "data"));
  const bytes = wav(formatChunk(), notes, chunk("data", Buffer.alloc(9000)));
  expect(readIn(step, bytes)).toBe(4500);
});

it.each(steps)("a header without end is refused before it is held, %d bytes at a time", (step) => {
  // It used to be put together anew with every portion, because the word "data" was in it.
  const notes = chunk("LIST", Buffer.from("data"), 0xffff_ffff);
  const bytes = Buffer.concat([wav(formatChunk(), notes), Buffer.alloc(200_000)]);
  const reader = new PcmReader(24_000);
  let readBytes = 0;
  const readAll = (): void => {
    for (; readBytes < bytes.length; readBytes += step) {
      reader.read(bytes.subarray(readBytes, readBytes + step));
    }
  };
  expect(readAll).toThrow("unusable_audio");
  expect(readBytes).toBeLessThan(4096);
});

it.each(steps)("a header is too long however it is cut, %d bytes at a time", (step) => {
  const notes = chunk("LIST", Buffer.alloc(5000));
  const bytes = wav(formatChunk(), notes, chunk("data", Buffer.alloc(9000)));
  expect(() => readIn(step, bytes)).toThrow("unusable_audio");
});
