import { createHash } from "node:crypto";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../src/clock.ts";
import { type AddedVoice, type AddRequest, addVoice } from "../../src/voices/add-voice.ts";
import type { PublicVoice } from "../../src/voices/public-voices.ts";
import { removeVoice } from "../../src/voices/remove-voice.ts";
import {
  type Answer,
  type FileServer,
  serveFiles,
  tarGzOf,
  tarOf,
  toneFiles,
  zipOf,
} from "../support/archives.ts";
import { matcha, piperSettings, publishedPiper, writeFolder } from "../support/model-folders.ts";
import { encodeToneVoice, writeToneVoice } from "../support/onnx-fixture.ts";

let folder: string;
let voicesPath: string;
let server: FileServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "syrinx-add-"));
  voicesPath = join(folder, "data", "voices");
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** Time that runs fifty times as fast. */
const hurriedClock: Clock = {
  now: () => systemClock.now() * 50,
  schedule: (ms, callback) => systemClock.schedule(ms / 50, callback),
};

interface Progress {
  readonly step: string;
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
}
const progress: Progress[] = [];

function add(
  source: string,
  request: Partial<AddRequest> = {},
  signal: AbortSignal = new AbortController().signal,
  catalogue?: readonly PublicVoice[],
): Promise<AddedVoice> {
  progress.length = 0;
  return addVoice(
    { source, voicesPath, replace: false, ...request },
    {
      clock: hurriedClock,
      signal,
      ...(catalogue && { catalogue }),
      onProgress: (step, doneBytes, totalBytes) => progress.push({ step, doneBytes, totalBytes }),
    },
  );
}

/** Everything below the voices, hidden things too. */
async function whatIsThere(): Promise<string[]> {
  const names: string[] = await readdir(voicesPath, { recursive: true }).catch(() => []);
  return names.toSorted();
}

