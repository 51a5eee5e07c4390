import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findRuntime, installHint } from "../../src/engine/sherpa/runtime.ts";
import { createCertificate } from "../conformance/certificate.ts";
import { type FileServer, serveFiles, tarGzOf, toneFiles, zipOf } from "../support/archives.ts";
import { createFolder, type Outcome, removeFolder, run, start, startBuiltServer } from "./built.ts";

const limit = { timeout: 60_000 };
const key = "the-key-of-the-voices-test";

let folder: string;
let files: FileServer | undefined;

beforeEach(async () => {
  folder = await createFolder();
});
afterEach(async () => {
  await files?.close();
  files = undefined;
  await removeFolder(folder);
});

const voices = (...args: readonly string[]): Promise<Outcome> =>
  run(["voices", ...args], { cwd: folder, env: { SYRINX_API_KEY: key, SYRINX_ESPEAK: "off" } });

const linesOf = ({ stdout }: Outcome): string[] => stdout.toString().trimEnd().split("\n");
const oneLine = /^syrinx: [^\n]+\n$/;

const hasSherpa = findRuntime() !== undefined;
if (!hasSherpa) console.log("Skipped: neural voices. To run it:", installHint);

it.runIf(hasSherpa)("a voice lives: added, served, heard, replaced, removed", limit, async () => {
  files = await serveFiles({ "/v/vits-piper-en_US-tones-low.tar.gz": await tarGzOf(toneFiles) });
  const dataDir = join(folder, "data");
  await mkdir(dataDir);
  const server = await startBuiltServer({
    dataDir,
    env: { SYRINX_API_KEY: key, SYRINX_ESPEAK: "off" },
  });
  try {
    const source = `${files.url}/v/vits-piper-en_US-tones-low.tar.gz`;
    const added = await voices("add", source, "--server", server.url);
    expect(added.stderr).toBe("");
    const slug = "piper-en-us-tones-low";
    expect(linesOf(added)).toEqual([
      "Added piper-en_US-tones-low to data/voices.",
      "kind         vits",
      "sample rate  16000 Hz",
      "languages    en-US",
      "speakers     1",
      expect.stringMatching(/^size +\d+ kB$/),
      "licence      not stated",
      `voices       ${slug}`,
      `Hear it: syrinx voices test ${slug} --out ${slug}.wav`,
      `The server has new: ${slug}; gone: none.`,
    ]);
    expect(added.code).toBe(0);

    const speech = await fetch(`${server.url}/v1/text-to-speech/${slug}?output_format=pcm_16000`, {
      method: "POST",
      headers: { "content-type": "application/json", "xi-api-key": key },
      body: JSON.stringify({ text: "hello" }),
    });
    expect(speech.status).toBe(200);
    expect((await speech.arrayBuffer()).byteLength).toBeGreaterThan(5000);

    for (const place of [[], ["--server", server.url]]) {
      const tested = await voices("test", slug, "--out", "hello.wav", "--json", ...place);
      expect(tested.stderr).toBe("");
      const figures = { firstAudioMs: expect.any(Number), rtf: expect.any(Number) };
      expect(JSON.parse(tested.stdout.toString())).toMatchObject({
        voice: slug,
        engine: "sherpa-onnx",
        cold: figures,
        warm: figures,
      });
      const wav = await readFile(join(folder, "hello.wav"));
      expect(wav.toString("latin1", 0, 4)).toBe("RIFF");
      expect(wav.readUInt32LE(40)).toBe(wav.length - 44);
      expect(wav.length).toBeGreaterThan(20_000);

      const shown = linesOf(await voices("show", slug, ...place));
      expect(shown).toContainEqual(expect.stringMatching(/^engine +sherpa-onnx$/));
      expect(linesOf(await voices("list", ...place)).map((line) => line.split(/ +/)[0])).toEqual([
        "VOICE",
        "flite-rms",
        "flite-slt",
        "flite-awb",
        "flite-kal16",
        slug,
      ]);
    }

    const again = await voices("add", source);
    expect(again.stderr).toMatch(/^syrinx: There is a voice called .*--replace it\.\n$/);
    expect(again.code).toBe(1);
    expect((await voices("add", source, "--replace")).code).toBe(0);

    const removed = await voices("remove", slug, "--server", server.url);
    expect(linesOf(removed)).toEqual([
      "Removed piper-en_US-tones-low from data/voices.",
      `The server has new: none; gone: ${slug}.`,
    ]);
    expect(await readdir(join(dataDir, "voices"))).toEqual([]);
  } finally {
    await server.close();
  }
});

it.runIf(hasSherpa)("a voice that was added speaks after the next start", limit, async () => {
  await writeFile(join(folder, "tones.zip"), zipOf(toneFiles));
  const added = await voices("add", "tones.zip", "--name", "anna", "--data-dir", "elsewhere");
  expect(linesOf(added).at(-1)).toMatch(
    /^A running server takes it up after: curl -X POST .*refresh$/,
  );
  const spoken = await run(["speak", "hello", "--voice", "anna", "--out", "a.wav"], {
    cwd: folder,
    env: { SYRINX_DATA_DIR: "elsewhere" },
  });
  expect(spoken).toMatchObject({ code: 0, stderr: "" });
  expect((await readFile(join(folder, "a.wav"))).length).toBeGreaterThan(5000);
});

