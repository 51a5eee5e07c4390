import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { openRecords } from "../../src/open-records.ts";
import { rulesWith } from "../support/keys.ts";
import {
  type BuiltServer,
  createFolder,
  type Outcome,
  removeFolder,
  run,
  startBuiltServer,
} from "./built.ts";

const limit = { timeout: 60_000 };

let folder: string;
let server: BuiltServer | undefined;

beforeEach(async () => {
  folder = await createFolder();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await removeFolder(folder);
});

const keys = (...args: readonly string[]): Promise<Outcome> =>
  run(["keys", ...args], {
    cwd: folder,
    env: { SYRINX_DATA_DIR: folder, ...(server && { SYRINX_API_KEY: server.key }) },
  });

const linesOf = ({ stdout }: Outcome): string[] => stdout.toString().trimEnd().split("\n");
const wordsOf = (line: string | undefined): string[] => line?.split(/ {2,}/) ?? [];

/** Makes a key and gives its secret. */
async function make(...args: readonly string[]): Promise<string> {
  const made = await keys("create", ...args);
  expect(made.stderr).toMatch(/^Made key \w{20} [^\n]+\n$/);
  expect(made.code).toBe(0);
  const [secret = "", ...more] = linesOf(made);
  expect(more).toEqual([]);
  expect(secret).toMatch(/^sk_[0-9a-f]{64}$/);
  return secret;
}

const statusOf = async (secret: string): Promise<number> =>
  (await fetch(`${server?.url}/v1/models`, { headers: { "xi-api-key": secret } })).status;

it("keys are made before there is a server, which takes them", limit, async () => {
  const secret = await make("--name", "bot", "--voices", "flite-rms,flite-slt", "--quota", "9/day");
  server = await startBuiltServer({ dataDir: folder });
  expect(await statusOf(secret)).toBe(200);
  // It has all rights, and the server made it since no other has.
  expect(server.key).toMatch(/^sk_[0-9a-f]{64}$/);
  expect(await statusOf(server.key)).toBe(200);
});

describe.each([
  ["in the database of a running server", false],
  ["over HTTP", true],
])("%s", (_name, isRemote) => {
  /** The server looks twice a second; asked itself, it knows at once. */
  const holds = isRemote ? { timeout: 1 } : { timeout: 1500, interval: 50 };

  it("a key lives: made, listed, shown, changed, rotated, revoked", limit, async () => {
    server = await startBuiltServer({ dataDir: folder });
    const place = isRemote ? ["--server", server.url] : [];

    const secret = await make("--name", "bot", "--expires", "2099-01-01", ...place);
    await expect.poll(() => statusOf(secret), holds).toBe(200);
    const listed = linesOf(await keys("list", ...place));
    expect(listed.map((line) => wordsOf(line).slice(1))).toEqual([
      ["NAME", "SCOPES", "LIMITS", "STATE"],
      ["first key", "tts,voices:read,voices:write,history,connections,usage,admin", "none", "good"],
      ["bot", "tts,voices:read", "none", "until 2099-01-01T00:00:00Z"],
    ]);
    const [id = ""] = wordsOf(listed[2]);

    const shown = linesOf(await keys("show", "bot", ...place));
    expect(shown.map(wordsOf)).toEqual([
      ["id", id],
      ["name", "bot"],
      ["scopes", "tts, voices:read"],
      ["voices", "any"],
      ["models", "any"],
      ["quota", "unlimited"],
      ["max concurrency", "unlimited"],
      ["requests per second", "unlimited"],
      ["addresses", "any"],
      ["made", expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)],
      ["state", "until 2099-01-01T00:00:00Z"],
      ["secrets", `sk_…${secret.slice(-4)}`],
    ]);

    const changes = ["--quota", "100/hour", "--addresses", "192.0.2.1", "--expires", "unlimited"];
    const updated = await keys("update", id, ...changes, ...place);
    expect(linesOf(updated).map(wordsOf)).toEqual(
      expect.arrayContaining([
        ["quota", expect.stringMatching(/^0 of 100\/hour, anew /)],
        ["addresses", "192.0.2.1"],
        ["state", "good"],
      ]),
    );
    await expect.poll(() => statusOf(secret), holds).toBe(401);
    await keys("update", "bot", "--addresses", "unlimited", ...place);
    await expect.poll(() => statusOf(secret), holds).toBe(200);

    const rotated = await keys("rotate", "bot", "--grace", "0s", ...place);
    expect(rotated).toMatchObject({
      code: 0,
      stderr: `Key ${id} (bot) has a new secret. The one before is good no more. Its secret is shown this once:\n`,
    });
    const [newSecret = ""] = linesOf(rotated);
    await expect.poll(() => statusOf(newSecret), holds).toBe(200);
    expect(await statusOf(secret)).toBe(401);

    const revoked = await keys("revoke", "bot", ...place);
    expect(revoked).toMatchObject({ code: 0, stderr: "" });
    expect(linesOf(revoked)).toEqual([
      `Revoked key ${id} (bot): servers refuse it, and end its connections, within a second.`,
    ]);
    await expect.poll(() => statusOf(newSecret), holds).toBe(401);
    expect(wordsOf(linesOf(await keys("list", ...place))[2]).at(-1)).toBe("revoked");
  });

  it("everything is told as JSON, too", limit, async () => {
    server = await startBuiltServer({ dataDir: folder });
    const place = [...(isRemote ? ["--server", server.url] : []), "--json"];
    const read = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
      const { stdout, stderr } = await keys(...args, ...place);
      expect(stderr).toBe("");
      return JSON.parse(stdout.toString()) as Record<string, unknown>;
    };
    const { xi_api_key: secret, ...made } = await read("create", "--name", "bot");
    expect(await read("show", "bot")).toEqual(made);
    expect(await read("update", "bot", "--max-concurrency", "2")).toEqual({
      ...made,
      max_concurrency: 2,
    });
    const { xi_api_key: next } = await read("rotate", "bot");
    expect(next).not.toBe(secret);
    expect(await read("revoke", "bot")).toMatchObject({ revoked_at_unix: expect.any(Number) });
    expect(await read("list")).toMatchObject([{ name: "first key" }, { name: "bot" }]);
  });
});

