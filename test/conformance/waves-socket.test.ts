import { describe, expect, it } from "vitest";
import { testKey } from "../support/server.ts";
import { type OpenOptions, Refused } from "../support/stream-input.ts";
import { courseOf } from "../support/waves.ts";
import { toneBytes, useToneServer } from "./bench.ts";
import { openOn, say } from "./waves-bench.ts";

const hello = "Hello there. ";
const bearer = { authorization: `Bearer ${testKey}` };

describe("the upgrade", () => {
  const bench = useToneServer({ auth: "on" });
  const { clock } = bench;

  const speaks = async (options: OpenOptions): Promise<void> => {
    const client = await openOn(bench, options);
    client.send(say(hello, { flush: true }));
    await client.heard("complete");
    expect(client.audio()).toHaveLength(toneBytes(hello));
  };

  it.for(["/waves/v1/tts/live", "/api/v1/tts/live"])(
    "[W1] must open %s for a valid bearer key",
    async (path) => speaks({ path, headers: bearer }),
  );

  it.for([
    "/waves/v1/lightning-v3.1/get_speech/stream",
    "/waves/v1/lightning-v2/get_speech/stream",
    "/api/v1/lightning-v2/get_speech/stream",
    "/waves/v1/lightning-large/get_speech/stream",
    "/waves/v1/lightning-large/stream",
    "/waves/v1/lightning_v3.1_pro/get_speech/stream",
    "//waves/v1/tts/live",
    "/waves/v1/tts/live/",
  ])("[W2] must open %s", async (path) => speaks({ path, headers: bearer }));

  it("[W2] must speak 24 kHz on routes of older models, and 44.1 kHz on the others", async () => {
    for (const [model, rateHz] of [
      ["lightning-v2", 24_000],
      ["lightning-v3.1", 44_100],
    ] as const) {
      const path = `/waves/v1/${model}/get_speech/stream`;
      const client = await openOn(bench, { path, headers: bearer });
      client.send({ voice_id: "tone", text: hello, flush: true });
      await client.heard("complete");
      expect(client.audio()).toHaveLength(Math.round((toneBytes(hello) * rateHz) / 16_000));
    }
  });

  it("[W2] must know the messages and chunks of the streaming route", async () => {
    const client = await openOn(bench, { path: "/waves/v1/streaming-tts/stream", headers: bearer });
    client.send(say("Hello ", { is_streaming: true, is_final: false, sample_rate: 48_000 }));
    client.send(say("there.", { is_streaming: true, is_final: true }));
    await client.heard("complete");
    const data = { format: "pcm_16bit_mono", sample_rate: 48_000 };
    expect(client.frames[0]?.data).toMatchObject(data);
    expect(client.audio()).toHaveLength(3 * toneBytes("Hello there."));
    client.send(say(hello, { is_final: true, output_format: "mp3" }));
    await client.heard("complete", 2);
    expect(client.frames.at(-2)?.data).toMatchObject({ format: "mp3", sample_rate: 16_000 });
  });

  it("[W2] must take is_final for true on the streaming route, but not of a keepalive", async () => {
    const client = await openOn(bench, { path: "/waves/v1/streaming-tts/stream", headers: bearer });
    client.send(say(" "), say("Hello ", { is_streaming: true, is_final: false }), say(" "));
    await client.settled();
    expect(client.frames).toEqual([]);
    client.send(say("there."));
    await client.heard("complete");
    // The end is explicit: no time has to pass.
    expect(bench.tone.begun).toEqual(["Hello there."]);
  });

  const refusals: [string, OpenOptions][] = [
    ["a missing key", {}],
    ["a wrong key", { headers: { authorization: "Bearer wrong" } }],
    ["a wrong token", { query: "token=wrong" }],
  ];
  it.for(refusals)("[W3] must refuse %s with 401 before the upgrade", async ([, options]) => {
    const refused: unknown = await openOn(bench, options).catch((error: unknown) => error);
    if (!(refused instanceof Refused)) throw new Error("the socket was opened");
    expect(refused.status).toBe(401);
    expect(refused.headers["content-type"]).toBe("application/json");
    expect(refused.body).toMatchObject({
      error: "Unauthorized",
      message: expect.stringMatching(/./),
      code: "unauthorized",
    });
  });

  it("[W4] must take the key from the query", async () => {
    await speaks({ query: `token=${testKey}` });
    await speaks({ query: `api_key=${testKey}` });
    await speaks({ query: `token=${testKey}`, headers: { authorization: "Bearer " } });
  });

  it("[W5] must ignore query parameters and headers it does not know", async () => {
    const headers = { ...bearer, "x-source": "livekit", "x-expire-content": "true" };
    await speaks({ query: "utm_source=x&=&mode=fast", headers });
  });

  it("[W6] must answer a ping, also while it speaks", async () => {
    const client = await openOn(bench, { headers: bearer });
    const ping = async (payload: string): Promise<string> => {
      const answered = new Promise<Buffer>((resolve) => client.socket.once("pong", resolve));
      client.socket.ping(payload);
      return String(await answered);
    };
    expect(await ping("idle")).toBe("idle");
    bench.tone.hold();
    client.send(say(hello));
    await client.settled();
    expect(bench.tone.begun).toEqual([hello]);
    expect(await ping("speaking")).toBe("speaking");
    expect(client.frames).toEqual([]);
  });

  it("[W6] must answer a close within 2 s while it speaks", async () => {
    const client = await openOn(bench, { headers: bearer });
    bench.tone.hold();
    client.send(say(hello));
    await client.settled();
    expect(bench.tone.begun).toEqual([hello]);
    const startedAt = performance.now();
    client.socket.close();
    await client.closed;
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(clock.now()).toBe(0);
  });
});

