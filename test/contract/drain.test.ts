import { describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { say, token, runEnd } from "../conformance/waves-bench.ts";
import { prose, toneBytes } from "../conformance/bench.ts";
import { createWatchedTone, startServer, type WatchedTone } from "../support/server.ts";
import { courseOf, openWaves, type WavesClient } from "../support/waves.ts";

/** Short: a client that waits is pinged every 200 ms of it, all at once where the clock is driven. */
const drainSeconds = 2;
const hello = "Hello there. ";
const again = "And here again. ";

interface Scene {
  readonly url: string;
  readonly clock: ManualClock;
  readonly tone: WatchedTone;
  readonly open: (query?: string) => Promise<WavesClient>;
  /** Begins to drain; resolves when every client has heard of it. */
  readonly drain: () => Promise<void>;
  /** Lets the time for it pass, but for a moment, then that moment. */
  readonly passTime: () => Promise<void>;
}

/** A server that is closed in the test. */
async function withServer(run: (scene: Scene) => Promise<void>): Promise<void> {
  const clock = new ManualClock();
  const tone = createWatchedTone();
  const flags = { auth: "off", workers: "1", drainSeconds: String(drainSeconds) } as const;
  const server = await startServer({ engines: [tone.engine], clock, flags });
  const clients: WavesClient[] = [];
  const settled = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.settled()));
  };
  let closing: Promise<void> | undefined;
  try {
    await run({
      url: server.url,
      clock,
      tone,
      async open(query = "") {
        const client = await openWaves(server.wsUrl, { query });
        clients.push(client);
        return client;
      },
      async drain() {
        closing = server.server.close();
        await settled();
      },
      async passTime() {
        clock.advance(drainSeconds * 1000 - 1);
        await settled();
        expect(clients.map(({ socket }) => socket.readyState)).toEqual(clients.map(() => 1));
        clock.advance(1);
      },
    });
    await closing;
  } finally {
    tone.release();
    for (const { socket } of clients) socket.terminate();
    await server.close();
  }
}

const statusesOf = ({ frames }: WavesClient): string[] => frames.map(({ status }) => status);

/** The last frame tells why, and nothing follows it but the close. */
async function expectShutdown(client: WavesClient): Promise<void> {
  expect(await client.closed).toEqual({ code: 1001, reason: "server_shutdown" });
  expect(statusesOf(client).filter((status) => status === "error")).toHaveLength(1);
  expect(client.frames.at(-1)).toMatchObject({
    status: "error",
    error: { code: "server_shutdown", retryable: true },
  });
}

