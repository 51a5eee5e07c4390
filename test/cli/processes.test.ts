import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createCertificate } from "../conformance/certificate.ts";
import { openStreamInput, type StreamInput } from "../support/stream-input.ts";
import {
  type BuiltServer,
  type BuiltServerOptions,
  createFolder,
  removeFolder,
  run,
  startBuiltServer,
} from "./built.ts";

const novel = fileURLToPath(new URL("../data/holmes-and-fogg.txt", import.meta.url));
/** For what starts processes and speaks for minutes on a machine that is busy. */
const patient = { timeout: 60_000 };

/** Some minutes of speech: more than fits into the buffers on the way to a client. */
let page: string;

beforeAll(async () => {
  page = (await readFile(novel, "utf8")).slice(0, 3000);
});

/** A server of two processes. */
interface Pair {
  readonly server: BuiltServer;
  /** Ids of all processes that were ever ready to serve. */
  readonly ids: () => readonly number[];
}

const started: Pair[] = [];

async function serve(options: BuiltServerOptions = {}): Promise<Pair> {
  // As fast as can be, and nobody is refused because the machine is busy.
  const fast = ["--lead-seconds", "any", "--overload", "admit"];
  const flags = ["--processes", "2", ...fast, ...(options.flags ?? [])];
  const server = await startBuiltServer({ ...options, flags });
  const ids = (): number[] =>
    server.running
      .stderr()
      .split("\n")
      .filter((line) => line.includes("server process is ready"))
      .map((line) => (JSON.parse(line) as { process: number }).process);
  const pair = { server, ids };
  started.push(pair);
  await until(() => ids().length === 2);
  return pair;
}

/** Ends servers that a test has not ended, and what is left of them. */
async function endAll(): Promise<void> {
  for (const { server, ids } of started.splice(0)) {
    await server.close();
    await until(() => !ids().some(isAlive));
  }
}

const byValue = (a: number, b: number): number => a - b;

/** Looks again and again; only the time limit of the test ends it otherwise. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

/** The answer to a request on a connection of its own, which either process may get. */
async function ask(server: BuiltServer, path: string, body?: unknown): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    headers: {
      "xi-api-key": server.key,
      "content-type": "application/json",
      connection: "close",
    },
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
  });
}

async function askJson<Body>(server: BuiltServer, path: string, body?: unknown): Promise<Body> {
  const answer = await ask(server, path, body);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Body;
}

/** The same question on ten connections, one after another. */
async function askTenTimes(server: BuiltServer, path: string): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (let time = 0; time < 10; time += 1) answers.push(await askJson(server, path));
  return answers;
}

const all = (count: number, value: unknown): unknown[] =>
  Array.from({ length: count }, () => value);

const open = (server: BuiltServer, query = "", key: string = server.key): Promise<StreamInput> =>
  openStreamInput(server.wsUrl, {
    voice: "flite-kal16",
    query: `output_format=pcm_48000&${query}`,
    headers: key === "" ? {} : { "xi-api-key": key },
  });

/** Opens sockets one after another, each with the next process. */
async function openMany(server: BuiltServer, count: number): Promise<StreamInput[]> {
  const clients: StreamInput[] = [];
  while (clients.length < count) clients.push(await open(server));
  return clients;
}

/**
 * Asks for so much speech that it is not over while nobody reads it; whether there is any. A client
 * that speaks is not read any more.
 */
async function speaks(client: StreamInput): Promise<boolean> {
  client.send({ text: " " }, { text: page }, { text: "" });
  const { audio } = await client.frame((frame) => frame.audio != null || frame.error !== undefined);
  if (audio == null) return false;
  client.socket.pause();
  return true;
}

async function drop(clients: readonly StreamInput[]): Promise<void> {
  for (const { socket } of clients) socket.terminate();
  await Promise.all(clients.map(({ closed }) => closed));
}

/** How many of so many that ask at once may speak. */
async function countSpeakers(server: BuiltServer, asking: number): Promise<number> {
  const clients = await openMany(server, asking);
  const spoken = await Promise.all(clients.map(speaks));
  await drop(clients);
  return spoken.filter(Boolean).length;
}

