import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import { runLoad } from "../../src/load/run.ts";
import { asTokens, type StreamPlan } from "../../src/load/scenario.ts";
import { summarize } from "../../src/load/summary.ts";
import type { TurnResult } from "../../src/load/turn-result.ts";
import { startServer, type TestServer, testKey } from "../support/server.ts";
import { type FaultyServer, startFaultyServer } from "./faulty-server.ts";

const text = "The quick brown fox jumps over the lazy dog, twice.";

/** Streams that speak the text twice, in tokens, without waiting for anybody. */
const streams = (count: number, turns = 2): StreamPlan[] =>
  Array.from({ length: count }, () => ({
    startMs: 0,
    turns: Array.from({ length: turns }, () => ({ texts: asTokens(text, 1000), pauseMs: 0 })),
  }));

describe("a healthy server", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ engines: [createToneEngine({ msPerChar: 40 })] });
  });
  afterAll(() => server.close());

  it.each([
    ["single", "pcm_16000"],
    ["single", "mp3_44100_128"],
    ["multi", "pcm_24000"],
    ["multi", "opus_48000_64"],
    ["multi", "ulaw_8000"],
  ] as const)("is measured through %s sockets in %s", async (socketUse, format) => {
    const target = { url: server.url, apiKey: testKey, voice: "tone", format };
    const result = await runLoad(
      { target, socketUse, streams: streams(5) },
      { clock: systemClock },
    );
    const summary = summarize(result);
    expect(summary.failures).toEqual([]);
    expect(summary).toMatchObject({
      streams: 5,
      completeTurns: 10,
      comparedChars: 10 * text.length,
      lostChars: 0,
      repeatedChars: 0,
      firstAudioMs: { count: 10 },
      rtf: { count: 10 },
      connectMs: { count: socketUse === "single" ? 10 : 5 },
    });
    const spokenMs = (text.length + 2) * 40;
    for (const { audioMs, leadingSilenceMs = 0 } of result.turns) {
      expect(audioMs).toBeGreaterThan(spokenMs - 50);
      expect(audioMs).toBeLessThan(spokenMs + 150);
      // The engine says the space before the text, which is silent.
      expect(leadingSilenceMs).toBeGreaterThanOrEqual(30);
      expect(leadingSilenceMs).toBeLessThan(100);
    }
    await expect.poll(() => server.server.sessions).toBe(0);
  });

  it("that does not know the key fails the turn, and the key is shown nowhere", async () => {
    const target = { url: server.url, apiKey: "a-wrong-key", voice: "tone", format: "pcm_16000" };
    const plan = { target, socketUse: "single", streams: streams(1, 1) } as const;
    const result = await runLoad(plan, { clock: systemClock });
    expect(result.turns).toMatchObject([{ failure: { kind: "error", code: "invalid_api_key" } }]);
    expect(JSON.stringify(result)).not.toContain("a-wrong-key");
  });
});

describe("a faulty server", () => {
  let server: FaultyServer;
  beforeAll(async () => {
    server = await startFaultyServer();
  });
  afterAll(() => server.close());

  async function speak(voice: string, format = "pcm_8000", url = server.url): Promise<TurnResult> {
    const target = { url, voice, format };
    const plan = { target, socketUse: "single", streams: streams(1, 1) } as const;
    const { turns } = await runLoad(plan, { clock: systemClock, patienceMs: 2000 });
    expect(turns).toHaveLength(1);
    return turns[0] as TurnResult;
  }

  it.each<[string, object]>([
    ["closes-early", { kind: "closed", code: "1011", reason: "The engine is gone." }],
    ["vanishes", { kind: "closed", code: "1006", reason: "" }],
    ["mute", { kind: "no_audio" }],
    ["binary", { kind: "unreadable_frame" }],
    ["error-frame", { kind: "error", code: "quota_exceeded", reason: "Quota used up." }],
    ["http-401", { kind: "refused", code: "401 invalid_api_key", reason: "Invalid API key" }],
    ["http-429", { kind: "refused", code: "429 too_many_concurrent_requests", reason: "Busy." }],
    ["http-500", { kind: "refused", code: "500" }],
    ["never-answers", { kind: "timeout" }],
  ])("that %s fails a turn with its cause", async (voice, failure) => {
    expect((await speak(voice)).failure).toEqual(failure);
  });

  it("that sends another format than was asked for", async () => {
    expect((await speak("wrong-format", "mp3_44100_128")).failure).toEqual({
      kind: "unreadable_audio",
    });
  });

  it("that stalls lets the listener run dry once", async () => {
    const { failure, underruns } = await speak("stalls");
    expect(failure).toBeUndefined();
    expect(underruns).toHaveLength(1);
  });

  it.each([
    ["loses", 5, 0],
    ["repeats", 0, 5],
  ])("that %s characters is found out", async (voice, lostChars, repeatedChars) => {
    expect(await speak(voice)).toMatchObject({ lostChars, repeatedChars });
  });

  it("without alignments is not said to lose characters", async () => {
    const turn = await speak("no-alignment");
    expect(turn.failure).toBeUndefined();
    expect(turn).not.toHaveProperty("lostChars");
  });

  it("that is no server of sockets", async () => {
    const plain = createServer((stream) => stream.end("220 smtp.test ready\r\n"));
    plain.listen(0, "127.0.0.1");
    await once(plain, "listening");
    const url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
    const { failure } = await speak("any", "pcm_8000", url);
    plain.close();
    expect(failure?.kind).toBe("unreachable");
    expect(failure?.code).not.toBe("");
  });

  it("that is not there", async () => {
    const { failure } = await speak("any", "pcm_8000", "http://127.0.0.1:9");
    expect(failure).toEqual({ kind: "unreachable", code: "ECONNREFUSED" });
  });
});

it("an interrupted run leaves no session behind on the server", async () => {
  const server = await startServer({ engines: [createToneEngine()], flags: { auth: "off" } });
  const abort = new AbortController();
  const target = { url: server.url, voice: "tone", format: "pcm_16000" };
  const slow = { texts: asTokens(text, 5), pauseMs: 0 };
  const plan = {
    target,
    socketUse: "multi",
    streams: Array.from({ length: 3 }, () => ({ startMs: 0, turns: [slow] })),
  } as const;
  const running = runLoad(plan, {
    clock: systemClock,
    signal: abort.signal,
    onProgress: ({ speaking }) => {
      if (speaking === 3) setTimeout(() => abort.abort(), 100);
    },
  });
  const result = await running;
  expect(result.isInterrupted).toBe(true);
  expect(result.turns.map(({ isInterrupted }) => isInterrupted)).toEqual([true, true, true]);
  await expect.poll(() => server.server.sessions).toBe(0);
  await server.close();
});
