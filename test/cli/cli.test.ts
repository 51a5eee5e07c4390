import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openStreamInput } from "../support/stream-input.ts";
import {
  type BuiltServer,
  type BuiltServerOptions,
  createFolder,
  type Outcome,
  type Running,
  removeFolder,
  run,
  start,
  startBuiltServer,
} from "./built.ts";

const novel = fileURLToPath(new URL("../data/holmes-and-fogg.txt", import.meta.url));

/** For what is over in a moment unless it is never over. */
const limit = { timeout: 8000 };

let folder: string;
const servers: BuiltServer[] = [];
const children: Running[] = [];

beforeAll(async () => {
  folder = await createFolder();
});
afterEach(async () => {
  for (const { child } of children.splice(0)) child.kill("SIGKILL");
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(() => removeFolder(folder));

async function serve(options: BuiltServerOptions = {}): Promise<BuiltServer> {
  const server = await startBuiltServer(options);
  servers.push(server);
  return server;
}

/** The end of a command that must end by itself; one that does not is killed and has no code. */
async function end(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const { child, ended, firstLine } = start(args, { cwd: folder, env });
  // A server that starts in spite of its settings would otherwise run for ever.
  firstLine.then(
    () => args[0] === "serve" && child.kill("SIGKILL"),
    () => {},
  );
  return ended;
}

/** A complaint as it should be: one line, no stack. */
const oneLine = /^syrinx: [^\n]+\n$/;

describe("what the command is asked for wrongly", () => {
  it.each<[string, readonly string[], RegExp]>([
    ["an unknown command", ["sing"], /sing/],
    ["an unknown option", ["speak", "--loudly"], /--loudly/],
    ["neither text nor file", ["speak", "--out", "a.wav"], /--file/],
    ["both text and file", ["speak", "Hi", "--file", "a.txt", "--out", "a.wav"], /--file/],
    [
      "a server that is no address",
      ["speak", "Hi", "--server", "here", "--out", "a.mp3"],
      /--server/,
    ],
    ["a port that is no number", ["serve", "--port", "http"], /--port .*0 to 65535/],
    ["a port out of range", ["serve", "--port", "65536"], /--port/],
    ["half a certificate", ["serve", "--tls-cert", "a.pem"], /--tls-key/],
    ["a certificate that is not there", ["serve", "--tls-cert", "a", "--tls-key", "b"], /\ba\b/],
    ["a configuration file that is not there", ["serve", "--config", "no.json"], /no\.json/],
    ["a log level that does not exist", ["serve", "--log-level", "loud"], /--log-level.*silent/],
    ["too many arguments", ["serve", "now"], /serve/],
  ])("is said in one line, with exit code 2: %s", async (_what, args, names) => {
    const { code, stdout, stderr } = await end(args);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(names);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+|Error:/);
    expect(stdout).toHaveLength(0);
    expect(code).toBe(2);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ["an unknown variable", { SYRINX_PROT: "1" }, /SYRINX_PROT/],
    ["a bad value", { SYRINX_AUTH: "maybe" }, /SYRINX_AUTH must be on or off/],
    ["a key that is too short", { SYRINX_API_KEY: "short" }, /SYRINX_API_KEY.*8/],
  ])("in the environment: %s", async (_what, env, names) => {
    const { code, stderr } = await end(["serve"], env);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(names);
    expect(stderr).not.toContain("short");
    expect(code).toBe(2);
  });

  it.each<[string, string, RegExp]>([
    ["an unknown member", '{"prot":1}', /"prot"/],
    ["a bad value", '{"port":"x"}', /"port".*0 to 65535/],
    ["no JSON", "port: 1", /not JSON/],
    ["no object", "[]", /object/],
  ])("in the configuration file: %s", async (what, text, names) => {
    const path = join(folder, `${what.replaceAll(" ", "-")}.json`);
    await writeFile(path, text);
    const { code, stderr } = await end(["serve", "--config", path]);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(names);
    expect(code).toBe(2);
  });

  it("is shown with the help when nothing is asked for", async () => {
    const { code, stderr } = await end([]);
    expect(stderr).toContain("Usage: syrinx");
    expect(code).toBe(2);
  });

  it("help and version are no mistakes", async () => {
    const help = await end(["--help"]);
    expect(help.stdout.toString()).toMatch(/serve[^]*speak[^]*voices/);
    expect(help.code).toBe(0);
    const version = await end(["--version"]);
    expect(version.stdout.toString()).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(version.code).toBe(0);
  });
});

describe("a start that fails after the engine was made ends the process", () => {
  it.each<[string, readonly string[], RegExp]>([
    ["an unknown fallback voice", ["--fallback-voice", "nobody"], /flite-rms/],
    ["an unknown default model", ["--default-model", "nothing"], /eleven_multilingual_v2/],
    ["an address of another machine", ["--host", "203.0.113.7"], /203\.0\.113\.7.*--host/],
  ])("%s", limit, async (_what, flags, names) => {
    await expectFailedStart(["--port", "0", ...flags], names);
  });

  it("a port that is taken", limit, async () => {
    const taken = createServer();
    await listening(taken);
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      await expectFailedStart(["--port", `${port}`], new RegExp(`${port}.*--port`));
    } finally {
      taken.close();
    }
  });

  it("a data folder that is a file", limit, async () => {
    const path = join(folder, "not-a-folder");
    await writeFile(path, "");
    await expectFailedStart(["--port", "0", "--data-dir", path], /not-a-folder/, [1, 2]);
  });
});

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve());
  });
}

