import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, testKey } from "../support/server.ts";
import { openStreamInput } from "../support/stream-input.ts";

const model = "/usr/share/pocketsphinx/model/en-us";
const digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
/** Every digit twice, in an order without a pattern. */
const spoken = [7, 3, 9, 1, 0, 8, 4, 2, 6, 5, 9, 0, 2, 7, 1, 4, 8, 3, 5, 6];
const spokenWords = spoken.map((digit) => digits[digit]);

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

const missing = [
  ...["ffmpeg", "pocketsphinx_batch"].filter(
    (tool) => spawnSync(tool, ["-version"], { stdio: "ignore" }).error !== undefined,
  ),
  ...(spawnSync("test", ["-d", model]).status === 0 ? [] : ["pocketsphinx-en-us"]),
];
const because = missing.length === 0 ? "" : ` (skipped: needs ${missing.join(" and ")})`;

describe("spoken digits are heard as what they are", () => {
  const heard = new Map<string, string[]>();
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
    for (const [name, words] of await recognize(folder)) heard.set(name, words);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.skipIf(missing.length > 0).each(rows)(
    `$voice in $format: at least $atLeast of 20${because}`,
    (row) => {
      const words = heard.get(nameOf(row)) ?? [];
      const count = inOrder(spokenWords, words);
      process.stdout.write(`heard ${count} of ${spoken.length}: ${row.voice} ${row.format}\n`);
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
  const texts = spoken.map((digit, index) => (index % 2 === 0 ? String(digit) : digits[digit]));
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

/**
 * One run of the recogniser over all recordings, which loads its model once. The grammar is
 * closed and takes exactly as many digits as were spoken, so that an invented one costs a real one.
 */
async function recognize(folder: string): Promise<[string, string[]][]> {
  const sentence = spoken.map(() => "<digit>").join(" ");
  const grammar = `#JSGF V1.0;\ngrammar digits;\npublic <digits> = ${sentence};\n<digit> = ${digits.join(" | ")};\n`;
  const grammarPath = join(folder, "digits.gram");
  const listPath = join(folder, "list");
  const heardPath = join(folder, "heard");
  await writeFile(grammarPath, grammar);
  await writeFile(listPath, rows.map((row) => `${nameOf(row)}\n`).join(""));
  const options = {
    "-hmm": join(model, "en-us"),
    "-dict": join(model, "cmudict-en-us.dict"),
    "-jsgf": grammarPath,
    "-adcin": "yes",
    "-cepdir": folder,
    "-cepext": ".raw",
    "-ctl": listPath,
    "-hyp": heardPath,
    "-logfn": join(folder, "log"),
  };
  await promisify(execFile)("pocketsphinx_batch", Object.entries(options).flat());
  // Each line holds the words, then the recording's name and a score in brackets.
  const lines = (await readFile(heardPath, "utf8")).trim().split("\n");
  return lines.map((line) => {
    const [, words = "", name = ""] = /^(.*?)\s*\((\S+) /.exec(line) ?? [];
    return [name, words.split(" ")];
  });
}

/** How many of the expected words were heard in the right order: the longest common subsequence. */
function inOrder(
  expected: readonly (string | undefined)[],
  actual: readonly (string | undefined)[],
): number {
  let previous = expected.map(() => 0);
  for (const word of actual) {
    const current: number[] = [];
    expected.forEach((wanted, index) => {
      const both = (previous[index - 1] ?? 0) + (wanted === word ? 1 : 0);
      current.push(Math.max(both, previous[index] ?? 0, current[index - 1] ?? 0));
    });
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
