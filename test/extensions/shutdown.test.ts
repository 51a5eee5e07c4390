import { describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import {
  multiPath,
  finalOf,
  framesOf,
  profilePaths,
  prose,
  soundOf,
  toneBytes,
} from "../conformance/bench.ts";
import {
  createWatchedTone,
  startServer,
  type TestServer,
  type WatchedTone,
} from "../support/server.ts";
import { openStreamInput, spelled, type StreamInput } from "../support/stream-input.ts";
import { again, courseOf, hello, isFinalFrame, pcm, told, typed } from "./sockets.ts";

interface Scene {
  readonly server: TestServer;
  readonly clock: ManualClock;
  readonly tone: WatchedTone;
  readonly open: (path: string, query?: string) => Promise<StreamInput>;
}

/** A server whose end is part of the test. */
async function withServer(run: (scene: Scene) => Promise<void>): Promise<void> {
  const clock = new ManualClock();
  const tone = createWatchedTone();
  const server = await startServer({
    engines: [tone.engine],
    clock,
    flags: { auth: "off", drainSeconds: "30" },
  });
  const clients: StreamInput[] = [];
  try {
    await run({
      server,
      clock,
      tone,
      async open(path, query = "ext=1") {
        const client = await openStreamInput(server.wsUrl, { path, query: `${pcm}&${query}` });
        clients.push(client);
        return client;
      },
    });
  } finally {
    tone.release();
    for (const { socket } of clients) socket.terminate();
    await server.close();
  }
}

const multi = multiPath();
const single = `${profilePaths.kind}/tone/stream-input`;

describe("shutting down", () => {
  it.each([single, multi])("says goaway to idle sockets and closes them with 1001: %s", (path) =>
    withServer(async ({ server, open }) => {
      const client = await open(path);
      await told(client, "ready");
      const closing = server.server.close();
      expect((await client.closed).code).toBe(1001);
      expect(client.frames.slice(1)).toEqual([
        { type: "goaway", reason: "server_shutdown", time_left_ms: 30_000 },
        expect.objectContaining({ type: "session_end", reason: "shutting_down" }) as object,
      ]);
      await closing;
    }),
  );

  it("lets contexts finish that speak, and refuses new ones", () =>
    withServer(async ({ server, tone, open }) => {
      tone.hold();
      const client = await open(multi);
      client.send({ text: hello, context_id: "a", flush: true });
      client.send({ text: again, context_id: "b", close_context: true });
      await client.settled();
      const closing = server.server.close();
      await told(client, "goaway");
      client.send({ text: hello, context_id: "new" }, { text: again, context_id: "new" });
      await client.frame(isFinalFrame);
      expect(framesOf(client.frames, "new")).toEqual([
        expect.objectContaining({
          code: 1001,
          error: "shutting_down",
          ext: expect.objectContaining({ retryable: true }) as object,
        }) as object,
        expect.objectContaining({ type: "turn_end", reason: "failed" }) as object,
        expect.objectContaining(finalOf("new")) as object,
      ]);
      tone.release();
      expect((await client.closed).code).toBe(1001);
      expect(soundOf(framesOf(client.frames, "a"))).toHaveLength(toneBytes(hello));
      expect(soundOf(framesOf(client.frames, "b"))).toHaveLength(toneBytes(again));
      expect(courseOf(framesOf(client.frames, "b"))).toEqual(["audio", "turn_end", "final"]);
      expect(client.frames.at(-1)).toMatchObject({ type: "session_end", reason: "shutting_down" });
      await closing;
    }));

  it("sends the final frame of a context that speaks and is closed meanwhile", () =>
    withServer(async ({ server, tone, open }) => {
      tone.hold();
      const client = await open(multi);
      client.send({ text: hello, context_id: "a", flush: true });
      await client.settled();
      const closing = server.server.close();
      await told(client, "goaway");
      client.send({ context_id: "a", close_context: true });
      await client.settled();
      tone.release();
      expect((await client.closed).code).toBe(1001);
      expect(courseOf(framesOf(client.frames, "a"))).toEqual([
        "audio",
        "flush_done",
        "turn_end",
        "final",
      ]);
      await closing;
    }));

  it("does the same quietly without ext=1", () =>
    withServer(async ({ server, tone, open }) => {
      tone.hold();
      const client = await open(multi, "");
      client.send({ text: hello, context_id: "a", flush: true, close_context: true });
      await client.settled();
      const closing = server.server.close();
      await client.settled();
      client.send({ text: again, context_id: "new" });
      await client.frame(isFinalFrame);
      tone.release();
      expect((await client.closed).code).toBe(1001);
      expect(spelled(framesOf(client.frames, "a"))).toBe(hello);
      expect(framesOf(client.frames, "a").at(-1)).toEqual(finalOf("a"));
      expect(client.frames.filter((frame) => "type" in frame || "ext" in frame)).toEqual([]);
      await closing;
    }));

  it("does not hold a context to real time any more", () =>
    withServer(async ({ server, tone, open }) => {
      tone.hold();
      const client = await open(multi);
      const long = prose(90).repeat(20);
      client.send({ text: long, context_id: "old", close_context: true });
      client.send({ text: hello, context_id: "new", close_context: true });
      await client.settled();
      const closing = server.server.close();
      await told(client, "goaway");
      tone.release();
      for (let round = 0; round < 100; round += 1) await client.settled();
      expect(spelled(framesOf(client.frames, "old")).trim()).toBe(long.trim());
      expect(client.frames.filter(isFinalFrame)).toHaveLength(2);
      expect((await client.closed).code).toBe(1001);
      await closing;
    }));

  it("cuts off what still speaks when its time is over, and tells how it ended", () =>
    withServer(async ({ server, clock, tone, open }) => {
      tone.hold();
      const client = await open(multi);
      client.send({ text: hello, context_id: "a", flush: true });
      await client.settled();
      const closing = server.server.close();
      await told(client, "goaway");
      clock.advance(29_999);
      await client.settled();
      expect(typed(client, "session_end")).toEqual([]);
      clock.advance(1);
      expect((await client.closed).code).toBe(1001);
      expect(client.frames.slice(-2)).toMatchObject([
        { type: "turn_end", reason: "cancelled", contextId: "a" },
        { type: "session_end", reason: "shutting_down" },
      ]);
      await closing;
    }));
});