async function put(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const bzip2 = fileURLToPath(new URL("../fixtures/tones.tar.bz2", import.meta.url));

describe("takes a voice from", () => {
  it.each<[string, () => Promise<string>]>([
    ["a tar archive", async () => put("tones.tar", await tarOf(toneFiles))],
    ["a tar.gz archive", async () => put("tones.tgz", await tarGzOf(toneFiles))],
    ["a tar.bz2 archive", async () => put("tones.tar.bz2", await readFile(bzip2))],
    ["a zip archive", async () => put("tones.zip", zipOf(toneFiles))],
    ["an archive whatever it is called", async () => put("tones", zipOf(toneFiles))],
    [
      "a folder",
      async () => {
        await writeToneVoice(join(folder, "tones"));
        await writeFile(join(folder, "tones", ".DS_Store"), "");
        return join(folder, "tones");
      },
    ],
  ])("%s", async (_what, source) => {
    const { folder: added, model, voices } = await add(await source());
    expect(model).toMatchObject({ kind: "vits", sampleRateHz: 16_000 });
    expect(added.name).toBe("tones");
    expect(voices[0]?.slug).toMatch(/^tones/);
    expect(await whatIsThere()).toEqual(["tones", "tones/model.onnx", "tones/tokens.txt"]);
  });

  it("an archive with files that systems put there, and without a folder at its top", async () => {
    const plain = Object.entries(toneFiles).map(([name, body]) => [name.slice(6), body]);
    const files = { ...Object.fromEntries(plain), "._model.onnx": Buffer.from("x") };
    await add(await put("anna.tar.gz", await tarGzOf(files)));
    expect(await whatIsThere()).toEqual(["anna", "anna/model.onnx", "anna/tokens.txt"]);
  });

  it("a model of Piper with its settings beside it", async () => {
    const letters = {
      ...piperSettings,
      phoneme_type: "text",
      num_speakers: 1,
      speaker_id_map: {},
    };
    await writeFolder(folder, {
      "en_GB-tones-low.onnx": encodeToneVoice({ sampleRateHz: 22_050, metadata: {} }),
      "en_GB-tones-low.onnx.json": JSON.stringify(letters),
    });
    const { model, voices } = await add(join(folder, "en_GB-tones-low.onnx"));
    expect(model).toMatchObject({ kind: "vits", language: "en-GB", sampleRateHz: 22_050 });
    expect(voices).toMatchObject([{ slug: "en-gb-tones-low" }]);
    expect(await readdir(join(voicesPath, "en_GB-tones-low"))).toContain("en_GB-tones-low.onnx");
  });

  it("a voice.json that names who speaks", async () => {
    const manifest = { engines: [{ voice: "flite-rms" }], language: "en-US" };
    const path = await put("voice.json", Buffer.from(JSON.stringify(manifest)));
    const { model, folder: added } = await add(path, { name: "anna" });
    expect(model).toBeUndefined();
    expect(added).toMatchObject({ name: "anna", manifest });
    expect(await whatIsThere()).toEqual(["anna", "anna/voice.json"]);
  });

  it("an address, behind redirections, with progress", async () => {
    const bytes = await tarGzOf(toneFiles);
    server = await serveFiles({
      "/moved/tones.tar.gz": (_request, response) =>
        response.writeHead(302, { location: "/tones?secret=1" }).end(),
      "/tones?secret=1": (_request, response) =>
        response.writeHead(200, { "content-length": bytes.length }).end(bytes),
    });
    await add(`${server.url}/moved/tones.tar.gz`, { sha256: sha256(bytes).toUpperCase() });
    expect(await whatIsThere()).toEqual(["tones", "tones/model.onnx", "tones/tokens.txt"]);
    const total = { doneBytes: bytes.length, totalBytes: bytes.length };
    expect(progress).toContainEqual({ step: "downloading", ...total });
    expect(progress.at(-1)).toEqual({ step: "unpacking", ...total });
  });

  it("the address of a model of Piper, with the settings beside it", async () => {
    const files = publishedPiper({ ...piperSettings, phoneme_type: "text" });
    server = await serveFiles(
      Object.fromEntries(
        Object.entries(files).map(([name, body]) => [`/v/${name}`, Buffer.from(body)]),
      ),
    );
    const { voices } = await add(`${server.url}/v/en_GB-vctk-medium.onnx`);
    expect(voices.map(({ slug }) => slug)).toEqual([
      "en-gb-vctk-medium-p226",
      "en-gb-vctk-medium-p225",
    ]);
    expect(server.requests.map(({ path }) => path)).toEqual([
      "/v/en_GB-vctk-medium.onnx",
      "/v/en_GB-vctk-medium.onnx.json",
    ]);
  });
});

describe("takes a public voice by its name", () => {
  const { "vocos-22khz-univ.onnx": vocoder, ...acoustic } = matcha;
  const vocoderBytes = Buffer.from(vocoder ?? "");
  let archive: Buffer;

  /** The voice as a catalogue has it, in two files. */
  async function catalogueOf(...hashes: readonly string[]): Promise<readonly PublicVoice[]> {
    const inFolder = Object.entries(acoustic).map(([name, body]) => [
      `matcha-x/${name}`,
      Buffer.from(body),
    ]);
    const data = ["phontab", "phonindex", "intonations"].map((name) => [
      `matcha-x/espeak-ng-data/${name}`,
      Buffer.of(0),
    ]);
    const phondata = ["matcha-x/espeak-ng-data/phondata", Buffer.of(1, 0x48, 1, 0)];
    archive = await tarGzOf(Object.fromEntries([...inFolder, ...data, phondata]));
    server = await serveFiles({ "/m.tar.gz": archive, "/vocos-22khz-univ.onnx": vocoderBytes });
    return [
      {
        name: "matcha:tones",
        languages: ["en-US"],
        speakers: 1,
        licence: "CC0",
        files: [
          { url: `${server.url}/m.tar.gz`, sizeBytes: archive.length, sha256: hashes },
          { url: `${server.url}/vocos-22khz-univ.onnx`, sha256: [sha256(vocoderBytes)] },
        ],
      },
    ];
  }

  it.each<[string, () => readonly string[]]>([
    ["without a known hash", () => []],
    ["with one", () => [sha256(archive)]],
    ["published twice", () => ["0".repeat(64), sha256(archive)]],
  ])("%s, with what its archive lacks and its licence", async (_what, hashes) => {
    await catalogueOf();
    await server?.close();
    const catalogue = await catalogueOf(...hashes());
    const { model, voices } = await add("Matcha:Tones", {}, undefined, catalogue);
    expect(model).toMatchObject({ kind: "matcha", sampleRateHz: 22_050 });
    expect(voices).toMatchObject([{ slug: "matcha-tones", licence: "CC0" }]);
    expect(await readdir(join(voicesPath, "matcha-tones"))).toContain("vocos-22khz-univ.onnx");
  });

  it("unless it is not what is known", async () => {
    const catalogue = await catalogueOf("0".repeat(64));
    const failure = add("matcha:tones", {}, undefined, catalogue);
    await expect(failure).rejects.toThrow(
      /m\.tar\.gz is not what it should be.*syrinx voices add http:\/\/127\.0\.0\.1:\d+\/m\.tar\.gz$/,
    );
    expect(await whatIsThere()).toEqual([]);
  });

  it("unless it has another size than is known, before it is fetched", async () => {
    const [voice] = await catalogueOf("0".repeat(64));
    const [first, ...others] = voice?.files ?? [];
    const files = [{ ...first, sizeBytes: 7 }, ...others] as unknown as PublicVoice["files"];
    const catalogue = voice ? [{ ...voice, files }] : [];
    await expect(add("matcha:tones", {}, undefined, catalogue)).rejects.toThrow(
      /has \d+ bytes where 7 are known/,
    );
  });
});

describe("goes on with a download that broke off", () => {
  const etag = '"one"';
  /** Half of it at first, then what was asked for. */
  const inHalves =
    (bytes: Buffer, answerRest: Answer): Answer =>
    (request, response) => {
      if (request.headers.range !== undefined) return answerRest(request, response);
      response.writeHead(200, { "content-length": bytes.length, etag });
      response.write(bytes.subarray(0, bytes.length / 2), () => {
        setTimeout(() => response.destroy(), 50);
      });
    };

  it("where the server gives the rest", async () => {
    const bytes = await tarOf(toneFiles);
    const half = bytes.length / 2;
    server = await serveFiles({
      "/tones.tar": inHalves(bytes, (request, response) => {
        expect(request.headers["if-range"]).toBe(etag);
        const range = `bytes ${half}-${bytes.length - 1}/${bytes.length}`;
        response.writeHead(206, { "content-range": range, "content-length": half, etag });
        response.end(bytes.subarray(half));
      }),
    });
    await add(`${server.url}/tones.tar`, { sha256: sha256(bytes) });
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, `bytes=${half}-`]);
  });

  it("and begins again where it gives all of it", async () => {
    const bytes = await tarOf(toneFiles);
    server = await serveFiles({
      "/tones.tar": inHalves(bytes, (_request, response) => response.end(bytes)),
    });
    await add(`${server.url}/tones.tar`, { sha256: sha256(bytes) });
    expect(server.requests).toHaveLength(2);
  });

  it("and gives up after five attempts", async () => {
    server = await serveFiles({ "/tones.tar": (_request, response) => response.destroy() });
    await expect(add(`${server.url}/tones.tar`)).rejects.toThrow(
      /in 5 attempts \(.+\): try again later/,
    );
    expect(server.requests).toHaveLength(5);
    expect(await whatIsThere()).toEqual([]);
  });

  it("also when nothing comes any more, and when it is too busy", async () => {
    const bytes = await tarOf(toneFiles);
    let asked = 0;
    server = await serveFiles({
      "/tones.tar": (_request, response) => {
        asked += 1;
        if (asked === 1) response.writeHead(200, { "content-length": bytes.length }).flushHeaders();
        else if (asked === 2) response.writeHead(503).end();
        else response.end(bytes);
      },
    });
    await add(`${server.url}/tones.tar`);
    expect(asked).toBe(3);
  });
});

