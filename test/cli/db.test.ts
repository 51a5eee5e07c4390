import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { openRecords, type Records } from "../../src/open-records.ts";
import { turnIdTime } from "../../src/protocol/turn-ids.ts";
import { rulesWith } from "../support/keys.ts";
import { turnOf } from "../support/record-stores.ts";
import {
  type BuiltServer,
  createFolder,
  type Outcome,
  removeFolder,
  run,
  startBuiltServer,
} from "./built.ts";

const limit = { timeout: 60_000 };
const dayMs = 24 * 60 * 60 * 1000;

let folder: string;
const servers: BuiltServer[] = [];

beforeEach(async () => {
  folder = await createFolder();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await removeFolder(folder);
});

const db = (args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> =>
  run(["db", ...args], { cwd: folder, env });

async function serve(dataDir: string): Promise<BuiltServer> {
  await mkdir(dataDir, { recursive: true });
  const server = await startBuiltServer({
    dataDir,
    env: { SYRINX_API_KEY: "the-key-of-the-test" },
  });
  servers.push(server);
  return server;
}

/** Lets `work` have the database in `data`, which is made if need be. */
async function withData(work: (records: Records) => Promise<void>): Promise<void> {
  const onFault = (error: unknown): void => {
    throw error;
  };
  const parts = { clock: systemClock, wallClock: Date.now, onFault };
  const records = await openRecords({ database: undefined, dataDir: join(folder, "data") }, parts);
  try {
    await work(records);
  } finally {
    await records.close();
  }
}

const oneLine = /^syrinx: [^\n]+\n$/;
const factsOf = ({ stdout }: Outcome): Record<string, string> =>
  Object.fromEntries(
    stdout
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ {2,}/)),
  ) as Record<string, string>;

it("a backup is made while a server is busy, and is a database of its own", limit, async () => {
  const server = await serve(join(folder, "data"));
  const speak = (url: string, key: string): Promise<Response> =>
    fetch(`${url}/v1/text-to-speech/flite-kal16?output_format=pcm_16000`, {
      method: "POST",
      headers: { "xi-api-key": key, "content-type": "application/json" },
      body: '{"text":"Keep this."}',
    });
  const made = await fetch(`${server.url}/v1/admin/keys`, {
    method: "POST",
    headers: { "xi-api-key": server.key, "content-type": "application/json" },
    body: '{"name":"bot"}',
  });
  const { xi_api_key: secret } = (await made.json()) as { readonly xi_api_key: string };
  await (await speak(server.url, secret)).arrayBuffer();
  const [outcome] = await Promise.all([
    db(["backup", "copy.db"]),
    speak(server.url, secret).then((response) => response.arrayBuffer()),
  ]);
  expect(outcome).toMatchObject({ code: 0, stderr: "" });
  expect(outcome.stdout.toString()).toMatch(/^Wrote copy\.db \(\d+ kB\)\.\n$/);
  expect((await stat(join(folder, "copy.db"))).mode & 0o777).toBe(0o600);
  expect((await readdir(folder)).toSorted()).toEqual(["copy.db", "data"]);

  await mkdir(join(folder, "restored"));
  await rename(join(folder, "copy.db"), join(folder, "restored", "syrinx.db"));
  const restored = await serve(join(folder, "restored"));
  expect((await speak(restored.url, secret)).status).toBe(200);
  const history = await fetch(`${restored.url}/v1/history`, {
    headers: { "xi-api-key": restored.key },
  });
  expect(JSON.stringify(await history.json())).toContain("Keep this.");
  expect(await db(["check", "--data-dir", "restored"])).toMatchObject({ code: 0, stderr: "" });
});

it("a backup replaces no file unless it is told to", limit, async () => {
  await withData(async () => {});
  await writeFile(join(folder, "copy.db"), "precious");
  const refused = await db(["backup", "copy.db"]);
  expect(refused.stderr).toMatch(/^syrinx: copy\.db is there already: .*--force\.\n$/);
  expect(refused.code).toBe(1);
  expect(await readFile(join(folder, "copy.db"), "utf8")).toBe("precious");
  expect((await readdir(folder)).toSorted()).toEqual(["copy.db", "data"]);
  expect(await db(["backup", "copy.db", "--force"])).toMatchObject({ code: 0, stderr: "" });
  const copy = await readFile(join(folder, "copy.db"), "latin1");
  expect(copy.startsWith("SQLite format 3")).toBe(true);
});

it("PostgreSQL has a program of its own, which is named without the password", limit, async () => {
  const SYRINX_DATABASE_URL =
    "postgres://me:hush@db.example:5433/speech?sslmode=require&password=hush";
  const outcome = await db(["backup", "my copy"], { SYRINX_DATABASE_URL });
  expect(outcome.stderr).toMatch(oneLine);
  expect(outcome.stderr).toContain(
    "pg_dump --format=custom --file='my copy' 'postgres://me@db.example:5433/speech?sslmode=require'\n",
  );
  expect(outcome.stderr).not.toContain("hush");
  expect(outcome.code).toBe(1);
});

