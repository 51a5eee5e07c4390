import { connect, type Socket } from "node:net";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createFliteEngine } from "../../src/engine/flite/flite.ts";
import type { Engine } from "../../src/engine/synthesizer.ts";
import {
  createWatchedTone,
  startServer,
  testKey,
  type TestServer,
  type TestServerOptions,
  type WatchedTone,
} from "../support/server.ts";
import { openStreamInput, spelled, type StreamInput } from "../support/stream-input.ts";
import { turns, until } from "./until.ts";

const scale = Math.max(1, Number(process.env["PROPERTY_RUNS"] ?? 1));
const headers = { "xi-api-key": testKey };
const query = "output_format=pcm_16000";

/** 500 sentences, each long enough to be an utterance of its own. */
const sentences = Array.from(
  { length: 500 },
  (_, index) =>
    `Sentence ${index} of five hundred goes on for as long as it takes to be spoken all alone. `,
);
const longText = sentences.join("");

/** Most that may wait in a socket of the server, in bytes. */
const maxQueuedBytes = 256 * 1024;

/** The server's ends of the connections to it, newest last. */
const accepted: Socket[] = [];
const onAccepted = (message: unknown): void => {
  accepted.push((message as { readonly socket: Socket }).socket);
};
beforeAll(() => subscribe("net.server.socket", onAccepted));
afterAll(() => unsubscribe("net.server.socket", onAccepted));

const open = (server: TestServer, voice = "tone"): Promise<StreamInput> =>
  openStreamInput(server.wsUrl, { voice, query, headers });