/** The process has to end by itself: one that only says why fails by the time limit. */
async function expectFailedStart(
  flags: readonly string[],
  names: RegExp,
  codes: readonly number[] = [2],
): Promise<void> {
  const running = start(["serve", "--data-dir", join(folder, "data"), ...flags]);
  children.push(running);
  const { code, stderr } = await running.ended;
  expect(stderr).toMatch(oneLine);
  expect(stderr).toMatch(names);
  expect(codes).toContain(code);
}

describe("syrinx voices", () => {
  it("prints one line per voice below its headings", async () => {
    const { code, stdout, stderr } = await end(["voices"], { SYRINX_ESPEAK: "off" });
    const lines = stdout.toString().trimEnd().split("\n");
    expect(lines[0]).toMatch(/^VOICE +ID /);
    expect(lines.slice(1).map((line) => line.split(/ +/)[0])).toEqual([
      "flite-rms",
      "flite-slt",
      "flite-awb",
      "flite-kal16",
    ]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  it("prints JSON", async () => {
    const { code, stdout } = await end(["voices", "--json"], { SYRINX_ESPEAK: "off" });
    const voices: unknown = JSON.parse(stdout.toString());
    expect(voices).toHaveLength(4);
    expect(voices).toMatchObject([
      { slug: "flite-rms", id: expect.stringMatching(/^\w{20}$/) },
      {},
      {},
      {},
    ]);
    expect(code).toBe(0);
  });
});

describe("syrinx speak", () => {
  it.each<[string, (bytes: Buffer) => boolean]>([
    ["a.wav", isWholeWav],
    ["a.mp3", (bytes) => (bytes.readUInt16BE(0) & 0xffe0) === 0xffe0],
    ["a.ogg", (bytes) => bytes.subarray(0, 4).toString() === "OggS"],
    ["a.pcm", (bytes) => bytes.length % 2 === 0],
  ])("writes %s in the format of its ending", async (name, isRight) => {
    const out = join(folder, name);
    const { code, stdout, stderr } = await end(["speak", "Hello from Syrinx.", "--out", out]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toHaveLength(0);
    const bytes = await readFile(out);
    expect(bytes.length).toBeGreaterThan(5000);
    expect(isRight(bytes)).toBe(true);
  });

  it("reads standard input and writes standard output", async () => {
    const args = ["speak", "-", "--out", "-", "--format", "pcm_16000"];
    const { code, stdout, stderr } = await run(args, { cwd: folder, input: "Hello. And bye." });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const whole = await end(["speak", "Hello. And bye.", ...args.slice(2)]);
    expect(stdout.equals(whole.stdout)).toBe(true);
    expect(stdout.length).toBeGreaterThan(20_000);
  });

  it("writes to a pipe without being told to", async () => {
    const { code, stdout } = await end(["speak", "Hello."]);
    expect(stdout.readUInt16BE(0) & 0xffe0).toBe(0xffe0);
    expect(code).toBe(0);
  });

  it("takes any name of a voice", async () => {
    const names = ["flite-kal16", "FLITE KAL", "fLt8KALw6CgM3vZj9BpS"];
    const outcomes = await Promise.all(
      names.map((voice) => end(["speak", "Hello.", "--voice", voice])),
    );
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(new Set(outcomes.map(({ stdout }) => stdout.toString("base64"))).size).toBe(1);
    const other = await end(["speak", "Hello."]);
    expect(other.stdout.equals(outcomes[0]?.stdout ?? other.stdout)).toBe(false);
  });

  it("speaks through a server that runs, with its key", async () => {
    const server = await serve();
    const args = ["speak", "Hello.", "--format", "pcm_16000", "--server", server.url];
    const good = await end(args, { SYRINX_API_KEY: server.key });
    expect(good.stderr).toBe("");
    expect(good.code).toBe(0);
    expect(good.stdout.equals((await end(args.slice(0, 4))).stdout)).toBe(true);
    const bad = await end(args, { SYRINX_API_KEY: "sk_not_this_one" });
    expect(bad.stderr).toMatch(oneLine);
    expect(bad.stderr).toMatch(/API key/i);
    expect(bad.code).toBe(1);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["an unknown voice", ["Hi", "--voice", "nobody"], /nobody/],
    ["an unknown format", ["Hi", "--format", "mp3_1"], /mp3_1.*mp3_44100_128/],
    ["an unknown model", ["Hi", "--model", "nothing"], /nothing/],
    ["a server that is not there", ["Hi", "--server", "http://127.0.0.1:9"], /127\.0\.0\.1:9/],
    ["a file that is not there", ["--file", "no.txt"], /no\.txt/],
    ["nothing to say", [" "], /nothing/],
  ])("fails in one line, with exit code 1: %s", async (_what, args, names) => {
    const { code, stderr } = await end(["speak", ...args, "--out", join(folder, "failed.mp3")]);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(names);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+|Error:/);
    expect(code).toBe(1);
  });

  it("fails in one line when the file cannot be written", async () => {
    const { code, stderr } = await end(["speak", "Hi", "--out", join(folder, "no", "a.wav")]);
    expect(stderr).toMatch(oneLine);
    expect(code).toBe(1);
  });

  it("speaks a long file whole", { timeout: 60_000 }, async () => {
    const page = await readFile(novel, "utf8");
    const text = page.repeat(10).slice(0, 20_000);
    const path = join(folder, "book.txt");
    await writeFile(path, text);
    const out = join(folder, "book.wav");
    const args = ["--file", path, "--voice", "flite-kal16", "--out", out, "--format", "wav_8000"];
    const { code, stderr } = await end(["speak", ...args]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const bytes = await readFile(out);
    expect(isWholeWav(bytes)).toBe(true);
    const charsPerSecond = text.length / ((bytes.length - 44) / 16_000);
    expect(charsPerSecond).toBeGreaterThan(10);
    expect(charsPerSecond).toBeLessThan(25);
  });
});

/** A RIFF file whose sizes are those of the file, and that holds 16-bit samples. */
function isWholeWav(bytes: Buffer): boolean {
  return (
    bytes.subarray(0, 4).toString() === "RIFF" &&
    bytes.readUInt32LE(4) === bytes.length - 8 &&
    bytes.readUInt32LE(40) === bytes.length - 44 &&
    bytes.length % 2 === 0
  );
}

describe("syrinx serve", () => {
  it("prints one line with address, key and a command, and is healthy then", async () => {
    const server = await serve();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(server.key).toMatch(/^sk_[0-9a-f]{64}$/);
    expect(server.readyLine).toMatch(/try: curl .*\/v1\/text-to-speech\/flite-rms$/);
    const health = await fetch(`${server.url}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: "ok" });
    server.running.child.kill("SIGTERM");
    const { code, stdout } = await server.running.ended;
    expect(stdout.toString()).toBe(`${server.readyLine}\n`);
    expect(code).toBe(0);
  });

  it("shows its key once, keeps only the hash, and accepts it after a restart", async () => {
    const dataDir = await createFolder();
    try {
      const first = await serve({ dataDir });
      first.running.child.kill("SIGINT");
      const { code, stderr } = await first.running.ended;
      expect(code).toBe(0);
      expect(stderr).not.toContain(first.key);
      const files = await readdir(dataDir);
      expect(files).not.toHaveLength(0);
      for (const file of files) {
        expect(await readFile(join(dataDir, file), "latin1")).not.toContain(first.key.slice(3, 20));
      }
      const second = await serve({ dataDir });
      expect(second.readyLine).not.toMatch(/sk_/);
      expect(await statusFor(second, first.key)).toBe(200);
      expect(await statusFor(second, `${first.key}0`)).toBe(401);
      expect(await statusFor(second, undefined)).toBe(401);
    } finally {
      await removeFolder(dataDir);
    }
  });

  it("takes a key from the environment, which it neither shows nor keeps", async () => {
    const server = await serve({ env: { SYRINX_API_KEY: "my-own-secret-key" } });
    expect(server.readyLine).not.toContain("my-own-secret-key");
    expect(await statusFor(server, "my-own-secret-key")).toBe(200);
    expect(await statusFor(server, "another-secret-key")).toBe(401);
    for (const name of await readdir(server.dataDir)) {
      const kept = await readFile(join(server.dataDir, name), "latin1");
      expect(kept).not.toContain("my-own-secret-key");
    }
  });

  it("lets everybody in with --auth off", async () => {
    const server = await serve({ flags: ["--auth", "off"] });
    expect(server.readyLine).not.toMatch(/key|xi-api-key/);
    expect(await statusFor(server, undefined)).toBe(200);
    expect(await statusFor(server, "whatever")).toBe(200);
    const client = await openStreamInput(server.wsUrl, { voice: "flite-kal16" });
    client.send({ text: " " }, { text: "Hello. " }, { text: "" });
    expect((await client.closed).code).toBe(1000);
    expect(client.audio().length).toBeGreaterThan(0);
  });

  it("reads syrinx.config.json where it runs, below the environment and the flags", async () => {
    const dataDir = await createFolder();
    try {
      await writeFile(join(dataDir, "syrinx.config.json"), '{"auth":"off","host":"localhost"}');
      const server = await serve({ dataDir, env: { SYRINX_HOST: "127.0.0.1" } });
      expect(server.url).toContain("127.0.0.1");
      expect(await statusFor(server, undefined)).toBe(200);
      const other = await serve({ dataDir, flags: ["--auth", "on"] });
      expect(await statusFor(other, undefined)).toBe(401);
    } finally {
      await removeFolder(dataDir);
    }
  });

  it("at SIGTERM closes idle sockets with 1001 and ends with 0", async () => {
    const server = await serve();
    const headers = { "xi-api-key": server.key };
    const clients = await Promise.all(
      Array.from({ length: 3 }, () =>
        openStreamInput(server.wsUrl, { voice: "flite-kal16", headers }),
      ),
    );
    clients[1]?.send({ text: " " });
    await Promise.all(clients.map((client) => client.settled()));
    server.running.child.kill("SIGTERM");
    const closes = await Promise.all(clients.map(({ closed }) => closed));
    expect(closes.map(({ code }) => code)).toEqual([1001, 1001, 1001]);
    expect(closes.every(({ reason }) => reason.length > 0)).toBe(true);
    expect((await server.running.ended).code).toBe(0);
  });

  it("at SIGTERM, told twice, lets what is being spoken be heard to its end", async () => {
    // The text spoken before is not to be heard at the speed of speech.
    const server = await serve({ flags: ["--lead-seconds", "any"] });
    const text = (await readFile(novel, "utf8")).slice(0, 1500);
    const query = "output_format=pcm_16000";
    const headers = { "xi-api-key": server.key };
    const voice = "flite-rms";
    const reference = await openStreamInput(server.wsUrl, { voice, query, headers });
    reference.send({ text: " " }, { text }, { text: "" });
    await reference.closed;
    const client = await openStreamInput(server.wsUrl, { voice, query, headers });
    client.send({ text: " " }, { text }, { text: "" });
    await client.frame(({ audio }) => typeof audio === "string");
    server.running.child.kill("SIGTERM");
    await sleep(20);
    server.running.child.kill("SIGTERM");
    expect((await client.closed).code).toBe(1000);
    expect(client.frames.at(-1)?.isFinal).toBe(true);
    expect(client.audio().equals(reference.audio())).toBe(true);
    expect((await server.running.ended).code).toBe(0);
  });

  it("at SIGTERM takes no new work while it waits", async () => {
    const server = await serve();
    const text = (await readFile(novel, "utf8")).slice(0, 1500);
    const headers = { "xi-api-key": server.key };
    const client = await openStreamInput(server.wsUrl, { voice: "flite-rms", headers });
    client.send({ text: " " }, { text }, { text: "" });
    await client.frame(({ audio }) => typeof audio === "string");
    client.socket.pause();
    server.running.child.kill("SIGTERM");
    let status = 200;
    for (let turn = 0; turn < 200 && status === 200; turn += 1) {
      status = await fetch(`${server.url}/health`).then(
        (answer) => answer.status,
        () => 503,
      );
    }
    expect(status).toBe(503);
    const refused = openStreamInput(server.wsUrl, { voice: "flite-rms", headers });
    await expect(refused).rejects.toThrow(/refused with 503|ECONNREFUSED/);
    client.socket.resume();
    expect((await client.closed).code).toBe(1000);
    expect((await server.running.ended).code).toBe(0);
  });

  it("at SIGTERM gives up on a reader that stalls when its time is over", limit, async () => {
    const server = await serve({ flags: ["--drain-seconds", "0"] });
    const text = (await readFile(novel, "utf8")).slice(0, 5000).repeat(4);
    const headers = { "xi-api-key": server.key };
    const query = "output_format=pcm_48000";
    const client = await openStreamInput(server.wsUrl, { voice: "flite-kal16", query, headers });
    client.send({ text: " " }, { text }, { text: "" });
    await client.frame(({ audio }) => typeof audio === "string");
    client.socket.pause();
    server.running.child.kill("SIGTERM");
    expect((await server.running.ended).code).toBe(0);
  });
});

async function statusFor(server: BuiltServer, key: string | undefined): Promise<number> {
  const headers: Record<string, string> = key === undefined ? {} : { "xi-api-key": key };
  const { status } = await fetch(`${server.url}/v1/voices`, { headers });
  return status;
}