describe("refuses, leaves nothing and keeps what is there:", () => {
  const bomb = async (): Promise<Buffer> => tarGzOf({ "a/model.onnx": Buffer.alloc(70 << 20) });

  it.each<[string, () => Promise<Buffer>, RegExp]>([
    ["a path out of a tar", () => tarGzOf({ "../evil": Buffer.from("x") }), /leads out of it/],
    ["an absolute path", () => tarGzOf({ "/tmp/evil": Buffer.from("x") }), /leads out of it/],
    ["a path out of a zip", async () => zipOf({ "a/../../evil": Buffer.from("x") }), /leads out/],
    [
      "a symbolic link in a tar",
      () => tarOf(toneFiles, [{ name: "tones/l", type: "symlink", linkname: "/etc" }]),
      /neither file nor folder: tones\/l/,
    ],
    [
      "a hard link in a tar",
      () => tarOf(toneFiles, [{ name: "tones/l", type: "link", linkname: "/etc/passwd" }]),
      /neither file nor folder: tones\/l/,
    ],
    [
      "a symbolic link in a zip",
      async () => zipOf({ ...toneFiles, "tones/l": Buffer.from("/etc") }, ["tones/l"]),
      /neither file nor folder: tones\/l/,
    ],
    ["a device", () => tarOf(toneFiles, [{ name: "tones/d", type: "block-device" }]), /neither/],
    ["more than a model is, in a tar", bomb, /far more than a model/],
    [
      "more than a model is, in a zip",
      async () => zipOf({ a: Buffer.alloc(70 << 20) }),
      /far more/,
    ],
    [
      "too many files",
      async () =>
        zipOf(
          Object.fromEntries(Array.from({ length: 20_001 }, (_, id) => [`${id}`, Buffer.of()])),
        ),
      /far more/,
    ],
    [
      "a tar.gz that is cut off",
      async () => (await tarGzOf(toneFiles)).subarray(0, 900),
      /tar\.gz.*not whole/,
    ],
    [
      "a tar that is cut off",
      async () => (await tarOf(toneFiles)).subarray(0, 1500),
      /tar archive.*not whole/,
    ],
    [
      "a tar.bz2 that is cut off",
      async () => (await readFile(bzip2)).subarray(0, 700),
      /tar\.bz2.*not whole/,
    ],
    [
      "a zip that is cut off",
      async () => zipOf(toneFiles).subarray(0, 900),
      /zip archive.*not whole/,
    ],
    ["a damaged tar.bz2", async () => (await readFile(bzip2)).fill(7, 400, 500), /damaged/],
    ["a damaged zip", async () => zipOf(toneFiles).fill(7, 120, 200), /damaged/],
    ["an archive with nothing in it", () => tarGzOf({}), /empty/],
    ["what is no archive", async () => Buffer.from("hello"), /neither an archive/],
    ["nothing", async () => Buffer.of(), /neither an archive/],
    ["an archive without a model", () => tarOf({ "a/b.txt": Buffer.from("x") }), /no model/],
    [
      "a model that cannot be one",
      () => tarOf({ ...toneFiles, "tones/model.onnx": Buffer.from("weights") }),
      /tones cannot be added: Its model\.onnx/,
    ],
  ])("%s", async (_what, archive, message) => {
    await writeToneVoice(join(voicesPath, "other"));
    const before = await whatIsThere();
    const path = await put("tones.bin", await archive());
    const failure = await add(path, { name: "tones" }).catch((error: unknown) => error);
    expect(String(failure)).toMatch(message);
    expect(String(failure)).toMatch(/^VoiceError: [^\n]+$/);
    expect(await whatIsThere()).toEqual(before);
    expect(await readdir(folder)).toEqual(["data", "tones.bin"]);
  });

  it.each<[string, string | undefined, RegExp]>([
    ["", undefined, /--name/],
    ["a/b", undefined, /--name/],
    ["..", undefined, /--name/],
    [".hidden", undefined, /--name/],
    ["---", undefined, /--name/],
    ["flite-rms", undefined, /built in/],
    ["espeak-fr", undefined, /built in/],
    ["tones", "tones", /There is a voice called tones.*--replace/],
    ["To.Nes", "to-nes", /to-nes could not be told apart/],
  ])("the name %j", async (name, present, message) => {
    if (present !== undefined) await writeToneVoice(join(voicesPath, present));
    const before = await whatIsThere();
    const path = await put("tones.zip", zipOf(toneFiles));
    await expect(add(path, { name })).rejects.toThrow(message);
    expect(await whatIsThere()).toEqual(before);
  });

  it.each<[string, Answer | Buffer, Partial<AddRequest>, RegExp]>([
    [
      "nothing there",
      (_request, response) => response.writeHead(404).end(),
      {},
      /HTTP 404.*catalogue/,
    ],
    [
      "a locked door",
      (_request, response) => response.writeHead(403).end(),
      {},
      /HTTP 403.*browser/,
    ],
    [
      "a web page",
      (_request, response) =>
        response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<html>"),
      {},
      /web page.*\/resolve\//,
    ],
    [
      "another file",
      zipOf(toneFiles),
      { sha256: "0".repeat(64) },
      /its SHA-256 is [\da-f]{64}, not 0{64}/,
    ],
    [
      "a circle",
      (request, response) => response.writeHead(302, { location: request.url ?? "" }).end(),
      {},
      /in a circle/,
    ],
    [
      "a way into the open",
      (_request, response) =>
        response.writeHead(301, { location: "http://a.example/tones.zip" }).end(),
      {},
      /not safe from change/,
    ],
    [
      "far too much",
      (_request, response) => response.writeHead(200, { "content-length": 2 ** 40 }).flushHeaders(),
      {},
      /larger than any model/,
    ],
  ])("at an address %s", async (_what, answer, request, message) => {
    server = await serveFiles({ "/tones.zip": answer });
    await expect(add(`${server.url}/tones.zip`, request)).rejects.toThrow(message);
    expect(await whatIsThere()).toEqual([]);
  });

  it("an address at which nobody listens, and one without encryption", async () => {
    const gone = await serveFiles({});
    await gone.close();
    await expect(add(`${gone.url}/tones.zip`)).rejects.toThrow(/nobody listens there/);
    await expect(add("http://192.0.2.1/tones.zip")).rejects.toThrow(/https:\/\/.*--sha256/);
  });

  it("a data folder that is none", async () => {
    await writeFile(join(folder, "data"), "");
    const path = await put("tones.zip", zipOf(toneFiles));
    await expect(add(path)).rejects.toThrow(/--data-dir/);
  });
});