async function withServer(
  options: TestServerOptions,
  use: (server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await startServer(options);
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

const withTone = (
  use: (server: TestServer, tone: WatchedTone) => Promise<void>,
  flags: TestServerOptions["flags"] = {},
  tone = createWatchedTone(),
): Promise<void> => withServer({ engines: [tone.engine], flags }, (server) => use(server, tone));

/** Flite, with a count of the utterances it was asked for. */
async function countingFlite(): Promise<{ readonly engine: Engine; readonly begun: string[] }> {
  const begun: string[] = [];
  const flite = await createFliteEngine({ clock: systemClock, workers: 2 });
  const engine: Engine = {
    ...flite,
    synthesize(utterance, signal) {
      begun.push(utterance.text);
      return flite.synthesize(utterance, signal);
    },
  };
  return { engine, begun };
}

async function expectSpeaking(server: TestServer, voice = "tone"): Promise<void> {
  const client = await open(server, voice);
  client.send({ text: "Still here. " }, { text: "" });
  expect(await client.closed).toEqual({ code: 1000, reason: "" });
  expect(spelled(client.frames)).toBe("Still here. ");
}

/** Waits until `count` stands still: many turns go by, and other threads have had their time. */
async function standstill(count: () => number): Promise<number> {
  let last = count();
  let still = 0;
  await until(() => {
    still = count() === last ? still + 1 : 0;
    last = count();
    return still >= 1500;
  }, "it stands still");
  return last;
}

/** A client that stops reading, goes on later and is told everything. */
async function stall(
  server: TestServer,
  voice: string,
  begun: readonly string[],
): Promise<{ readonly stalledAt: number; readonly client: StreamInput }> {
  const client = await open(server, voice);
  const peer = accepted.at(-1);
  expect(peer).toBeDefined();
  client.socket.pause();
  client.send({ text: longText }, { text: "" });
  await until(() => begun.length > 0, "the first utterance has begun");
  let mostQueued = 0;
  const stalledAt = await standstill(() => {
    mostQueued = Math.max(mostQueued, peer?.writableLength ?? 0);
    return begun.length;
  });
  expect(mostQueued).toBeGreaterThan(0);
  expect(mostQueued).toBeLessThanOrEqual(maxQueuedBytes);
  return { stalledAt, client };
}

describe("a client that stops reading", () => {
  it(
    "stops the synthesis, and hears everything when it reads on",
    () =>
      withTone(async (server, tone) => {
        const undisturbed = await open(server);
        undisturbed.send({ text: longText }, { text: "" });
        await undisturbed.closed;
        const utterances = tone.begun.length;
        expect(utterances).toBeGreaterThanOrEqual(500);
        tone.begun.length = 0;

        const { stalledAt, client } = await stall(server, "tone", tone.begun);
        // What the kernel takes for both ends is some MB; the rest must not have been made.
        expect(stalledAt).toBeLessThan(utterances / 2);
        client.socket.resume();
        expect(await client.closed).toEqual({ code: 1000, reason: "" });
        expect(tone.begun.length).toBe(utterances);
        expect(client.audio().equals(undisturbed.audio())).toBe(true);
        expect(spelled(client.frames)).toBe(longText);
      }),
    60_000,
  );

  it("hears everything from the real voice too", async () => {
    const { engine, begun } = await countingFlite();
    await withServer({ engines: [engine] }, async (server) => {
      const { stalledAt, client } = await stall(server, "flite-kal16", begun);
      expect(stalledAt).toBeLessThan(400);
      client.socket.resume();
      expect(await client.closed).toEqual({ code: 1000, reason: "" });
      expect(begun.length).toBeGreaterThanOrEqual(500);
      expect(spelled(client.frames)).toBe(longText);
      await until(() => server.server.sessions === 0, "no session is left");
    });
  }, 120_000);

  it(
    "does not hold up another",
    () =>
      withTone(async (server, tone) => {
        const { client } = await stall(server, "tone", tone.begun);
        await expectSpeaking(server);
        client.socket.terminate();
        await until(() => server.server.sessions === 0, "no session is left");
      }),
    60_000,
  );

  it(
    "gives its place back when it vanishes",
    () =>
      withTone(
        async (server, tone) => {
          for (let round = 0; round < 3; round += 1) {
            tone.begun.length = 0;
            const { client } = await stall(server, "tone", tone.begun);
            client.socket.terminate();
            await until(() => server.server.sessions === 0, "no session is left");
            await turns(5);
          }
          await expectSpeaking(server);
        },
        { maxConcurrency: "1" },
      ),
    60_000,
  );

  it(
    "that also writes without end is not read from without end",
    () =>
      withTone(async (server, tone) => {
        const client = await open(server);
        client.socket.pause();
        const message = JSON.stringify({ text: longText });
        for (let count = 0; count < 1500; count += 1) client.socket.send(message);
        await until(() => tone.begun.length > 0, "the first utterance has begun");
        await standstill(() => tone.begun.length + client.socket.bufferedAmount);
        // 60 MB were sent; what the server did not read waits at the client and in the kernel.
        expect(client.socket.bufferedAmount).toBeGreaterThan(20_000_000);
        client.socket.terminate();
        await until(() => server.server.sessions === 0, "no session is left");
      }),
    60_000,
  );
});

describe("a client that vanishes", () => {
  it("in the middle of a synthesis has it aborted", () =>
    withTone(async (server, tone) => {
      tone.hold();
      const client = await open(server);
      client.send({ text: longText });
      await until(() => tone.begun.length > 0, "the synthesis has begun");
      client.socket.terminate();
      await until(() => tone.aborted.length === tone.begun.length, "all that began was aborted");
      await until(() => server.server.sessions === 0, "no session is left");
      const begun = tone.begun.length;
      tone.release();
      await turns(50);
      expect(tone.begun.length).toBe(begun);
      await expectSpeaking(server);
    }));

  it("politely, with a Close frame, has it aborted too", () =>
    withTone(async (server, tone) => {
      tone.hold();
      const client = await open(server);
      client.send({ text: longText });
      await until(() => tone.begun.length > 0, "the synthesis has begun");
      client.socket.close(1000);
      await until(() => tone.aborted.length === tone.begun.length, "all that began was aborted");
      await until(() => server.server.sessions === 0, "no session is left");
      tone.release();
    }));

  it("while the real voice speaks leaves nothing", async () => {
    const { engine, begun } = await countingFlite();
    await withServer({ engines: [engine] }, async (server) => {
      for (let round = 0; round < 5; round += 1) {
        begun.length = 0;
        const client = await open(server, "flite-kal16");
        client.send({ text: longText });
        await until(() => begun.length > round, "some utterances have begun");
        client.socket.terminate();
      }
      await until(() => server.server.sessions === 0, "no session is left");
      begun.length = 0;
      await turns(200);
      expect(begun).toEqual([]);
      await expectSpeaking(server, "flite-kal16");
    });
  }, 60_000);

  it("from an HTTP stream has it aborted", () =>
    withTone(async (server, tone) => {
      tone.hold();
      const leaving = new AbortController();
      const response = fetch(`${server.url}/v1/text-to-speech/tone/stream`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({ text: sentences.slice(0, 20).join("") }),
        signal: leaving.signal,
      });
      response.catch(() => {});
      await until(() => tone.begun.length > 0, "the synthesis has begun");
      leaving.abort();
      await expect(response).rejects.toThrow(/abort/i);
      await until(() => tone.aborted.length === tone.begun.length, "all that began was aborted");
      await until(() => server.server.sessions === 0, "no session is left");
      tone.release();
    }));

  it(
    "at any moment, 200 times, leaves nothing",
    () =>
      withTone(
        async (server, tone) => {
          const moment = fc.record({
            before: fc.nat(4),
            messages: fc.nat(6),
            after: fc.nat(12),
            politely: fc.boolean(),
          });
          const numRuns = 10 * scale;
          await fc.assert(
            fc.asyncProperty(
              fc.array(moment, { minLength: 20, maxLength: 20 }),
              async (moments) => {
                await Promise.all(
                  moments.map(async ({ before, messages, after, politely }) => {
                    const client = await open(server);
                    client.socket.on("error", () => {});
                    await turns(before);
                    client.send(...sentences.slice(0, messages).map((text) => ({ text })));
                    await turns(after);
                    if (politely) client.socket.close();
                    else client.socket.terminate();
                  }),
                );
                await until(() => server.server.sessions === 0, "no session is left");
                const begun = tone.begun.length;
                await turns(20);
                expect(tone.begun.length).toBe(begun);
              },
            ),
            { numRuns, endOnFailure: true },
          );
          await expectSpeaking(server);
        },
        // As many places as clients: one that is not given back is missed in the next round.
        { maxConcurrency: "20" },
        createWatchedTone({ msPerChar: 2 }),
      ),
    60_000,
  );

  it("while its upgrade is still being answered leaves nothing", () =>
    withTone(async (server) => {
      for (let count = 0; count < 50; count += 1) {
        const stream = await dial(server);
        stream.on("error", () => {});
        stream.write(upgradeRequest);
        if (count % 2 === 0) stream.destroy();
        else stream.end();
      }
      await turns(20);
      await until(() => server.server.sessions === 0, "no session is left");
      await expectSpeaking(server);
    }));
});

describe("a connection that says half of what it should", () => {
  const halves: readonly (readonly [name: string, half: string])[] = [
    ["nothing", ""],
    ["a part of a request line", "GET /v1/te"],
    ["a part of the headers", "POST /v1/text-to-speech/tone HTTP/1.1\r\nhost: a\r\nxi-api"],
    ["a part of an upgrade", upgradeHalf()],
    [
      "a part of a body",
      `POST /v1/text-to-speech/tone HTTP/1.1\r\nhost: a\r\nxi-api-key: ${testKey}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"text":`,
    ],
  ];

  it.each(halves)("(%s) holds up nobody", (_name, half) =>
    withTone(async (server) => {
      const streams = await Promise.all(Array.from({ length: 20 }, () => dial(server)));
      for (const stream of streams) stream.on("error", () => {}).write(half);
      await turns(20);
      expect(server.server.sessions).toBe(0);
      await expectSpeaking(server);
      for (const stream of streams) stream.destroy();
    }),
  );

  it.each(halves)("(%s) does not hold up the end of the server", async (_name, half) => {
    const server = await startServer({
      engines: [createWatchedTone().engine],
      flags: { drainSeconds: "1" },
    });
    const stream = await dial(server);
    stream.on("error", () => {}).write(half);
    await turns(20);
    try {
      await until(hasEnded(server), "the server has ended");
    } finally {
      stream.destroy();
    }
  });

  it("is answered when it says the rest, one byte at a time", () =>
    withTone(async (server) => {
      const stream = await dial(server);
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      const request = `GET /v1/models HTTP/1.1\r\nhost: a\r\nconnection: close\r\nxi-api-key: ${testKey}\r\n\r\n`;
      for (const byte of Buffer.from(request)) {
        stream.write(Buffer.from([byte]));
        await turns(1);
      }
      await new Promise((resolve) => stream.once("close", resolve));
      expect(Buffer.concat(parts).toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    }));

  it("is a socket whose frame never ends, and still ends with its connection", () =>
    withTone(async (server) => {
      const stream = await dial(server);
      stream.on("error", () => {}).write(upgradeRequest);
      // A text frame that promises 64 KB and sends four bytes.
      stream.write(Buffer.from([0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0, 0x7b, 0x22, 0x74, 0x65]));
      await until(() => server.server.sessions === 1, "the socket is open");
      await expectSpeaking(server);
      stream.end();
      await until(() => server.server.sessions === 0, "no session is left");
      stream.destroy();
    }));
});

describe("the end of the server", () => {
  it("comes after drainSeconds, also while a voice hangs, and closes the socket with 1001", async () => {
    const tone = createWatchedTone();
    const server = await startServer({ engines: [tone.engine], flags: { drainSeconds: "1" } });
    tone.hold();
    const client = await open(server);
    client.send({ text: longText });
    await until(() => tone.begun.length > 0, "the synthesis has begun");
    try {
      await until(hasEnded(server), "the server has ended");
      expect((await client.closed).code).toBe(1001);
    } finally {
      client.socket.terminate();
      tone.release();
    }
  });

  it("comes after drainSeconds, also while a client does not read", async () => {
    const tone = createWatchedTone();
    const server = await startServer({ engines: [tone.engine], flags: { drainSeconds: "1" } });
    const { client } = await stall(server, "tone", tone.begun);
    try {
      await until(hasEnded(server), "the server has ended");
    } finally {
      client.socket.terminate();
    }
  }, 60_000);
});

/** Closes the server and says whether that is done. */
function hasEnded(server: TestServer): () => boolean {
  let ended = false;
  void (async () => {
    await server.close();
    ended = true;
  })();
  return () => ended;
}

/** A whole upgrade request, byte for byte. */
const upgradeRequest = `${upgradeHalf()}\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;

function upgradeHalf(): string {
  return (
    `GET /v1/text-to-speech/tone/stream-input HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\n` +
    `upgrade: websocket\r\nsec-websocket-version: 13\r\nxi-api-key: ${testKey}`
  );
}

function dial(server: TestServer): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const stream = connect(Number(port), hostname, () => resolve(stream));
    stream.once("error", reject);
  });
}
