import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import { createLogger } from "../../src/transport/log.ts";
import { type OpenAiServer, startOpenAiServer } from "../support/openai-server.ts";
import { readMetrics } from "../support/prometheus-text.ts";
import { startServer, type TestServer } from "../support/server.ts";

const secret = "sk-not-to-be-seen-0123456789";
const text = "One two three four five six seven eight nine ten.";

let dataDir: string;
let other: OpenAiServer;
let server: TestServer;
let log: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "syrinx-data-"));
  other = await startOpenAiServer(createToneEngine({ sampleRateHz: 24_000 }));
  process.env["TEST_OTHER_KEY"] = secret;
  log = "";
  const output = { write: (line: string) => (log += line) } as unknown as NodeJS.WriteStream;
  await putVoices();
  server = await startServer({
    engines: [createToneEngine()],
    logger: createLogger("warn", output),
    flags: { dataDir, auth: "off" },
  });
});
afterEach(async () => {
  delete process.env["TEST_OTHER_KEY"];
  await server.close();
  await other.close();
  await rm(dataDir, { recursive: true });
});

async function put(folder: string, manifest: object): Promise<void> {
  await mkdir(join(dataDir, "voices", folder), { recursive: true });
  await writeFile(join(dataDir, "voices", folder, "voice.json"), JSON.stringify(manifest));
}

const remote = (): object => ({
  engine: "openai",
  url: other.url,
  voice: "alloy",
  key_env: "TEST_OTHER_KEY",
});

async function putVoices(): Promise<void> {
  await put("far", { name: "Far", language: "de-DE", sex: "female", engines: [remote()] });
  await put("careful", { engines: [remote(), { voice: "tone" }] });
  await put("keyless", { engines: [{ ...remote(), key_env: "NO_SUCH_KEY" }] });
  await put("nobody", { engines: [remote(), { voice: "no-such-voice" }] });
}

interface Aligned {
  readonly alignment: { readonly characters: readonly string[] };
}

async function speak(voice: string): Promise<Response> {
  return fetch(`${server.url}/v1/text-to-speech/${voice}/with-timestamps`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text }),
  });
}

const charactersOf = async (answer: Response): Promise<string> =>
  ((await answer.json()) as Aligned).alignment.characters.join("");

async function getJson(path: string, method = "GET"): Promise<unknown> {
  return (await fetch(`${server.url}${path}`, { method })).json();
}

describe("voices of other servers", () => {
  it("are there like all others, and speak", async () => {
    const { voices } = (await getJson("/v1/voices")) as { voices: object[] };
    expect(voices).toMatchObject([
      { name: "Tone" },
      { name: "Far", labels: { language: "de", gender: "female", timings: "estimated" } },
      { name: "careful", labels: { timings: "estimated" } },
    ]);
    for (const voice of ["far", "careful"]) {
      expect(await charactersOf(await speak(voice))).toBe(text);
    }
    expect(other.requests.map(({ authorization }) => authorization)).toEqual([
      `Bearer ${secret}`,
      `Bearer ${secret}`,
    ]);
  });

  it("that cannot be used are named in the log, and leave the others alone", () => {
    const faults = log
      .split("\n")
      .filter((line) => line.includes("voice cannot be used"))
      .map((line) => JSON.parse(line) as { voice: string; reason: string });
    expect(faults.map(({ voice }) => voice)).toEqual(["keyless", "nobody"]);
    expect(faults[0]?.reason).toContain("NO_SUCH_KEY");
    expect(faults[1]?.reason).toContain("no-such-voice");
  });

  it("come and go while the server runs", async () => {
    await put("new", { engines: [remote()] });
    await rm(join(dataDir, "voices", "far"), { recursive: true });
    expect(await getJson("/v1/voices/refresh", "POST")).toMatchObject({
      added: ["new"],
      removed: ["far"],
      faults: [{ name: "keyless" }, { name: "nobody" }],
    });
    expect((await speak("new")).status).toBe(200);
    expect((await speak("far")).status).toBe(404);
  });

  it("fail with a problem of the catalogue, and a log line without text or key", async () => {
    other.misbehave = (_, response) => {
      response.writeHead(401).end(`no such key: ${secret}, for ${text}`);
      return true;
    };
    expect((await speak("far")).status).toBe(500);
    expect(log).toContain('"code":"key_refused","status":401');
    expect(log).not.toContain(secret);
    expect(log).not.toContain("two three");
  });

  it("go on with the next engine, which is counted", async () => {
    other.misbehave = (_, response) => {
      response.writeHead(200, { "content-type": "audio/pcm" });
      response.write(Buffer.alloc(24_000 * 2, Buffer.from([0, 16, 0, 240])), () =>
        response.destroy(),
      );
      return true;
    };
    for (let count = 0; count < 4; count += 1) {
      expect(await charactersOf(await speak("careful"))).toBe(text);
    }
    // The circuit has opened by then.
    expect(other.requests).toHaveLength(3);
    const name = `openai ${other.url} TEST_OTHER_KEY`;
    const { engines } = (await getJson("/v1/engines")) as {
      engines: { name: string; upstreams: object[] }[];
    };
    const failover = engines.find((engine) => engine.name === "failover");
    expect(failover?.upstreams).toMatchObject([
      { name, state: "down", failures: 3, retry_in_ms: expect.any(Number) as number },
      { name: "tone", state: "up", failures: 0 },
    ]);
    const { values } = await readMetrics(server.url);
    expect(values.get(`syrinx_upstream_up{upstream="${name}"}`)).toBe(0);
    expect(
      values.get(`syrinx_upstream_failures_total{upstream="${name}",fault="closed_early"}`),
    ).toBe(3);
    expect(values.get('syrinx_failovers_total{voice="careful",when="midway"}')).toBe(3);
    expect(values.get('syrinx_failovers_total{voice="careful",when="before"}')).toBe(1);
  });
});