describe("two processes on one port", () => {
  let server: BuiltServer;
  let ids: Pair["ids"];

  beforeAll(async () => {
    const flags = ["--max-concurrency", "4"];
    ({ server, ids } = await serve({ flags, nodeFlags: ["--max-semi-space-size=5"] }));
  });
  afterAll(endAll);

  it("are ready with one line and one key, beside the process that started them", async () => {
    expect(new Set([...ids(), server.running.child.pid]).size).toBe(3);
    expect(server.readyLine).toMatch(/^Syrinx speaks at http:\/\/127\.0\.0\.1:\d+ · key sk_\w+ /);
    const health = { status: "ok", sessions: 0 };
    expect(await askTenTimes(server, "/health")).toEqual(all(10, health));
    const keyless = { ...server, key: `${server.key}0` };
    const answers = await Promise.all(all(10, "").map(() => ask(keyless, "/v1/voices")));
    expect(answers.map(({ status }) => status)).toEqual(all(10, 401));
  });

  it.skipIf(process.platform !== "linux")("have the flags of Node", async () => {
    for (const id of ids()) {
      const command = await readFile(`/proc/${id}/cmdline`, "utf8");
      expect(command.split("\0")).toContain("--max-semi-space-size=5");
    }
  });

  it("show the connections of both, and tell the story of any", async () => {
    const clients = await openMany(server, 6);
    type Live = { connections: { connection_id: string; transport: string }[] };
    for (const answer of await askTenTimes(server, "/v1/connections/live")) {
      expect(
        (answer as Live).connections.filter(({ transport }) => transport === "socket"),
      ).toHaveLength(6);
    }
    const id = String(clients[0]?.headers["x-trace-id"]);
    for (const story of await askTenTimes(server, `/v1/connections/${id}`)) {
      expect(story).toMatchObject({ connection_id: id, cause: "still_open" });
    }
    await drop(clients);
    await until(async () => {
      const { cause } = await askJson<{ cause: string }>(server, `/v1/connections/${id}`);
      return cause === "client_lost";
    });
  });

  it("share sockets evenly", async () => {
    const clients = await openMany(server, 40);
    const healths = await askTenTimes(server, "/health");
    const counts = healths.map((health) => (health as { sessions: number }).sessions);
    expect(Math.max(...counts) + Math.min(...counts)).toBe(40);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(15);
    await drop(clients);
  });

  it("let as many speak as the limit says, whichever they are connected to", async () => {
    const clients = await openMany(server, 10);
    const spoken = await Promise.all(clients.map(speaks));
    expect(spoken.filter(Boolean)).toHaveLength(4);
    const refused = clients.filter((_, index) => !spoken[index]);
    for (const { code } of await Promise.all(refused.map(({ closed }) => closed))) {
      expect(code).toBe(1008);
    }
    // Who leaves makes room for exactly one.
    await drop(clients.filter((_, index) => spoken[index]).slice(0, 1));
    await until(async () => speaks(await open(server)));
    expect(await countSpeakers(server, 4)).toBe(0);
    await drop(clients);
  });

  it("take a token once", async () => {
    const path = "/v1/single-use-token/tts_websocket";
    for (let time = 0; time < 3; time += 1) {
      const { token } = await askJson<{ token: string }>(server, path, {});
      const clients = await Promise.all(
        Array.from({ length: 4 }, () => open(server, `single_use_token=${token}`, "")),
      );
      for (const client of clients) client.send({ text: " " }, { text: "Hi." }, { text: "" });
      const closes = await Promise.all(clients.map(({ closed }) => closed));
      expect(closes.map(({ code }) => code).toSorted(byValue)).toEqual([1000, 1008, 1008, 1008]);
    }
  });

  it("have the same dictionaries, and lose no change of any", async () => {
    const root = "/v1/pronunciation-dictionaries";
    const made = { name: "Names", rules: [] };
    const { id } = await askJson<{ id: string }>(server, `${root}/add-from-rules`, made);
    const rules = Array.from({ length: 12 }, (_, index) => ({
      type: "alias",
      string_to_replace: `word ${index}`,
      alias: "x",
    }));
    await Promise.all(
      rules.map((rule) => askJson(server, `${root}/${id}/add-rules`, { rules: [rule] })),
    );
    for (const answer of await askTenTimes(server, `${root}/${id}`)) {
      const { rules: found } = answer as { rules: { string_to_replace: string }[] };
      expect(found.map((rule) => rule.string_to_replace).toSorted()).toEqual(
        rules.map((rule) => rule.string_to_replace).toSorted(),
      );
    }
    const broken = { rules: [{ type: "alias", string_to_replace: "", alias: "x" }] };
    expect((await ask(server, `${root}/${id}/add-rules`, broken)).status).toBe(422);
    expect((await ask(server, `${root}/none/add-rules`, { rules })).status).toBe(404);
  });

  it("have the same history, usage and settings of voices", async () => {
    const before = await askJson<{ history: unknown[] }>(server, "/v1/history");
    const speech = "/v1/text-to-speech/flite-kal16";
    await Promise.all(["One.", "Two.", "Three."].map((text) => ask(server, speech, { text })));
    await until(async () => {
      const { history } = await askJson<{ history: unknown[] }>(server, "/v1/history");
      return history.length === before.history.length + 3;
    });
    const [first, ...others] = await askTenTimes(server, "/v1/history");
    expect(others).toEqual(all(9, first));
    const [user, ...users] = await askTenTimes(server, "/v1/user");
    expect(users).toEqual(all(9, user));
    await ask(server, "/v1/voices/flite-kal16/settings/edit", { speed: 1.15 });
    for (const settings of await askTenTimes(server, "/v1/voices/flite-kal16/settings")) {
      expect(settings).toMatchObject({ speed: 1.15 });
    }
  });
});

