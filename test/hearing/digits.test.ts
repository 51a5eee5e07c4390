import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, testKey } from "../support/server.ts";
import { openStreamInput } from "../support/stream-input.ts";
import { countInOrder, digits, hearDigits, missingTools, spokenDigits } from "./hear.ts";

interface Row {
  readonly voice: string;
  readonly format: string;
  /** How ffmpeg is told what it reads; containers say it themselves. */
  readonly input: readonly string[];
  readonly atLeast: number;
}

const rows: readonly Row[] = ["flite-kal16", "flite-rms"].flatMap((voice) => [
  { voice, format: "pcm_16000", input: ["-f", "s16le", "-ar", "16000", "-ac", "1"], atLeast: 18 },
  { voice, format: "mp3_44100_128", input: ["-f", "mp3"], atLeast: 18 },
  { voice, format: "opus_48000_64", input: ["-f", "ogg"], atLeast: 18 },
  { voice, format: "ulaw_8000", input: ["-f", "mulaw", "-ar", "8000", "-ac", "1"], atLeast: 15 },
]);

const nameOf = ({ voice, format }: Row): string => `${voice}.${format}`;

const missing = missingTools("ffmpeg");
const because = missing.length === 0 ? "" : ` (skipped: needs ${missing.join(" and ")})`;

describe("spoken digits are heard as what they are", () => {
  let heard: ReadonlyMap<string, readonly string[]> = new Map();
  let folder = "";

  beforeAll(async () => {
    if (missing.length > 0) return;
    folder = await mkdtemp(join(tmpdir(), "syrinx-hearing-"));
    const server = await startServer();
    try {
      for (const row of rows) {
        const audio = await speakDigits(server.wsUrl, row);
        await writeFile(join(folder, nameOf(row)), audio);
      }
    } finally {
      await server.close();
    }
    await Promise.all(rows.map((row) => decode(row, folder)));
    heard = await hearDigits(folder, rows.map(nameOf));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.skipIf(missing.length > 0).each(rows)(
    `$voice in $format: at least $atLeast of 20${because}`,
    (row) => {
      const words = heard.get(nameOf(row)) ?? [];
      const count = countInOrder(words);
      process.stdout.write(
        `heard ${count} of ${spokenDigits.length}: ${row.voice} ${row.format}\n`,
      );
      expect(count, `heard: ${words.join(" ")}`).toBeGreaterThanOrEqual(row.atLeast);
    },
  );
});

async function speakDigits(wsUrl: string, { voice, format }: Row): Promise<Buffer> {
  const client = await openStreamInput(wsUrl, {
    voice,
    query: `output_format=${format}`,
    headers: { "xi-api-key": testKey },
  });
  // Figures and words by turns: both must sound the same.
  const texts = spokenDigits.map((digit, index) =>
    index % 2 === 0 ? String(digit) : digits[digit],
  );
  client.send({ text: " " });
  client.send(...texts.map((text) => ({ text: `${text}. `, flush: true })), { text: "" });
  expect((await client.closed).code).toBe(1000);
  return client.audio();
}

/** Writes the audio as the recogniser wants it: bare 16-bit samples at 16 kHz. */
async function decode(row: Row, folder: string): Promise<void> {
  const path = join(folder, nameOf(row));
  const output = ["-ar", "16000", "-ac", "1", "-f", "s16le", `${path}.raw`];
  await promisify(execFile)("ffmpeg", ["-v", "error", ...row.input, "-i", path, ...output]);
}
