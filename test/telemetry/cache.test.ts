import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readMetrics } from "../support/prometheus-text.ts";
import { createWatchedTone, startServer, testKey, type TestServer } from "../support/server.ts";

const text = "Please hold the line.";

const say = async ({ url }: TestServer, query = "", body: object = {}): Promise<Buffer> => {
  const response = await fetch(`${url}/v1/text-to-speech/tone/stream?${query}`, {
    method: "POST",
    headers: { "xi-api-key": testKey, "content-type": "application/json" },
    body: JSON.stringify({ text, ...body }),
  });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
};

describe("what was spoken before", () => {
  let server: TestServer;
  let tone: ReturnType<typeof createWatchedTone>;

  const start = async (cacheMib: string): Promise<void> => {
    tone = createWatchedTone();
    server = await startServer({ engines: [tone.engine], flags: { workers: "1", cacheMib } });
  };
  const metric = async (series: string): Promise<number | undefined> =>
    (await readMetrics(server.url)).values.get(series);
  const lookups = (outcome: "hit" | "miss"): Promise<number | undefined> =>
    metric(`syrinx_cache_lookups_total{engine="tone",outcome="${outcome}"}`);

  beforeEach(() => start("8"));
  afterEach(() => server.close());

  it("is given again without the engine, and counted as a hit", async () => {
    expect([await lookups("hit"), await lookups("miss")]).toEqual([0, 0]);
    expect(await metric("syrinx_cache_bytes")).toBe(0);
    const first = await say(server);
    expect([await lookups("hit"), await lookups("miss")]).toEqual([0, 1]);
    expect(await metric("syrinx_cache_bytes")).toBeGreaterThan(first.length / 10);
    expect((await say(server)).equals(first)).toBe(true);
    expect(await lookups("hit")).toBe(1);
    expect(tone.begun).toEqual([text]);
  });

  it("is coded anew in another format", async () => {
    await say(server, "output_format=mp3_44100_128");
    const samples = await say(server, "output_format=pcm_24000");
    expect(samples.equals(await say(server, "output_format=pcm_24000"))).toBe(true);
    expect(await say(server, "output_format=ulaw_8000")).toHaveLength(samples.length / 6);
    expect(tone.begun).toEqual([text]);
  });

  it("is another thing at another speed", async () => {
    const normal = await say(server);
    const fast = await say(server, "", { voice_settings: { speed: 1.2 } });
    expect(fast.length).not.toBe(normal.length);
    expect(tone.begun).toHaveLength(2);
  });

  it("is neither kept nor looked for with enable_logging=false", async () => {
    await say(server, "enable_logging=false");
    expect(await metric("syrinx_cache_bytes")).toBe(0);
    await say(server);
    await say(server, "enable_logging=false");
    expect(tone.begun).toHaveLength(3);
    expect([await lookups("hit"), await lookups("miss")]).toEqual([0, 1]);
  });

  it("is not kept at all with a cache of 0 MiB", async () => {
    await server.close();
    await start("0");
    await say(server);
    await say(server);
    expect(tone.begun).toHaveLength(2);
    expect([await lookups("hit"), await lookups("miss")]).toEqual([0, 0]);
  });
});
