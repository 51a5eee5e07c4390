import { describe, expect, it } from "vitest";
import type { AudioFormat } from "../protocol/audio-format.ts";
import { concatBytes } from "./concat-bytes.ts";
import { createMp3Encoder } from "./mp3.ts";

const format = (sampleRateHz: number, bitrateKbps: number): AudioFormat => ({
  encoding: "mp3",
  container: "raw",
  sampleRateHz,
  bitrateBps: bitrateKbps * 1000,
});

const chirp = Int16Array.from({ length: 20_000 }, (_, n) => 9000 * Math.sin((n * n) / 90_000));

async function encodeWhole(sampleRateHz: number, bitrateKbps: number): Promise<Uint8Array> {
  const encoder = await createMp3Encoder(format(sampleRateHz, bitrateKbps));
  return concatBytes([encoder.encode(chirp), encoder.finish()]);
}

describe("createMp3Encoder", () => {
  it("gives the same bytes from a used encoder as from a fresh one, whatever it did before", async () => {
    const fresh = await encodeWhole(22_050, 32);
    for (const [rateHz, kbps] of [
      [44_100, 192],
      [24_000, 48],
      [44_100, 32],
    ] as const) {
      await encodeWhole(rateHz, kbps);
      expect(await encodeWhole(22_050, 32)).toEqual(fresh);
    }
  });

  it("keeps streams apart that run at the same time", async () => {
    const alone = await encodeWhole(44_100, 128);
    const [a, b] = [
      await createMp3Encoder(format(44_100, 128)),
      await createMp3Encoder(format(24_000, 48)),
    ];
    const parts: Uint8Array[] = [];
    for (let start = 0; start < chirp.length; start += 1000) {
      parts.push(a.encode(chirp.subarray(start, start + 1000)));
      b.encode(chirp.subarray(start, start + 500));
    }
    b.finish();
    parts.push(a.finish());
    expect(concatBytes(parts)).toEqual(alone);
  });

  it("hands out bytes that later calls leave alone", async () => {
    const encoder = await createMp3Encoder(format(44_100, 128));
    const first = encoder.encode(chirp);
    const before = first.slice();
    encoder.encode(chirp.toReversed());
    encoder.finish();
    expect(first).toEqual(before);
    expect(first.byteLength).toBe(first.buffer.byteLength);
  });

  it.each([
    [12_000, 32],
    [44_100, 33],
    [44_100, 0],
  ])("refuses %i Hz with %i kbit/s", async (rateHz, kbps) => {
    await expect(createMp3Encoder(format(rateHz, kbps))).rejects.toThrow(RangeError);
  });
});
