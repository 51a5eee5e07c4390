import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readEnd } from "../../src/cli/read-log.ts";
import { createFolder, type Outcome, removeFolder, run } from "./built.ts";

const limit = { timeout: 60_000 };
const secret = "sk_0123456789abcdef0123456789abcdef0123456789abcdef";
const idle = [
  `2026-01-02 12:00:00,000 DEBUG:websockets.client:> xi-api-key: ${secret}`,
  "2026-01-02 12:00:20,400 ERROR:tts:received 1008 (policy violation) Have not received a new text input within the timeout of 20 seconds.; then sent 1008 (policy violation)",
  "",
].join("\n");

let folder: string;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => removeFolder(folder));

const why = (input: string, ...args: readonly string[]): Promise<Outcome> =>
  run(["why", "--log", "-", ...args], { input });

it("a log is explained, with its lines and without its keys", limit, async () => {
  const { code, stdout, stderr } = await why(idle);
  const shown = stdout.toString();
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(shown).toMatch(/^No message arrived within the inactivity timeout of 20 seconds\.\n/);
  expect(shown).toContain("input_timeout: certain");
  expect(shown).toMatch(/\n {3}2 {2}.*received 1008/);
  expect(shown).toContain("inactivity_timeout=180");
  expect(shown).not.toContain("sk_0123");
  expect(shown).not.toContain("\u001b");
});

it("as JSON, from a file", limit, async () => {
  const file = join(folder, "agent.log");
  await writeFile(file, idle);
  const { code, stdout } = await run(["why", "--log", file, "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout.toString())).toMatchObject({
    connections: 1,
    skipped_lines: 0,
    causes: [{ cause: "input_timeout", confidence: "certain", evidence: [{ line: 2 }] }],
    missing: [],
  });
});

it("what cannot be explained is said with what is missing, and is a failure", limit, async () => {
  const { code, stdout, stderr } = await why("12:00:01 elevenlabs socket closed 1008\n");
  expect(code).toBe(1);
  expect(stderr).toBe("");
  expect(stdout.toString()).toContain("To know more, add to the log:");
  const nothing = await why("hello\n");
  expect(nothing.code).toBe(1);
  expect(nothing.stdout.toString()).toMatch(/^Nothing in this log tells/);
});

it("a long document of JSON is read whole, and of what cannot be read it is said", async () => {
  const read = (text: string, jsonBytes: number): ReturnType<typeof readEnd> =>
    readEnd(Readable.from([Buffer.from(text)]), { linesBytes: 100, jsonBytes });
  const document = `{"log": {"entries": [${'"x",\n'.repeat(1000)}"x"]}}`;
  expect(await read(document, 10_000)).toEqual({ bytes: Buffer.from(document), skippedLines: 0 });
  const oneLine = "x".repeat(1000);
  await expect(read(oneLine, 10_000)).rejects.toThrow(/^The log's last line is longer than/);
  await expect(read(`${oneLine}\n`, 10_000)).rejects.toThrow(/^The log's last line is longer than/);
});

it("wrong usage and a file that is not there are told in one line", limit, async () => {
  const missing = await run(["why", "--log", join(folder, "none.log")]);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toMatch(/^syrinx: \S*none\.log is not there: [^\n]+\n$/);
  const without = await run(["why"]);
  expect(without.code).toBe(2);
  expect(without.stderr).toMatch(/^syrinx: [^\n]+--log[^\n]+\n$/);
  const noId = await run(["why", "..", "--server", "http://127.0.0.1:9"]);
  expect(noId).toMatchObject({ code: 2, stderr: expect.stringContaining("x-trace-id") });
  const foreign = await run(["why", "--reproduce", "unusual_activity"]);
  expect(foreign).toMatchObject({ code: 2, stderr: expect.stringContaining("of other servers") });
  const mixed = await run(["why", "--log", "-", "--key-env", "KEY"]);
  expect(mixed).toMatchObject({ code: 2, stderr: expect.stringContaining("--key-env belongs to") });
});

it("of a long log the end is read, and its lines keep their numbers", async () => {
  const stream = new PassThrough();
  const reading = readEnd(stream, { linesBytes: 1000, jsonBytes: 10 });
  for (let line = 1; line <= 500; line += 1) stream.write(`line ${line}\n`);
  stream.end();
  const { bytes, skippedLines } = await reading;
  expect(bytes.length).toBeLessThanOrEqual(1000);
  expect(new TextDecoder().decode(bytes)).toMatch(new RegExp(`^line ${skippedLines + 1}\n`));
  expect(new TextDecoder().decode(bytes)).toMatch(/\nline 500\n$/);
});