it("all processes find a voice that has come when one is asked to look", patient, async () => {
  const { server } = await serve();
  const folder = join(server.dataDir, "voices", "anna");
  await mkdir(folder, { recursive: true });
  const manifest = { name: "Anna", engines: [{ voice: "flite-slt" }, { voice: "flite-rms" }] };
  await writeFile(join(folder, "voice.json"), JSON.stringify(manifest));
  const changes = await askJson(server, "/v1/voices/refresh", {});
  expect(changes).toEqual({ added: ["anna"], removed: [], faults: [] });
  const answers = await askTenTimes(server, "/v1/voices/anna");
  expect(answers).toEqual(all(10, answers[0]));
  expect(answers[0]).toMatchObject({ name: "Anna" });
  await endAll();
});

it("any process tells what all have counted", patient, async () => {
  const { server } = await serve();
  const clients = await openMany(server, 8);
  for (let time = 0; time < 4; time += 1) {
    const page = await (await ask(server, "/metrics")).text();
    const open = page.split("\n").filter((line) => line.startsWith("syrinx_connections_open{"));
    expect(open.map((line) => Number(line.split(" ").at(-1))).reduce((a, b) => a + b)).toBe(8);
    expect(page).toMatch(/^syrinx_build_info\{.*\} 2$/m);
  }
  await drop(clients);
  await endAll();
});

describe("a process that dies", patient, () => {
  afterEach(endAll);

  it("is replaced and gives back what it had, and the others go on", async () => {
    const { server, ids } = await serve({ flags: ["--max-concurrency", "2"] });
    const clients = await openMany(server, 2);
    expect(await Promise.all(clients.map(speaks))).toEqual([true, true]);
    const [victim = 0] = ids();
    process.kill(victim, "SIGKILL");
    for (const { socket } of clients) socket.resume();
    const closes = await Promise.all(clients.map(({ closed }) => closed));
    expect(closes.map(({ code }) => code).toSorted(byValue)).toEqual([1000, 1006]);
    const survivor = clients.find((_, index) => closes[index]?.code === 1000);
    expect(survivor?.frames.at(-1)?.isFinal).toBe(true);
    await until(() => ids().length === 3);
    await until(async () => (await countSpeakers(server, 4)) === 2);
    expect(server.running.stderr()).toMatch(/"reason":"SIGKILL".*"server process ended"/);
  });

  it("is replaced on the same port when it was the last", async () => {
    const { server, ids } = await serve();
    for (const id of ids()) process.kill(id, "SIGKILL");
    await until(() => ids().length === 4);
    expect(await askTenTimes(server, "/health")).toHaveLength(10);
  });
});

describe("what processes have counted", patient, () => {
  afterEach(endAll);

  const readCharacters = async (server: BuiltServer, signal?: AbortSignal): Promise<number> => {
    const headers = { "xi-api-key": server.key, connection: "close" };
    const answer = await fetch(`${server.url}/metrics`, { headers, ...(signal && { signal }) });
    const counted = (await answer.text()).match(/^syrinx_characters_total\{.*\} (\d+)$/m);
    return Number(counted?.[1] ?? 0);
  };

  /** Lets both processes speak; gives what they have counted of it. */
  const speakOnBoth = async (server: BuiltServer): Promise<number> => {
    for (const client of await openMany(server, 2)) {
      client.send({ text: " " }, { text: "Good morning." }, { text: "" });
      await client.closed;
    }
    return readCharacters(server);
  };

  it("stays when one of them dies", async () => {
    const { server, ids } = await serve();
    const before = await speakOnBoth(server);
    expect(before).toBe(2 * "Good morning.".length);
    process.kill(ids()[0] ?? 0, "SIGKILL");
    await until(() => ids().length === 3);
    expect(await readCharacters(server)).toBe(before);
  });

  it("can be read while one of them hangs", async () => {
    const { server, ids } = await serve();
    const before = await speakOnBoth(server);
    const [victim = 0] = ids();
    process.kill(victim, "SIGSTOP");
    try {
      // Those that the stopped one was handed wait for it.
      const pages = Array.from({ length: 4 }, () =>
        readCharacters(server, AbortSignal.timeout(20_000)),
      );
      expect(await Promise.any(pages)).toBe(before);
    } finally {
      process.kill(victim, "SIGCONT");
    }
  });
});