describe("a Waves socket whose server goes", () => {
  it("is told when its run is cut off at the end, and hears of no complete", () =>
    withServer(async ({ tone, open, drain, passTime }) => {
      tone.hold();
      const client = await open();
      client.send(say(hello, { flush: true }));
      await client.settled();
      await drain();
      expect(client.frames).toEqual([]);
      await passTime();
      await expectShutdown(client);
      expect(courseOf(client.frames)).toEqual(["error"]);
      expect(tone.aborted).toEqual([hello]);
    }));

  it("keeps what it heard of a run that is cut off in the middle", () =>
    withServer(async ({ tone, open, drain, passTime }) => {
      const client = await open();
      client.send(token(hello, { flush: true }));
      await client.heard("chunk");
      await client.settled();
      tone.hold();
      client.send(token(again, { flush: true }), runEnd);
      await client.settled();
      await drain();
      await passTime();
      await expectShutdown(client);
      expect(courseOf(client.frames)).toEqual(["chunk", "error"]);
      expect(client.audio()).toHaveLength(toneBytes(hello));
    }));

  it("hears of no complete for runs in a row of which the last is cut off", () =>
    withServer(async ({ tone, open, drain, passTime }) => {
      const client = await open();
      tone.hold();
      client.send(say(hello, { flush: true }), say(again, { flush: true }));
      await client.settled();
      await drain();
      tone.release();
      tone.hold();
      await client.heard("chunk");
      await passTime();
      await expectShutdown(client);
      expect(courseOf(client.frames)).toEqual(["chunk", "error"]);
      expect(client.audio()).toHaveLength(toneBytes(hello));
    }));

  it("keeps the completes of a context's pieces, but for the one that is cut off", () =>
    withServer(async ({ tone, open, drain, passTime }) => {
      const client = await open();
      const of = { context_id: "c" };
      client.send(say(hello, { ...of, continue: false }));
      await client.heard("complete");
      tone.hold();
      client.send(say(again, { ...of, continue: false }));
      await client.settled();
      await drain();
      await passTime();
      await expectShutdown(client);
      expect(courseOf(client.frames)).toEqual(["chunk", "complete", "error"]);
    }));

  it("is told at once when its run waits for more text, which is not spoken", () =>
    withServer(async ({ tone, open, drain }) => {
      const client = await open();
      client.send(token("Half a "));
      await client.settled();
      await drain();
      await expectShutdown(client);
      expect(courseOf(client.frames)).toEqual(["error"]);
      expect(tone.begun).toEqual([]);
    }));

  const ends: readonly (readonly [string, readonly object[], readonly object[]])[] = [
    ["an end before", [say(hello, { complete_backoff_ms: 10_000 })], []],
    ["an end after", [token(hello, { complete_backoff_ms: 10_000, flush: true })], [runEnd]],
    ["no word of an end before", [say(hello)], []],
  ];
  it.for(ends)("hears of one complete, without a wait, for %s the drain", ([, before, after]) =>
    withServer(async ({ clock, tone, open, drain }) => {
      tone.hold();
      const client = await open();
      client.send(...before);
      await client.settled();
      await drain();
      client.send(...after);
      await client.settled();
      tone.release();
      await expectShutdown(client);
      expect(courseOf(client.frames)).toEqual(["chunk", "complete", "error"]);
      expect(statusesOf(client).filter((status) => status === "complete")).toHaveLength(1);
      expect(client.audio()).toHaveLength(toneBytes(hello));
      expect(clock.now()).toBe(0);
    }),
  );

  it("hears the rest of a run whose words were still coming", () =>
    withServer(async ({ tone, open, drain }) => {
      tone.hold();
      const client = await open();
      client.send(token(hello, { flush: true }), token("A tail that waits, "));
      await client.settled();
      await drain();
      client.send(token("and more."), runEnd);
      await client.settled();
      tone.release();
      await expectShutdown(client);
      expect(courseOf(client.frames)).toEqual(["chunk", "complete", "error"]);
      expect(tone.begun.join("")).toBe(`${hello}A tail that waits, and more.`);
    }));

  const unfinished = {
    "a run": [token(hello, { flush: true }), token("A tail that waits, ")],
    "a context": [
      say(hello, { context_id: "c", continue: false }),
      say("A tail that waits, ", { context_id: "c", continue: true }),
    ],
  };
  it.each(Object.entries(unfinished))(
    "is told which request was left unfinished: %s",
    (name, said) =>
      withServer(async ({ tone, open, drain }) => {
        tone.hold();
        const client = await open();
        client.send(...said);
        await client.settled();
        await drain();
        tone.release();
        await expectShutdown(client);
        const last = client.frames.at(-1);
        const chunk = client.frames.find(({ status }) => status === "chunk");
        expect(last?.request_id).toMatch(/^task_/);
        expect(last?.context_id).toBe(chunk?.context_id);
        // Each piece of a context is a request of its own, and the first one was spoken.
        expect(last?.request_id === chunk?.request_id).toBe(name === "a run");
        expect(tone.begun).toEqual([hello]);
      }),
  );

  it("is told of every request that is left unfinished", () =>
    withServer(async ({ open, drain }) => {
      const client = await open();
      client.send(token("Half a "), say("Half ", { context_id: "a", continue: true }));
      client.send(say("Half ", { context_id: "b", continue: true }));
      await client.settled();
      await drain();
      expect(await client.closed).toEqual({ code: 1001, reason: "server_shutdown" });
      expect(statusesOf(client)).toEqual(["error", "error", "error"]);
      expect(new Set(client.frames.map(({ request_id }) => request_id)).size).toBe(3);
      expect(client.frames.map(({ context_id }) => context_id)).toEqual([undefined, "a", "b"]);
    }));

  it("is refused a new run, and hears of the complete of the one that speaks", () =>
    withServer(async ({ tone, open, drain }) => {
      tone.hold();
      const client = await open();
      client.send(say(hello, { request_id: "old", flush: true }));
      await client.settled();
      await drain();
      client.send(token("No ", { request_id: "new" }), token("more."), runEnd);
      const refused = await client.heard("error");
      expect(refused).toMatchObject({
        external_request_id: "new",
        error: { code: "server_shutdown" },
      });
      tone.release();
      expect((await client.closed).code).toBe(1001);
      expect(courseOf(client.frames)).toEqual(["error", "chunk", "complete", "error"]);
      for (const { external_request_id } of client.frames.slice(1, -1)) {
        expect(external_request_id).toBe("old");
      }
      expect(tone.begun).toEqual([hello]);
    }));

  it("is told how its turn and its session ended, with ext=1", () =>
    withServer(async ({ tone, open, drain, passTime }) => {
      tone.hold();
      const client = await open("ext=1");
      client.send(say(hello, { flush: true }));
      await client.settled();
      await drain();
      await passTime();
      expect((await client.closed).code).toBe(1001);
      const told = client.frames.slice(1) as readonly { type?: string }[];
      expect(told).toMatchObject([
        { type: "goaway", time_left_ms: drainSeconds * 1000 },
        { type: "turn_end", reason: "cancelled" },
        { status: "error", error: { code: "server_shutdown" } },
        { type: "session_end", reason: "shutting_down" },
      ]);
    }));
});

