import { execFile, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltServer, createFolder, removeFolder, startBuiltServer } from "../cli/built.ts";
import { readMp3 } from "../conformance/audio-files.ts";
import { librariesInstalled } from "../interop/installed.ts";
import { brokenLinks } from "./links.ts";
import { type Program, programs } from "./programs.ts";

const run = promisify(execFile);

/** What a program prints and writes when it goes well; a page without libraries needs no install. */
interface Expected {
  readonly prints: readonly RegExp[];
  readonly writes?: string;
  readonly needsLibraries: boolean;
}

const expected: Readonly<Record<string, Expected>> = {
  "plain-websocket.md speak.mjs": {
    prints: [
      /^spoken: Hello there, $/m,
      /^spoken: this is spoken while it is written\. $/m,
      /^that was all$/m,
      /^closed with 1000 $/m,
    ],
    writes: "speech.mp3",
    needsLibraries: false,
  },
  "plain-websocket.md turns.mjs": {
    prints: [
      /^story has ended$/m,
      /^answer has ended$/m,
      /^story: [1-9]\d+ ms heard$/m,
      /^answer: [1-9]\d{3} ms heard$/m,
      /^closed with 1000$/m,
    ],
    needsLibraries: false,
  },
  "smallest.md waves.mjs": {
    prints: [/^0\.\d\d s Hello$/m, /^[1-3]\.\d\d s written\.$/m, /^closed with 1005$/m],
    writes: "speech.pcm",
    needsLibraries: false,
  },
  "livekit-node.md speak.mjs": {
    prints: [/^0\.0\d s Hello $/m, /^[1-4]\.\d\d s sentence\./m],
    writes: "speech.pcm",
    needsLibraries: true,
  },
  "elevenlabs-js.md speak.mjs": {
    prints: [/^49 characters in [1-9]\.\d\d s$/m, /Flite RMS, Flite SLT/],
    writes: "speech.mp3",
    needsLibraries: true,
  },
};

const nameOf = ({ page, file }: Program): string => `${page} ${file}`;
const inJavaScript = programs.filter(({ language }) => language === "js");
const inPython = programs.filter(({ language }) => language === "python");

let folder = "";

beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => removeFolder(folder));

describe("the client guide's programs in JavaScript run", () => {
  let server: BuiltServer;

  beforeAll(async () => {
    const modules = librariesInstalled ? "../interop/node_modules" : "../../node_modules";
    await symlink(fileURLToPath(new URL(modules, import.meta.url)), join(folder, "node_modules"));
    server = await startBuiltServer();
  });
  afterAll(() => server?.close());

  it("all of them are known here", () => {
    expect(inJavaScript.map(nameOf).toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  for (const program of inJavaScript) {
    const { prints, writes, needsLibraries } = expected[nameOf(program)] ?? {
      prints: [],
      needsLibraries: false,
    };
    const missing = needsLibraries && !librariesInstalled;
    const because = missing ? " (skipped: needs npm run interop:install)" : "";
    it.skipIf(missing)(`${nameOf(program)}${because}`, async () => {
      await writeFile(join(folder, program.file), program.source);
      const { stdout, stderr } = await run(process.execPath, [program.file], {
        cwd: folder,
        env: { PATH: process.env["PATH"], SYRINX_URL: server.url, SYRINX_API_KEY: server.key },
      });
      expect(stderr).toBe("");
      for (const line of prints) expect(stdout).toMatch(line);
      if (writes === "speech.mp3") {
        expect(readMp3(await readFile(join(folder, writes))).length).toBeGreaterThan(50);
      } else if (writes)
        expect((await readFile(join(folder, writes))).length).toBeGreaterThan(48_000);
    });
  }
});

describe("the client guide's programs in Python compile", () => {
  const missing = spawnSync("python3", ["--version"], { stdio: "ignore" }).error !== undefined;
  const because = missing ? " (skipped: needs python3)" : "";

  it.skipIf(missing).each(inPython)(`$page $file${because}`, async ({ file, source }) => {
    const path = join(folder, file);
    await writeFile(path, source);
    const { stderr } = await run("python3", ["-W", "error", "-m", "py_compile", path]);
    expect(stderr).toBe("");
  });
});

describe("the client guide's links", () => {
  const pages = new URL("../../docs/clients/", import.meta.url);

  it.each(readdirSync(pages))("of %s lead somewhere", (page) => {
    expect(brokenLinks(new URL(page, pages))).toEqual([]);
  });
});