describe("the end", patient, () => {
  afterEach(endAll);

  it.each<[string, "SIGTERM" | "SIGINT", boolean]>([
    ["SIGTERM to the first process", "SIGTERM", false],
    ["SIGINT to all, as from a terminal", "SIGINT", true],
  ])("comes when all is said: %s", async (_what, signal, isForAll) => {
    const { server, ids } = await serve();
    const [idle, other, ...talking] = await openMany(server, 4);
    await Promise.all([idle?.settled(), other?.settled()]);
    expect(await Promise.all(talking.map(speaks))).toEqual([true, true]);
    for (const id of isForAll ? ids() : []) process.kill(id, signal);
    server.running.child.kill(signal);
    for (const client of [idle, other]) expect((await client?.closed)?.code).toBe(1001);
    expect((await ask(server, "/health")).status).toBe(503);
    for (const { socket } of talking) socket.resume();
    for (const client of talking) {
      expect((await client.closed).code).toBe(1000);
      expect(client.frames.at(-1)?.isFinal).toBe(true);
    }
    expect(await server.running.ended).toMatchObject({ code: 0, signal: null });
    expect(ids().filter(isAlive)).toEqual([]);
    expect(server.running.stderr()).not.toContain("server process ended");
  });

  it("leaves time for what each process has to send, such as traces", async () => {
    const folder = await createFolder();
    const leave = join(folder, "leave.mjs");
    await writeFile(
      leave,
      `import { writeFileSync } from "node:fs";
      import { setTimeout as sleep } from "node:timers/promises";
      process.once("beforeExit", async () => {
        await sleep(200);
        writeFileSync(${JSON.stringify(folder)} + "/" + process.pid, "");
      });`,
    );
    const { server, ids } = await serve({ nodeFlags: ["--import", leave] });
    server.running.child.kill("SIGTERM");
    expect(await server.running.ended).toMatchObject({ code: 0, signal: null });
    const left = await readdir(folder);
    for (const id of ids()) expect(left).toContain(String(id));
    await removeFolder(folder);
  });

  it("comes to all when the first process is killed", async () => {
    const { server, ids } = await serve();
    const [idle, other, talking] = await openMany(server, 3);
    expect(talking && (await speaks(talking))).toBe(true);
    const { child } = server.running;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    talking?.socket.resume();
    expect((await talking?.closed)?.code).toBe(1000);
    for (const client of [idle, other]) expect((await client?.closed)?.code).toBe(1001);
    await until(() => !ids().some(isAlive));
  });
});

describe("the start", patient, () => {
  afterEach(endAll);

  it("speaks https on one port", async () => {
    const folder = await createFolder();
    const { cert, key } = createCertificate();
    await writeFile(join(folder, "cert.pem"), cert);
    await writeFile(join(folder, "key.pem"), key);
    const flags = ["--tls-cert", "cert.pem", "--tls-key", "key.pem", "--auth", "off"];
    const { server } = await serve({ flags, cwd: folder });
    for (let time = 0; time < 4; time += 1) {
      const client = await openStreamInput(server.wsUrl, {
        voice: "flite-kal16",
        client: { ca: cert },
      });
      client.send({ text: " " }, { text: "Hello." }, { text: "" });
      expect((await client.closed).code).toBe(1000);
    }
    await removeFolder(folder);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["no process", ["--processes", "0"], /--processes .*1 to 256/],
    ["an unknown fallback voice", ["--fallback-voice", "nobody"], /flite-rms/],
    ["an address of another machine", ["--host", "203.0.113.7"], /203\.0\.113\.7.*--host/],
    ["a certificate that is none", ["--tls-cert", novel, "--tls-key", novel], /PEM/],
  ])("fails in one line: %s", async (_what, flags, names) => {
    await expectFailedStart(["--port", "0", ...flags], names);
  });

  it("fails in one line: a port that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" ? `${address?.port}` : "";
    await expectFailedStart(["--port", port], new RegExp(`${port}.*--port`));
    taken.close();
  });
});

async function expectFailedStart(flags: readonly string[], names: RegExp): Promise<void> {
  const args = ["serve", "--auth", "off", "--processes", "2", "--log-level", "error", ...flags];
  const { code, stdout, stderr } = await run(args);
  expect(stderr).toMatch(/^syrinx: [^\n]+\n$/);
  expect(stderr).toMatch(names);
  expect(stdout).toHaveLength(0);
  expect(code).toBe(2);
}
