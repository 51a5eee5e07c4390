import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { describe, expect, it } from "vitest";
import { multiPath, profilePaths, useToneServer } from "../conformance/bench.ts";
import { until } from "../property/until.ts";
import type { SyrinxServer } from "../../src/server.ts";
import type { StreamInput } from "../support/stream-input.ts";

const stallSeconds = 20;
const bench = useToneServer({ stallSeconds: String(stallSeconds) });
const { clock, tone } = bench;

/** Of its 11 MB of sound the kernel takes a part, and the sockets little. */
const longText = "The tide comes in and the tide goes out again. ".repeat(190);
const streamPath = `${profilePaths.kind}/tone/stream-input`;
const streamQuery = "output_format=pcm_16000&inactivity_timeout=180";

const server = (): SyrinxServer => bench.server.server;

/** Lets time pass second by second, and whatever falls due happen. */
async function pass(seconds: number, eachSecond: () => void = () => {}): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    eachSecond();
    clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
}

/** Opens a socket whose client reads nothing, and has it filled. */
async function openStalled(path: string, ...messages: object[]): Promise<StreamInput> {
  const query = path === streamPath || path.endsWith("multi-stream-input") ? streamQuery : "";
  const client = await bench.open({ path, query });
  client.socket.pause();
  client.send(...messages);
  await until(() => server().sending.waiting === 1, "the socket is full");
  return client;
}

/** Lets time pass until what stalls has been noticed, which takes an eighth of its time at most. */
async function passUntilOver(): Promise<void> {
  for (let second = 0; second < 2 * stallSeconds && !isOver(); second += 1) await pass(1);
  await until(isOver, "it is gone");
}

const isOver = (): boolean =>
  server().sessions === 0 && server().sending.queuedBytes === 0 && server().sending.waiting === 0;

