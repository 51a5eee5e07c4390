import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { measureLoudness } from "./loudness.ts";

interface Tone {
  readonly dbfs: number;
  readonly seconds: number;
  readonly frequencyHz?: number;
}

/** Tones one after the other; their level is that of their peaks. */
function tones(rateHz: number, ...each: readonly Tone[]): Int16Array {
  const parts = each.map(({ dbfs, seconds, frequencyHz = 997 }) =>
    Int16Array.from({ length: Math.round(rateHz * seconds) }, (_, at) =>
      Math.round(32_767 * 10 ** (dbfs / 20) * Math.sin((2 * Math.PI * frequencyHz * at) / rateHz)),
    ),
  );
  const joined = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** A full-scale sine of 997 Hz in one channel is -3.01 LUFS: BS.1770-5, annex 1. */
const oneChannel = 3.01;

it.each([8000, 16_000, 22_050, 24_000, 44_100, 48_000])(
  "a sine of 997 Hz has the level that the standard gives it, at %d Hz",
  (rateHz) => {
    const loudness = measureLoudness(tones(rateHz, { dbfs: -23, seconds: 20 }), rateHz);
    expect(loudness).toBeGreaterThan(-23 - oneChannel - 0.1);
    expect(loudness).toBeLessThan(-23 - oneChannel + 0.1);
  },
);

// EBU Tech 3341, cases 1 to 5, which are for two channels.
it.each([
  [[{ dbfs: -23, seconds: 20 }], -23],
  [[{ dbfs: -33, seconds: 20 }], -33],
  [
    [
      { dbfs: -36, seconds: 10 },
      { dbfs: -23, seconds: 60 },
      { dbfs: -36, seconds: 10 },
    ],
    -23,
  ],
  [
    [
      { dbfs: -72, seconds: 10 },
      { dbfs: -36, seconds: 10 },
      { dbfs: -23, seconds: 60 },
      { dbfs: -36, seconds: 10 },
      { dbfs: -72, seconds: 10 },
    ],
    -23,
  ],
  [
    [
      { dbfs: -26, seconds: 20 },
      { dbfs: -20, seconds: 20.1 },
      { dbfs: -26, seconds: 20 },
    ],
    -23,
  ],
])("gates out what is quiet: %j", (parts, lufs) => {
  const loudness = measureLoudness(tones(48_000, ...parts), 48_000);
  expect(Math.abs(loudness - (lufs - oneChannel))).toBeLessThan(0.1);
});

it("has no level for silence, and for too little", () => {
  expect(measureLoudness(new Int16Array(48_000), 48_000)).toBe(Number.NEGATIVE_INFINITY);
  expect(measureLoudness(tones(48_000, { dbfs: -23, seconds: 0.3 }), 48_000)).toBe(
    Number.NEGATIVE_INFINITY,
  );
});

const hasFfmpeg = spawnSync("ffmpeg", ["-version"], { stdio: "ignore" }).error === undefined;

describe.skipIf(!hasFfmpeg)("ffmpeg measures the same", () => {
  it.each([
    [16_000, 100],
    [16_000, 2500],
    [24_000, 440],
    [48_000, 6000],
  ])("at a rate of %d Hz, a tone of %d Hz", (rateHz, frequencyHz) => {
    const samples = tones(
      rateHz,
      { dbfs: -30, seconds: 1.5, frequencyHz },
      { dbfs: -12, seconds: 2, frequencyHz },
      { dbfs: -50, seconds: 2 },
    );
    const folder = mkdtempSync(join(tmpdir(), "syrinx-loudness-"));
    try {
      const path = join(folder, "tones.raw");
      writeFileSync(path, new Uint8Array(samples.buffer));
      const input = ["-f", "s16le", "-ar", String(rateHz), "-ac", "1", "-i", path];
      const heard = execFileSync(
        "ffmpeg",
        [
          "-hide_banner",
          ...input,
          "-filter",
          "ebur128=metadata=1,ametadata=print:file=-",
          "-f",
          "null",
          "-",
        ],
        { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
      );
      const integrated = [...heard.matchAll(/lavfi\.r128\.I=(\S+)/g)].at(-1)?.[1];
      expect(Math.abs(measureLoudness(samples, rateHz) - Number(integrated))).toBeLessThan(0.15);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