describe("the timeout", () => {
  const bench = useToneServer();
  const { clock, tone } = bench;
  const openFor = (timeout: string) => openOn(bench, { query: `timeout=${timeout}` });
  const expired = (seconds: number): string =>
    `Connection timed out after ${seconds} seconds of inactivity`;

  const expectExpiry = async (
    client: Awaited<ReturnType<typeof openFor>>,
    seconds: number,
  ): Promise<void> => {
    const error = await client.heard("error");
    expect(error.message).toBe(expired(seconds));
    expect(error.error).toMatchObject({ message: expired(seconds), code: "inactivity_timeout" });
    expect(await client.closed).toEqual({ code: 1000, reason: "inactivity_timeout" });
  };

  it("[W7] must send the error frame after two seconds, then close with 1000", async () => {
    const client = await openFor("2");
    clock.advance(1999);
    await client.settled();
    expect(client.frames).toEqual([]);
    clock.advance(1);
    await expectExpiry(client, 2);
  });

  it.for([20, 60])("[W8] must take a timeout of %i and name it", async (seconds) => {
    const client = await openFor(String(seconds));
    clock.advance(seconds * 1000);
    await expectExpiry(client, seconds);
  });

  it("[W9] must honour 120 s", async () => {
    const client = await openFor("120");
    clock.advance(61_000);
    await client.settled();
    expect(client.frames).toEqual([]);
    clock.advance(59_000);
    await expectExpiry(client, 120);
  });

  it("[W9] must honour 100 days, which are more than a timer waits", async () => {
    const days = 100 * 86_400;
    const client = await openFor(String(days));
    clock.advance(days * 1000 - 1);
    await client.settled();
    expect(client.frames).toEqual([]);
    clock.advance(1);
    await expectExpiry(client, days);
  });

  it.for(["abc", "0", "-1", "", "1.5"])("[W10] must take the default for '%s'", async (value) => {
    const client = await openFor(value);
    clock.advance(59_999);
    await client.settled();
    expect(client.frames).toEqual([]);
    clock.advance(1);
    await expectExpiry(client, 60);
  });

  it("[W11] must wait 60 s without a timeout", async () => {
    const client = await openOn(bench);
    clock.advance(45_000);
    await client.settled();
    expect(client.frames).toEqual([]);
    clock.advance(15_000);
    await expectExpiry(client, 60);
  });

  it("[W12] must take a space for a keepalive and say nothing", async () => {
    const client = await openOn(bench);
    for (let round = 0; round < 6; round += 1) {
      clock.advance(30_000);
      client.send({ text: " ", voice_id: "tone", language: "en" });
      await client.settled();
    }
    expect(client.frames).toEqual([]);
    expect(tone.begun).toEqual([]);
    clock.advance(60_000);
    await expectExpiry(client, 60);
  });

  it("[W13] must not time out while it speaks, and count from complete", async () => {
    const client = await openFor("2");
    tone.hold();
    client.send(say(hello, { flush: true }));
    await client.settled();
    clock.advance(5000);
    await client.settled();
    expect(client.frames).toEqual([]);
    tone.release();
    await client.heard("complete");
    expect(client.audio()).toHaveLength(toneBytes(hello));
    clock.advance(1999);
    await client.settled();
    expect(client.frames.at(-1)?.status).toBe("complete");
    clock.advance(1);
    await expectExpiry(client, 2);
  });

  it("[W13] must drop what is buffered at its end", async () => {
    const client = await openFor("2");
    client.send(say("Not spoken", { continue: true }));
    await client.settled();
    clock.advance(2000);
    await expectExpiry(client, 2);
    expect(tone.begun).toEqual([]);
    expect(courseOf(client.frames)).toEqual(["error"]);
  });

  const quietMessages: [string, object | Uint8Array][] = [
    ["a space", say(" ")],
    ["an empty text that goes on", say("", { continue: true })],
    ["a binary frame", Buffer.from("anything")],
    ["text for a context", say("More", { context_id: "other", continue: true })],
  ];
  it.for(quietMessages)(
    "[W12] must lose nothing of an open run while %s comes now and then",
    async ([, message]) => {
      const client = await openFor("2");
      client.send(say("Kept ", { continue: true }));
      for (let round = 0; round < 4; round += 1) {
        await client.settled();
        clock.advance(1500);
        if (message instanceof Uint8Array) client.socket.send(message);
        else client.send(message);
      }
      client.send(say("and said.", { continue: true }), say("", { flush: true }));
      const isOwn = (text: string): boolean => !text.startsWith("More");
      await expect.poll(() => tone.begun.filter(isOwn)).toEqual(["Kept and said."]);
    },
  );

  it("[W14] must count a binary frame as a sign of life, and not answer it", async () => {
    const client = await openFor("2");
    clock.advance(1500);
    client.socket.send(Buffer.from("anything"));
    await client.settled();
    clock.advance(1999);
    await client.settled();
    expect(client.frames).toEqual([]);
    clock.advance(1);
    await expectExpiry(client, 2);
  });

  it("[W14] must count a malformed message as a sign of life", async () => {
    const client = await openFor("2");
    clock.advance(1500);
    client.send("{");
    await client.heard("error");
    await client.settled();
    clock.advance(1500);
    await client.settled();
    expect(client.frames).toHaveLength(1);
    clock.advance(500);
    await client.heard("error", 2);
    expect((await client.closed).code).toBe(1000);
  });
});