describe("a client that stops reading", () => {
  it.each([
    [streamPath, { text: longText, flush: true }],
    [multiPath(), { text: longText, context_id: "a", flush: true }],
    ["/waves/v1/tts/live", { voice_id: "tone", sample_rate: 16_000, text: longText, flush: true }],
  ])("is dropped after its time, and everything of it is freed: %s", async (path, message) => {
    const before = server().sending.stalled;
    const client = await openStalled(path, message);
    const begun = tone.begun.length;
    await pass(stallSeconds - 1);
    expect(server().sessions).toBe(1);
    expect(server().sending.stalled).toBe(before);
    await passUntilOver();
    expect(server().sending.stalled).toBe(before + 1);
    // The whole text would have been a hundred utterances.
    expect(tone.begun.length - begun).toBeLessThan(3);
    client.socket.resume();
    expect((await client.closed).code).toBe(1006);
  });

  it("is told why if it reads again before the connection is cut", async () => {
    const client = await openStalled(streamPath, { text: longText, flush: true });
    const before = server().sending.stalled;
    // Small steps, so that it is not cut at once.
    while (server().sending.stalled === before) {
      clock.advance(250);
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    client.socket.resume();
    const { code, reason } = await client.closed;
    expect(code).toBe(1008);
    expect(reason).toBe(
      "Nothing was read for 20 seconds. Read all the time, also while nothing is played.",
    );
    expect(client.frames.at(-1)).toEqual({
      message: reason,
      error: "reader_stalled",
      code: 1008,
    });
    await until(isOver, "it is gone");
  });

  it("is not dropped while it reads, however slowly", async () => {
    const client = await openStalled(streamPath, { text: longText, flush: true });
    const before = server().sending.stalled;
    // What the peer's kernel makes room for is seen here in steps of hundreds of kilobytes.
    let frames = 0;
    const pauseAgain = (): void => {
      frames += 1;
      if (frames % 12 === 0) client.socket.pause();
    };
    client.socket.on("message", pauseAgain);
    for (let time = 0; time < 15; time += 1) {
      client.socket.resume();
      await until(() => client.socket.isPaused, "it has read a little");
      await pass(stallSeconds - 5);
    }
    expect(server().sending.stalled).toBe(before);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    expect(server().sending.waiting).toBe(1);
    client.socket.off("message", pauseAgain);
    client.socket.resume();
    client.send({ text: "" });
    expect((await client.closed).code).toBe(1000);
    await until(isOver, "it is gone");
  });
});

describe("an HTTP client that stops reading", () => {
  it.each(["/stream", ""])("is dropped after its time: %o", async (suffix) => {
    const before = server().sending.stalled;
    const path = `${profilePaths.kind}/tone${suffix}?output_format=pcm_16000`;
    const sent = request(`${bench.server.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    sent.end(JSON.stringify({ text: longText }));
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.pause();
    await until(() => server().sending.waiting === 1, "the answer is held up");
    await pass(stallSeconds - 1);
    expect(server().sending.stalled).toBe(before);
    await passUntilOver();
    expect(server().sending.stalled).toBe(before + 1);
    response.resume();
    await expect(once(response, "end")).rejects.toThrow("aborted");
  });
});

describe("the health of a server", () => {
  it("tells what waits for clients, if asked for details", async () => {
    const client = await openStalled(streamPath, { text: longText, flush: true });
    const plain = (await (await fetch(`${bench.server.url}/health`)).json()) as object;
    expect(plain).toEqual({ status: "ok", sessions: 1 });
    const detailed = await fetch(`${bench.server.url}/health?detail`);
    expect(await detailed.json()).toMatchObject({
      sending: {
        queued_bytes: server().sending.queuedBytes,
        limit_bytes: 256 * 1024 * 1024,
        file_bytes: 0,
        waiting: 1,
      },
    });
    expect(server().sending.queuedBytes).toBeGreaterThan(64 * 1024);
    client.socket.terminate();
    await until(isOver, "it is gone");
  });
});

describe("whole files that nobody reads", () => {
  const small = useToneServer({ maxQueuedMib: "1", stallSeconds: "60" });
  const sending = () => small.server.server.sending;

  const ask = (text: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const path = `${profilePaths.kind}/tone?output_format=pcm_16000`;
      const headers = { "content-type": "application/json" };
      request(`${small.server.url}${path}`, { method: "POST", headers })
        .on("response", resolve)
        .on("error", reject)
        .end(JSON.stringify({ text }));
    });

  it("take one file more than their share, and the next is refused until they are read", async () => {
    const first = await ask(longText);
    first.pause();
    expect(sending().limitBytes).toBe(1024 * 1024);
    const length = Number(first.headers["content-length"]);
    expect(length).toBeGreaterThan(11_000_000);
    // What the kernel took is not kept any more.
    expect(sending().fileBytes).toBeGreaterThan(1_000_000);
    expect(sending().fileBytes).toBeLessThan(length);
    const second = ask("Good morning.");
    await until(() => small.tone.begun.includes("Good morning."), "it is being spoken");
    for (let second = 0; second < 30; second += 1) {
      small.clock.advance(1000);
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    const refused = await second;
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBe(10);
    refused.resume();
    let bytes = 0;
    for await (const piece of first) bytes += (piece as Buffer).length;
    expect(bytes).toBe(length);
    await until(() => sending().fileBytes === 0, "nothing is kept");
    expect((await ask("Good morning.")).resume().statusCode).toBe(200);
  }, 60_000);
});

describe("a server whose clients together leave too much unread", () => {
  const small = useToneServer({ maxQueuedMib: "1" });
  const clients = 30;
  const maxFrameBytes = 50_000;

  it("has one frame waiting for each beyond the limit, and sends all of it in the end", async () => {
    const { server: smallServer } = small.server;
    const stalled: StreamInput[] = [];
    for (let count = 0; count < clients; count += 1) {
      const client = await small.open({ path: streamPath, query: streamQuery });
      client.socket.pause();
      client.send({ text: longText, flush: true });
      client.send({ text: "" });
      stalled.push(client);
      await until(() => smallServer.sending.waiting === count + 1, "the socket is full");
    }
    const { queuedBytes, limitBytes } = smallServer.sending;
    expect(limitBytes).toBe(1024 * 1024);
    expect(queuedBytes).toBeGreaterThan(limitBytes);
    expect(queuedBytes).toBeLessThan(limitBytes + (clients + 4) * maxFrameBytes);
    let bytes = 0;
    for (const { socket, closed } of stalled.slice(0, 3)) {
      socket.resume();
      expect((await closed).code).toBe(1000);
    }
    for (const client of stalled.slice(0, 3)) bytes += client.audio().length;
    expect(bytes % 3).toBe(0);
    expect(bytes / 3).toBeGreaterThan(11_000_000);
  }, 60_000);
});
