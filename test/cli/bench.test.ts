import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultyServer, startFaultyServer } from "../load/faulty-server.ts";
import {
  type BuiltServer,
  createFolder,
  type Outcome,
  removeFolder,
  run,
  start,
  startBuiltServer,
} from "./built.ts";

const key = "the-key-of-the-bench-test";

let folder: string;
let server: BuiltServer;
let faulty: FaultyServer;

beforeAll(async () => {
  folder = await createFolder();
  server = await startBuiltServer({ env: { SYRINX_API_KEY: key } });
  faulty = await startFaultyServer();
});
afterAll(async () => {
  await server.close();
  await faulty.close();
  await removeFolder(folder);
});

const bench = (args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> =>
  run(["bench", ...args], { cwd: folder, env });

/** A short burst, spoken by the fastest voice. */
const burst = ["--pace", "all-at-once", "--streams", "3", "--voice", "flite-kal16"];
const oneLine = /^syrinx: [^\n]+\n$/;

it.each<[string, readonly string[], RegExp]>([
  ["an address", ["--url", "here"], /--url/],
  ["a scheme", ["--url", "ftp://here"], /--url/],
  ["a pace", ["--pace", "fast"], /--pace must be paced or all-at-once; it is fast/],
  ["a number of streams", ["--streams", "many"], /--streams/],
  ["no streams", ["--streams", "0"], /--streams.*1 to 10000/],
  ["half a stream", ["--streams", "1.5"], /--streams must be a whole number/],
  ["a duration", ["--duration", "-1"], /--duration/],
  ["rounds", ["--rounds", "1e9"], /--rounds/],
  ["a use of sockets", ["--socket", "both"], /--socket must be single or multi/],
  ["a format of whole files", ["--format", "wav_24000"], /--format.*wav_24000/],
  ["a parameter", ["--query", "auto_mode"], /--query must be name=value/],
  ["more keys than servers", ["--api-key", "one", "--api-key", "two"], /--api-key/],
  ["an unknown flag", ["--loud"], /--loud/],
])("refuses %s that makes no sense, in one line", async (_what, args, names) => {
  const { code, stdout, stderr } = await bench(args);
  expect(stderr).toMatch(oneLine);
  expect(stderr).toMatch(names);
  expect(stdout).toHaveLength(0);
  expect(code).toBe(2);
});

describe("a server that cannot be measured is named in one line, before the run", () => {
  it.each<[string, () => readonly string[], RegExp]>([
    ["nobody is there", () => ["--url", "http://127.0.0.1:9"], /127\.0\.0\.1:9.*ECONNREFUSED/],
    ["it wants a key", () => ["--url", server.url], /SYRINX_API_KEY/],
    [
      "it has no such voice",
      () => ["--url", server.url, "--api-key", key, "--voice", "nobody"],
      /nobody.*--voice/,
    ],
    ["it refuses", () => ["--url", faulty.url, "--voice", "http-429"], /HTTP 429 too_many.*Busy/],
    ["it closes", () => ["--url", faulty.url, "--voice", "closes-early"], /1011.*engine is gone/],
  ])("%s", async (_what, args, names) => {
    const { code, stdout, stderr } = await bench([...burst, ...args()]);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(names);
    expect(stderr).not.toContain(key);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+|Error:/);
    expect(stdout).toHaveLength(0);
    expect(code).toBe(1);
  });

  it("another web server is there", async () => {
    const web = createServer((_request, response) => response.end("hello"));
    web.listen(0, "127.0.0.1");
    await once(web, "listening");
    const { port } = web.address() as AddressInfo;
    const { code, stderr } = await bench([...burst, "--url", `http://127.0.0.1:${port}`]);
    web.close();
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(/cannot be measured: HTTP 200; give the address of a server/);
    expect(code).toBe(1);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["a text file that is not there", ["--text-file", "no.txt"], /no\.txt/],
    ["a report in a folder that is not there", ["--report", "no/such/a.html"], /no\/such\/a\.html/],
    ["JSON in a folder that is not there", ["--json", "no/such/a.json"], /no\/such\/a\.json/],
  ])("nor with %s", async (_what, args, names) => {
    const { code, stdout, stderr } = await bench([...burst, ...args]);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(names);
    expect(stdout).toHaveLength(0);
    expect(code).toBe(1);
  });
});

