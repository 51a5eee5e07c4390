import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createFliteEngine } from "../../src/engine/flite/flite.ts";
import type { Engine, Pcm } from "../../src/engine/synthesizer.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import { type TextNormalization, textNormalizations } from "../../src/protocol/normalization.ts";
import { neutralSettings } from "../../src/protocol/voice.ts";

/** An engine whose figures this server reads, at least where it is asked to. */
interface Row {
  readonly name: string;
  readonly create: () => Promise<Engine>;
  /** What it speaks for `text`. */
  readonly spoken: Readonly<Record<TextNormalization, string>>;
}

const text =
  "On  21/11/2026 at 5pm, Dr. Müller paid £5.50 — 42% of Chapter IV, see a@example.com! ";
const inWords =
  "On november twenty first twenty twenty six at five p m, doctor Muller paid five pounds fifty pence, forty two per cent of Chapter four, see ay at example dot com!";
const asWritten = text.replace("  ", " ").trim();

const rows: readonly Row[] = [
  {
    name: "tone",
    create: () => Promise.resolve(createToneEngine({ msPerChar: 5 })),
    spoken: {
      auto: asWritten,
      on: "On november twenty first twenty twenty six at five P.M, doctor Müller paid five pounds fifty pence — forty two per cent of Chapter four, see A at example dot com!",
      off: asWritten,
    },
  },
  {
    name: "flite",
    create: () => createFliteEngine({ clock: systemClock, workers: 1 }),
    spoken: {
      auto: inWords,
      on: inWords,
      off: "On twenty one slash eleven slash two thousand twenty six at five pm, d r. Muller paid pound five point five zero, forty two per cent of Chapter i v, see ay at example dot com!",
    },
  },
];

describe.each(rows)("the engine $name", ({ create, spoken }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create();
    await engine.ready();
  });
  afterAll(() => engine.close());

  it.each(textNormalizations)(
    "says what it speaks with normalization %s",
    async (normalization) => {
      const [voice] = engine.voices;
      if (!voice) throw new Error("the engine has no voice");
      const asked = {
        text,
        voice,
        settings: neutralSettings,
        markup: "none",
        normalization,
      } as const;
      const pieces: Pcm[] = [];
      for await (const piece of engine.synthesize(asked, new AbortController().signal)) {
        pieces.push(piece);
      }
      const original = pieces.flatMap(({ alignment }) => alignment.original.chars);
      const normalized = pieces.flatMap(({ alignment }) => alignment.normalized.chars);
      expect(original.join("")).toBe(text);
      expect(normalized.join("")).toBe(` ${spoken[normalization]} `);
      for (const { samples, alignment } of pieces) {
        for (const { endsAtSample } of [alignment.original, alignment.normalized]) {
          expect([...endsAtSample]).toEqual([...endsAtSample].toSorted((a, b) => a - b));
          expect(endsAtSample.at(-1)).toBe(samples.length);
        }
      }
    },
  );
});