describe("the timeout of routes of older models", () => {
  const bench = useToneServer({ wavesOlderIdleSeconds: "20" });
  const rows: [string, string, number][] = [
    ["/waves/v1/lightning-v2/get_speech/stream", "", 20],
    ["/waves/v1/lightning-v2/get_speech/stream", "timeout=5", 5],
    ["/waves/v1/lightning-v3.1/get_speech/stream", "", 60],
    ["/waves/v1/tts/live", "", 60],
  ];
  it.for(rows)("[W11] may have a default of its own: %s?%s", async ([path, query, seconds]) => {
    const client = await openOn(bench, { path, query });
    bench.clock.advance(seconds * 1000 - 1);
    await client.settled();
    expect(client.frames).toEqual([]);
    bench.clock.advance(1);
    await client.heard("error");
  });
});

describe("the timeout of older documentation", () => {
  const bench = useToneServer({ wavesTimeouts: "20-60" });
  const rows: [string, number][] = [
    ["5", 20],
    ["45", 45],
    ["120", 60],
    ["", 20],
  ];
  it.for(rows)("[W8] must take '%s' for %i s as a setting", async ([value, seconds]) => {
    const client = await openOn(bench, { query: `timeout=${value}` });
    bench.clock.advance(seconds * 1000 - 1);
    await client.settled();
    expect(client.frames).toEqual([]);
    bench.clock.advance(1);
    await client.heard("error");
    expect((await client.closed).reason).toBe("inactivity_timeout");
  });
});
