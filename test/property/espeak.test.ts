import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { findEspeak } from "../../src/engine/espeak/espeak.ts";
import type { EspeakJob } from "../../src/engine/espeak/job.ts";
import { EspeakProgram } from "../../src/engine/espeak/program.ts";
import { speak } from "../../src/engine/espeak/speak.ts";
import type { Pcm } from "../../src/engine/synthesizer.ts";
import type { CharacterTimings } from "../../src/protocol/alignment.ts";

const moduleUrl = findEspeak();

const words: readonly string[] = [
  ...[
    "Hello",
    "42",
    "$1,234.56",
    "it's",
    "Dr.",
    "1/2",
    "https://a.b/c?d",
    "a@b.c",
    "...",
    "\u2014",
  ],
  ...[
    "[[x",
    "]]",
    "<",
    "&amp;",
    "%s",
    "你好",
    "नमस्ते",
    "مرحبا",
    "\u{1f600}",
    "\u0301\u0301",
    "１２",
  ],
  ...["<break time='1s'/>", "</speak>", "<sub alias='a b'>c d</sub>"],
  "<phoneme alphabet='cmu-arpabet' ph='T AH0 M EY1'>x</phoneme>",
];
const anyText = fc
  .array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: "binary", maxLength: 12 })), {
    maxLength: 20,
  })
  .map((parts) => parts.join(" "));

const textOf = (pieces: readonly Pcm[]): string =>
  pieces.flatMap(({ alignment }) => alignment.original.chars).join("");

const isRight = ({ chars, endsAtSample }: CharacterTimings, samples: number): boolean =>
  chars.length === endsAtSample.length &&
  endsAtSample.every((end, index) => end >= (endsAtSample[index - 1] ?? 0)) &&
  endsAtSample.at(-1) === samples;

describe.skipIf(moduleUrl === undefined)("espeak-ng", () => {
  let program: EspeakProgram;
  let voices: readonly string[];

  beforeAll(async () => {
    program = await EspeakProgram.load(moduleUrl ?? "");
    voices = program.listVoices().map(({ identifier }) => identifier);
  });

  const speakAll = (job: EspeakJob): Pcm[] => {
    const pieces: Pcm[] = [];
    speak(
      program,
      job,
      (piece) => pieces.push(piece),
      () => true,
    );
    return pieces;
  };

  it("says any text in any voice in whole pieces, and the rest of it from any of them", () => {
    const job = fc.record({
      text: anyText,
      voice: fc.nat().map((pick) => voices[pick % voices.length] ?? ""),
      markup: fc.constantFrom("none" as const, "ssml" as const),
      speed: fc.constantFrom(1, 1, 1, 0.7, 2),
      from: fc.constant(0),
      language: fc.constantFrom("en-US", "de"),
      normalization: fc.constantFrom("auto" as const, "on" as const, "off" as const),
    });
    fc.assert(
      fc.property(job, fc.nat(), (whole, pick) => {
        const expected = whole.text.endsWith(" ") ? whole.text : `${whole.text} `;
        const pieces = speakAll(whole);
        expect(textOf(pieces)).toBe(expected);
        for (const { samples, alignment } of pieces) {
          expect(samples.length).toBeGreaterThan(0);
          expect(isRight(alignment.original, samples.length)).toBe(true);
          expect(isRight(alignment.normalized, samples.length)).toBe(true);
        }
        const given = pieces.slice(0, pick % pieces.length);
        const from = textOf(given).length;
        if (given.length > 0)
          expect(textOf(speakAll({ ...whole, from }))).toBe(expected.slice(from));
      }),
      { numRuns: 60 },
    );
  });
});