it("the key of the settings is shown by its server, and cannot be changed", limit, async () => {
  const key = "the-key-of-the-settings";
  server = await startBuiltServer({ dataDir: folder, env: { SYRINX_API_KEY: key } });
  const place = ["--server", server.url];
  const facts = linesOf(await keys("show", "settings", ...place)).map(wordsOf);
  expect(facts).toEqual(
    expect.arrayContaining([
      ["name", "SYRINX_API_KEY"],
      ["made", "by the settings"],
      ["secrets", "unknown"],
    ]),
  );
  expect(await keys("revoke", "settings", ...place)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^syrinx: The API key 'settings' .* SYRINX_API_KEY [^\n]+\n$/),
  });
});

describe("mistakes are told in one line", () => {
  beforeEach(async () => {
    const parts = { clock: systemClock, wallClock: Date.now, onFault: () => {} };
    const records = await openRecords({ database: undefined, dataDir: folder }, parts);
    for (const name of ["bot", "twin", "twin"]) {
      await records.stores.keys.create(rulesWith({ name }));
    }
    await records.close();
  });

  it.each<[readonly string[], number, RegExp]>([
    [["bogus"], 2, /bogus/],
    [["create"], 2, /needs a name.*--name/],
    [["create", "--name", "x", "--scopes", "all"], 2, /--scopes, number 1: .*"tts"/],
    [["create", "--name", "x", "--voices", "flite-rms,bob"], 2, /--voices, number 2: There is no/],
    [["create", "--name", "x", "--addresses", "10.0.0.0/8,home"], 2, /--addresses, number 2: Exp/],
    [["create", "--name", "x", "--expires", "2020-01-01"], 2, /--expires: Expected a moment/],
    [["create", "--name", "x", "--database", "memory"], 2, /--database memory.*--server/],
    [["create", "--name", "x", "--database", "mysql://x"], 2, /--database must be/],
    [["rotate", "x", "--grace", "1"], 2, /--grace must be a time such as 24h/],
    [["rotate", "bot", "--grace", "31d"], 2, /--grace: Too big/],
    [["update", "bot"], 2, /Nothing is to be changed/],
    [["update", "bot", "--loud"], 2, /--loud/],
    [["show", "nobody"], 1, /no key nobody.*keys list/],
    [["revoke", "twin"], 1, /2 keys are called twin: .*id/],
    [["list", "--server", "here"], 2, /--server must be an address/],
    [["list", "--server", "http://127.0.0.1:1"], 1, /127\.0\.0\.1:1 cannot be reached/],
    [["list", "--data-dir", "elsewhere"], 1, /no database in elsewhere.*--data-dir/],
    [["create", "--name", "x", "--data-dir", "/dev/null/x"], 1, /cannot be used.*--data-dir/],
    [["list", "--database", "postgres://me:secret@127.0.0.1:1/x"], 1, /cannot be used.*ECONNREF/],
  ])("syrinx keys %j", limit, async (args, code, message) => {
    const outcome = await keys(...args);
    expect(outcome.stderr).toMatch(/^syrinx: [^\n]+\n$/);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr).not.toContain("secret");
    expect(outcome.stdout).toHaveLength(0);
    expect(outcome.code).toBe(code);
  });
});