describe("a check", () => {
  it("counts what there is and says that it is whole", limit, async () => {
    await withData(async ({ stores }) => {
      await stores.keys.create(rulesWith({}));
      await stores.history.add(turnOf("01KjVd3Jm0aBcDeFgHiJ"));
    });
    const outcome = await db(["check"]);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(factsOf(outcome)).toMatchObject({
      keys: "1",
      key_secrets: "1",
      turns: "1",
      tokens: "0",
    });
    expect(outcome.stdout.toString()).toMatch(/\nThe database is whole\.\n$/);
  });

  it("finds leftovers, which pruning deletes", limit, async () => {
    await withData(async ({ database }) => {
      const turn_id = `${turnIdTime(Date.now() - 2 * dayMs)}000000000000`;
      const bytes = Uint8Array.of(1);
      await database.query.insertInto("turn_audio").values({ turn_id, part: 0, bytes }).execute();
    });
    const found = await db(["check"]);
    expect(found.stdout.toString()).toContain("\n1 parts of sound without a turn\n");
    expect(found.stderr).toBe(
      "syrinx: The database has leftovers: syrinx db prune deletes them.\n",
    );
    expect(found.code).toBe(1);
    expect(await db(["prune"])).toMatchObject({ code: 0, stderr: "" });
    expect(await db(["check"])).toMatchObject({ code: 0, stderr: "" });
  });

  it("finds a page that is damaged", limit, async () => {
    await withData(async ({ stores }) => {
      await stores.keys.create(rulesWith({}));
    });
    const path = join(folder, "data", "syrinx.db");
    const bytes = await readFile(path);
    bytes.fill(0xff, 3 * 4096, 4 * 4096);
    await writeFile(path, bytes);
    const outcome = await db(["check"]);
    expect(outcome.stdout.toString()).toMatch(/^damage: /);
    expect(outcome.stderr).toMatch(
      /^syrinx: The database is damaged: stop the server and restore a backup[^\n]+\n$/,
    );
    expect(outcome.code).toBe(1);
  });

  it("of a file that is none says so", limit, async () => {
    await mkdir(join(folder, "data"));
    await writeFile(join(folder, "data", "syrinx.db"), "This is no database. ".repeat(100));
    const outcome = await db(["check"]);
    expect(outcome.stderr).toMatch(
      /^syrinx: The database in \.\/data cannot be used \(file is not a database\): [^\n]+\n$/,
    );
    expect(outcome.code).toBe(1);
  });
});

it("pruning keeps to the settings and says what went", limit, async () => {
  const today = new Date();
  const lastMonthUnix = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - 1) / 1000;
  await withData(async ({ stores, database }) => {
    const { key } = await stores.keys.create(rulesWith({}));
    await stores.keys.rotate(key.id, 0);
    await stores.tokens.mint(
      key.id,
      { ...rulesWith({}), maxCharacters: undefined, maxSeconds: undefined },
      60,
    );
    await database.query.updateTable("tokens").set({ expires_at: 1 }).execute();
    await stores.quotas.take({ keyId: key.id, periodStartUnix: lastMonthUnix, cost: 1 }, 10);
    for (const ageDays of [1, 3, 5]) {
      const startedMs = Date.now() - ageDays * dayMs;
      const id = `${turnIdTime(startedMs)}000000000000`;
      await stores.history.add(turnOf(id, { startedAtUnix: Math.floor(startedMs / 1000) }));
    }
  });
  const outcome = await db(["prune"], { SYRINX_HISTORY_DAYS: "2" });
  expect(outcome).toMatchObject({ code: 0, stderr: "" });
  expect(factsOf(outcome)).toEqual({
    turns: "2",
    connections: "0",
    tokens: "1",
    secrets: "0",
    "quota periods": "1",
    "room given back": "0 kB",
  });
  expect(factsOf(await db(["prune"], { SYRINX_HISTORY_DAYS: "2" }))).toMatchObject({
    turns: "0",
    tokens: "0",
    "quota periods": "0",
  });
});

describe("mistakes are told in one line", () => {
  it.each<[readonly string[], number, RegExp]>([
    [["bogus"], 2, /bogus/],
    [["backup"], 2, /file/],
    [["check", "--loud"], 2, /--loud/],
    [["check"], 1, /no database in \.\/data.*--data-dir/],
    [["prune", "--data-dir", "elsewhere"], 1, /no database in elsewhere/],
    [["check", "--database", "memory"], 2, /--database memory/],
    [["check", "--database", "postgres://me:hush@127.0.0.1:1/x"], 1, /cannot be used/],
    [["prune", "--config", "none.json"], 2, /none\.json cannot be read/],
  ])("syrinx db %j", limit, async (args, code, message) => {
    const outcome = await db(args);
    expect(outcome.stderr).toMatch(oneLine);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr).not.toContain("hush");
    expect(outcome.stdout).toHaveLength(0);
    expect(outcome.code).toBe(code);
    expect(await readdir(folder)).toEqual([]);
  });

  it("a backup into a folder that is not there", limit, async () => {
    await withData(async () => {});
    const outcome = await db(["backup", "no/such.db"]);
    expect(outcome.stderr).toMatch(/^syrinx: no\/such\.db cannot be written: its folder is not/);
    expect(outcome.code).toBe(1);
  });
});