it("starts a server of its own and prints a table, and nothing else on a pipe", async () => {
  const { code, stdout, stderr } = await bench(burst);
  expect(stderr).toBe("");
  const lines = stdout.toString().split("\n");
  expect(lines[0]).toMatch(/^figure +a server of its own$/);
  expect(lines).toContainEqual(expect.stringMatching(/^first audio p95 +\d+(\.\d+)? ms$/));
  expect(lines).toContainEqual(expect.stringMatching(/^complete turns +3$/));
  expect(lines).toContainEqual(expect.stringMatching(/^lost characters +0$/));
  expect(stdout.toString()).not.toMatch(/\p{Cc}(?<!\n)/u);
  expect(code).toBe(0);
});

it("compares two servers in rounds, with a report and JSON", async () => {
  const texts = join(folder, "turns.txt");
  await writeFile(texts, "A secret of the first turn.\n\nAnother one, of the second.\n");
  const urls = ["--url", server.url, "--url", `${server.url}/compat/observed/v1`];
  const { code, stdout, stderr } = await bench(
    [
      ...burst,
      ...urls,
      "--rounds",
      "2",
      "--text-file",
      texts,
      "--report",
      "a.html",
      "--json",
      "a.json",
    ],
    { SYRINX_API_KEY: key },
  );
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const [heading = ""] = stdout.toString().split("\n");
  expect(heading).toMatch(
    new RegExp(`^figure +${server.url} +${server.url}/compat/observed/v1 +ratio$`),
  );
  const json = await readFile(join(folder, "a.json"), "utf8");
  const turns = { length: 3 };
  expect(JSON.parse(json)).toMatchObject({
    schema: "syrinx-bench",
    pace: "all-at-once",
    socketUse: "single",
    targets: [
      {
        url: server.url,
        rounds: [
          { round: 0, turns },
          { round: 1, turns },
        ],
      },
      { url: `${server.url}/compat/observed/v1`, rounds: [{ round: 0 }, { round: 1 }] },
    ],
  });
  const page = await readFile(join(folder, "a.html"), "utf8");
  expect(page).toMatch(/^<!doctype html>/);
  expect(page).not.toMatch(/<script|<link|<img|\bsrc=|\bhref=|url\(|@import/i);
  for (const output of [stdout.toString(), json, page]) {
    expect(output).not.toContain(key);
    expect(output).not.toContain("secret");
  }
});

it("writes only JSON to standard output when asked to", async () => {
  const args = [...burst, "--url", server.url, "--api-key", key, "--format", "opus_48000_32"];
  const { code, stdout, stderr } = await bench([...args, "--json", "-"]);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout.toString())).toMatchObject({
    format: "opus_48000_32",
    targets: [{ figures: { completeTurns: { median: 3 }, lostChars: { median: 0 } } }],
  });
  expect(code).toBe(0);
});

it("keeps keys apart: each server gets its own", async () => {
  const urls = ["--url", server.url, "--url", server.url];
  const keys = ["--api-key", key, "--api-key", "a-wrong-key"];
  const { code, stderr } = await bench([...burst, ...urls, ...keys]);
  expect(stderr).toMatch(/\(2\) cannot be measured: error invalid_api_key/);
  expect(stderr).not.toMatch(/a-wrong-key/);
  expect(code).toBe(1);
});

it("ends at Ctrl-C, passed on by npm once more, with what was measured until then", async () => {
  const before = faulty.connections;
  const paced = ["--streams", "4", "--duration", "600", "--socket", "single"];
  const target = ["--url", faulty.url, "--voice", "fine", "--format", "pcm_8000"];
  const { child, ended } = start(["bench", ...paced, ...target, "--json", "-"], { cwd: folder });
  // The first is of the check before the run; the second one's text takes a second to be written.
  await expect.poll(() => faulty.connections - before, { timeout: 20_000 }).toBe(2);
  child.kill("SIGINT");
  await sleep(20);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await ended;
  expect(stderr).toBe("");
  expect(JSON.parse(stdout.toString())).toMatchObject({
    isInterrupted: true,
    durationSeconds: 600,
    targets: [{ rounds: [{ turns: [{ stream: 0, isInterrupted: true }] }] }],
  });
  expect(code).toBe(0);
});