describe("replaces", () => {
  it("a voice when it is asked to, whole", async () => {
    await writeToneVoice(join(voicesPath, "tones"));
    await writeFile(join(voicesPath, "tones", "old.txt"), "");
    await add(await put("tones.zip", zipOf(toneFiles)), { replace: true });
    expect(await whatIsThere()).toEqual(["tones", "tones/model.onnx", "tones/tokens.txt"]);
  });

  it("none with one that fails", async () => {
    await writeToneVoice(join(voicesPath, "tones"));
    const before = await whatIsThere();
    const path = await put("tones.zip", zipOf({ "model.onnx": Buffer.from("x") }));
    await expect(add(path, { replace: true })).rejects.toThrow(/cannot be added/);
    expect(await whatIsThere()).toEqual(before);
  });
});

it("stops at once when it is interrupted, and leaves nothing", async () => {
  const bytes = await tarOf(toneFiles);
  const interruption = new AbortController();
  server = await serveFiles({
    "/tones.tar": (_request, response) => {
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 1000), () => interruption.abort(new Error("stop")));
    },
  });
  await expect(add(`${server.url}/tones.tar`, {}, interruption.signal)).rejects.toThrow("stop");
  expect(await whatIsThere()).toEqual([]);
});

it("clears up what was killed on the way, a day later", async () => {
  await mkdir(join(voicesPath, ".adding-old"), { recursive: true });
  await mkdir(join(voicesPath, ".adding-young"));
  const dayBefore = Date.now() / 1000 - 25 * 3600;
  await utimes(join(voicesPath, ".adding-old"), dayBefore, dayBefore);
  await add(await put("tones.zip", zipOf(toneFiles)));
  expect(await readdir(voicesPath)).toEqual([".adding-young", "tones"]);
});