describe("a Waves request over HTTP whose server goes", () => {
  const post = (url: string, path: string, text: string): Promise<Response> =>
    fetch(`${url}/waves/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(say(text)),
    });

  it.each(["tts", "tts/live"])("is refused with 503 if it had no answer yet: /%s", (path) =>
    withServer(async ({ url, tone, drain, passTime }) => {
      tone.hold();
      const asked = post(url, path, hello);
      await expect.poll(() => tone.begun).toEqual([hello]);
      await drain();
      await passTime();
      const response = await asked;
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ code: "server_shutdown" });
    }),
  );

  /** More pieces than are made ahead of the one that is sent. */
  const long = prose(240).repeat(8);

  const begin = async (
    { url, tone }: Scene,
    path: string,
  ): Promise<ReadableStreamDefaultReader<Uint8Array>> => {
    tone.hold();
    const asked = post(url, path, long);
    await expect.poll(() => tone.begun.length).toBeGreaterThan(0);
    tone.release();
    tone.hold();
    const { body } = await asked;
    if (!body) throw new Error("no body");
    return body.getReader();
  };

  const readRest = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> => {
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return rest;
      rest += Buffer.from(value).toString("latin1");
    }
  };

  it("is told in its last event when it is cut off", () =>
    withServer(async (scene) => {
      const reader = await begin(scene, "tts/live");
      await scene.drain();
      await scene.passTime();
      const events = (await readRest(reader)).trimEnd().split("\n\n");
      expect(events.length).toBeGreaterThan(1);
      expect(events[0]).toMatch(/^event: audio\n/);
      expect(JSON.parse(events.at(-1)?.replace("data: ", "") ?? "")).toMatchObject({
        status: "error",
        done: true,
        error: { code: "server_shutdown" },
      });
    }));

  it("has no proper end when its audio is cut off", () =>
    withServer(async (scene) => {
      const reader = await begin(scene, "tts");
      await scene.drain();
      await scene.passTime();
      await expect(readRest(reader)).rejects.toThrow("terminated");
    }));
});
