import { expect, it } from "vitest";
import { type AudioPiece, play, type Playback } from "./playback.ts";

const piece = (arrivedAt: number, audioMs: number): AudioPiece => ({ arrivedAt, audioMs });

it.each<[string, readonly AudioPiece[], Playback | undefined]>([
  ["nothing", [], undefined],
  ["pieces without audio", [piece(5, 0)], undefined],
  ["one piece", [piece(100, 400)], { startedAt: 100, endedAt: 500, audioMs: 400, underruns: [] }],
  [
    "a piece that comes while the last is played",
    [piece(100, 400), piece(499, 100)],
    { startedAt: 100, endedAt: 600, audioMs: 500, underruns: [] },
  ],
  [
    "a piece that comes just as the last ends",
    [piece(100, 400), piece(500, 100)],
    { startedAt: 100, endedAt: 600, audioMs: 500, underruns: [] },
  ],
  [
    "a piece that comes too late: what follows is heard later",
    [piece(100, 400), piece(700, 100)],
    { startedAt: 100, endedAt: 800, audioMs: 500, underruns: [{ startedAt: 500, gapMs: 200 }] },
  ],
  [
    "two gaps, and audio ahead does not undo the first",
    [piece(0, 100), piece(150, 1000), piece(200, 50), piece(1300, 10)],
    {
      startedAt: 0,
      endedAt: 1310,
      audioMs: 1160,
      underruns: [
        { startedAt: 100, gapMs: 50 },
        { startedAt: 1200, gapMs: 100 },
      ],
    },
  ],
  [
    "a header at first, which nobody hears",
    [piece(0, 0), piece(300, 100)],
    { startedAt: 300, endedAt: 400, audioMs: 100, underruns: [] },
  ],
  [
    "a gap within the accuracy of durations",
    [piece(0, 100), piece(100.9, 100)],
    { startedAt: 0, endedAt: 200.9, audioMs: 200, underruns: [] },
  ],
])("plays %s", (_what, pieces, heard) => {
  expect(play(pieces)).toEqual(heard);
});