describe("removes", () => {
  it.each(["duo", "duo-1", "DUO-0"])("the folder of %s", async (name) => {
    await writeToneVoice(join(voicesPath, "duo"), { speakers: 2 });
    await writeToneVoice(join(voicesPath, "other"));
    expect(await removeVoice(name, voicesPath)).toMatchObject({
      name: "duo",
      slugs: ["duo-0", "duo-1"],
    });
    expect(await readdir(voicesPath)).toEqual(["other"]);
  });

  it("one that cannot be used, and one that is a link, but not what it leads to", async () => {
    await mkdir(join(voicesPath, "broken"), { recursive: true });
    await writeToneVoice(join(folder, "elsewhere"));
    await symlink(join(folder, "elsewhere"), join(voicesPath, "linked"));
    expect(await removeVoice("broken", voicesPath)).toMatchObject({ slugs: [] });
    expect(await removeVoice("linked", voicesPath)).toMatchObject({ name: "linked" });
    expect(await readdir(voicesPath)).toEqual([]);
    expect(await readdir(join(folder, "elsewhere"))).toContain("model.onnx");
  });

  it.each(["nobody", "flite-rms", "..", "../elsewhere", ".adding-x", ""])(
    "nothing for %j",
    async (name) => {
      await writeToneVoice(join(voicesPath, "other"));
      await mkdir(join(voicesPath, ".adding-x"));
      await expect(removeVoice(name, voicesPath)).rejects.toThrow(/There is no voice called/);
      expect(await readdir(voicesPath)).toEqual([".adding-x", "other"]);
    },
  );
});