describe("the list", () => {
  it("is what the bare command prints, with the faults of what cannot be used beside it", async () => {
    await mkdir(join(folder, "data", "voices", "broken"), { recursive: true });
    const [bare, listed] = await Promise.all([voices(), voices("list")]);
    expect(bare.stdout.toString()).toBe(listed.stdout.toString());
    expect(linesOf(bare)[0]).toMatch(/^VOICE +ID +LANGUAGE +SEX +ENGINE +TIMINGS +LICENCE +DESC/);
    expect(bare.stderr).toMatch(/^syrinx: broken: It holds no model: [^\n]+\n$/);
    expect(bare.code).toBe(0);
  });

  it("of public voices needs neither server nor internet", async () => {
    const table = await voices("catalogue");
    expect(linesOf(table)).toContainEqual(
      expect.stringMatching(/^piper:en_US-lessac-medium +en-US/),
    );
    const json = await voices("catalogue", "--json");
    const listed = JSON.parse(json.stdout.toString()) as readonly { readonly name: string }[];
    expect(listed).toHaveLength(linesOf(table).length - 1);
    expect(listed.map(({ name }) => name)).toContain("kokoro:multi-lang-v1_0");
  });
});

it("a voice that others speak is added from its voice.json", async () => {
  await writeFile(join(folder, "voice.json"), '{"engines":[{"voice":"flite-rms"}]}');
  const added = await voices("add", "voice.json", "--name", "anna");
  expect(linesOf(added)).toContain("kind     spoken by others");
  expect(await readdir(join(folder, "data", "voices", "anna"))).toEqual(["voice.json"]);
});

it("Ctrl-C in a download leaves nothing", async () => {
  let isAsked = false;
  files = await serveFiles({
    "/tones.zip": (_request, response) => {
      isAsked = true;
      response.writeHead(200, { "content-length": 1000 }).write("PK");
    },
  });
  const { child, ended } = start(["voices", "add", `${files.url}/tones.zip`], { cwd: folder });
  await expect.poll(() => isAsked, { timeout: 20_000 }).toBe(true);
  child.kill("SIGINT");
  expect(await ended).toMatchObject({
    code: 1,
    stderr: "syrinx: Interrupted: nothing was added.\n",
  });
  expect(await readdir(join(folder, "data", "voices"))).toEqual([]);
});

it("https stays https, with certificates that are known", async () => {
  const { cert, key: privateKey } = createCertificate();
  await writeFile(join(folder, "cert.pem"), cert);
  files = await serveFiles({ "/tones.zip": zipOf(toneFiles) });
  const location = `${files.url}/tones.zip`;
  const server = createServer({ cert, key: privateKey }, (_request, response) => {
    response.writeHead(302, { location }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const source = `https://127.0.0.1:${(server.address() as AddressInfo).port}/tones.zip`;
  const [stranger, known] = await Promise.all([
    voices("add", source),
    run(["voices", "add", source], {
      cwd: folder,
      env: { NODE_EXTRA_CA_CERTS: join(folder, "cert.pem") },
    }),
  ]);
  server.closeAllConnections();
  server.close();
  expect(stranger).toMatchObject({ code: 1, stderr: expect.stringMatching(/NODE_EXTRA_CA_CERTS/) });
  expect(known.stderr).toMatch(
    /^syrinx: https:\/\/.* leads to an address without https: [^\n]+\n$/,
  );
  expect(known.code).toBe(1);
  expect(files.requests).toEqual([]);
});

describe("mistakes are told in one line", () => {
  it.each<[readonly string[], number, RegExp]>([
    [["bogus"], 2, /bogus|arguments/],
    [["add"], 2, /source/],
    [["add", "x.zip", "--sha256", "abc"], 2, /--sha256 must be 64/],
    [["add", "x.zip", "--server", "here"], 2, /--server must be an address/],
    [["list", "--server", "ftp://here"], 2, /--server must be an address/],
    [["list", "--loud"], 2, /--loud/],
    [["add", "x.zip"], 1, /no file, folder or known voice called x\.zip.*catalogue/],
    [["add", "piper:nobody"], 1, /piper:nobody.*catalogue/],
    [["add", "."], 1, /--name|holds no model/],
    [["add", "ftp://a.example/x.zip"], 1, /https:\/\//],
    [["show", "nobody"], 1, /no voice called nobody.*voices list/],
    [["test", "nobody"], 1, /no voice called nobody/],
    [["test", "flite-kal16", "--text", ""], 1, /--text/],
    [["test", "flite-kal16", "--out", "no/such/a.wav"], 1, /a\.wav cannot be written.*--out/],
    [["remove", "flite-rms"], 1, /only those in folders/],
    [["list", "--server", "http://127.0.0.1:1"], 1, /127\.0\.0\.1:1 cannot be reached/],
  ])("syrinx voices %j", async (args, code, message) => {
    const outcome = await voices(...args);
    expect(outcome.stderr).toMatch(oneLine);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stdout).toHaveLength(0);
    expect(outcome.code).toBe(code);
  });
});
