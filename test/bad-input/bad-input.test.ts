import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskedFrame } from "../support/raw-frames.ts";
import { createWatchedTone, startServer, testKey, type TestServer } from "../support/server.ts";
import { openStreamInput, spelled, type StreamInput } from "../support/stream-input.ts";
import { until } from "../property/until.ts";
import { type Answer, ask, upgradeHeaders } from "./ask.ts";
import { httpRows, secret } from "./rows-http.ts";
import { restRows } from "./rows-rest.ts";
import { type Sent, socketRows } from "./rows-socket.ts";
import { wavesRows } from "./rows-waves.ts";
import { acceptedQueries, upgradeKey, upgradeRows } from "./rows-upgrade.ts";

let test: TestServer;

beforeAll(async () => {
  test = await startServer({ engines: [createWatchedTone({ msPerChar: 5 }).engine] });
});

afterAll(async () => {
  await test.close();
});

/** What no answer may show: where the server's code lies, how it got there, what was said to it. */
function expectDiscreet(answer: string): void {
  expect(answer).not.toMatch(/\bat .+:\d+:\d+|\bat (?:async )?[\w.<>]+ \(|Error:|file:\/\/|node:/);
  expect(answer).not.toMatch(/node_modules|\.[jt]s\b|\/src\/|\/dist\//);
  expect(answer).not.toContain(process.cwd());
  expect(answer).not.toContain("ZodError");
  expect(answer).not.toContain(secret.slice(0, 12));
  expect(answer).not.toContain(testKey);
  expect(answer).not.toContain("sk_wrong");
  expect(answer.length).toBeLessThan(2000);
}

/** The body with its request id taken out, which is checked on the way. */
function withoutRequestId(json: unknown): unknown {
  if (typeof json !== "object" || json === null) return json;
  if ("request_id" in json) {
    const { request_id: requestId, ...rest } = json;
    expect(requestId).toMatch(/^[A-Za-z0-9]{20}$/);
    return rest;
  }
  if (!("detail" in json)) return json;
  const { detail } = json;
  if (typeof detail !== "object" || detail === null || Array.isArray(detail)) return json;
  const { request_id: requestId, ...rest } = detail as Record<string, unknown>;
  expect(requestId).toMatch(/^[A-Za-z0-9]{20}$/);
  return { detail: rest };
}

async function expectStillSpeaking(): Promise<void> {
  const client = await openStreamInput(test.wsUrl, {
    query: "output_format=pcm_16000",
    headers: upgradeKey,
  });
  client.send({ text: "Still here. " }, { text: "" });
  expect(await client.closed).toEqual({ code: 1000, reason: "" });
  expect(spelled(client.frames)).toBe("Still here. ");
  expect(client.audio().length).toBeGreaterThan(0);
}

describe("wrong HTTP requests", () => {
  it.each([...httpRows, ...restRows, ...wavesRows])(
    "$name: $status",
    async ({ ask: request, status, body, headers }) => {
      const answer = await ask(test.url, request);
      expect(answer.status).toBe(status);
      expect(answer.headers).toMatchObject(headers ?? {});
      if (body === "audio") {
        expect(answer.headers["content-type"]).toMatch(/^audio\//);
        expect(answer.headers["request-id"]).toMatch(/^[A-Za-z0-9]{20}$/);
        expect(answer.bytes.length).toBeGreaterThan(100);
        return;
      }
      expectDiscreet(answer.text);
      if (body === undefined) {
        expect(answer.text).toBe("");
      } else {
        expect(answer.headers["content-type"]).toMatch(/^application\/json\b/);
        expect(withoutRequestId(answer.json)).toEqual(body);
      }
    },
  );

  it("pollute no prototype", () => {
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it("all get a trace id, also those that reach no route", async () => {
    const untraced: string[] = [];
    for (const { name, ask: request } of [...httpRows, ...restRows]) {
      const { headers } = await ask(test.url, request);
      if (!/^[0-9a-f]{32}$/.test(String(headers["x-trace-id"]))) untraced.push(name);
    }
    expect(untraced).toEqual([]);
  });

  it("with a header of 20 KB get 431", async () => {
    const headers = { "xi-api-key": testKey, "x-padding": "a".repeat(20_000) };
    const answer = await ask(test.url, { method: "GET", path: "/v1/models", headers });
    expect(answer.status).toBe(431);
    expectDiscreet(answer.text);
  });

  it("whose head is no HTTP get 400", async () => {
    for (const head of [
      "GET\r\n\r\n",
      "\0\0\0\0\r\n\r\n",
      "GET /v1/models HTTP/9.9\r\nhost: a\r\n\r\n",
      `POST /v1/text-to-speech/tone HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n`,
      `POST /v1/text-to-speech/tone HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}`,
    ]) {
      const answer = await exchange(head);
      expect(answer.split("\r\n")[0]).toBe("HTTP/1.1 400 Bad Request");
      expectDiscreet(answer);
    }
  });

  it("leave a server that speaks", expectStillSpeaking);
});

describe("upgrades that are refused", () => {
  it.each(upgradeRows)("$name: $status", async ({ path, headers, status, body }) => {
    const answer = await ask(test.url, {
      method: "GET",
      path,
      headers: { ...upgradeHeaders, ...upgradeKey, ...headers },
    });
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(answer.headers["x-trace-id"]).toMatch(/^[0-9a-f]{32}$/);
    expect(withoutRequestId(answer.json)).toEqual(body);
    expectDiscreet(answer.text);
  });

  it.each(acceptedQueries)("not for ?%.60s", async (query) => {
    const client = await openStreamInput(test.wsUrl, { query, headers: upgradeKey });
    client.send({ text: "Good. " }, { text: "" });
    expect(await client.closed).toEqual({ code: 1000, reason: "" });
    expect(spelled(client.frames)).toBe("Good. ");
  });

  const handshakes: readonly (readonly [name: string, Record<string, string>])[] = [
    ["a key that is none", { "sec-websocket-key": "x" }],
    ["an old version", { "sec-websocket-version": "12" }],
    ["another protocol", { upgrade: "h2c" }],
    ["a bad list of subprotocols", { "sec-websocket-protocol": ",," }],
  ];

  it.each(handshakes)("for %s: 400", async (_name, headers) => {
    const answer = await ask(test.url, {
      method: "GET",
      path: "/v1/text-to-speech/tone/stream-input",
      headers: { ...upgradeHeaders, ...upgradeKey, ...headers },
    });
    expect(answer.status).toBe(400);
    expect(answer.text.length).toBeGreaterThan(10);
    expectDiscreet(answer.text);
  });

  it("for another method than GET: 405", async () => {
    const path = "/v1/text-to-speech/tone/stream-input";
    const headers = { ...upgradeHeaders, ...upgradeKey };
    const answer = await ask(test.url, { method: "POST", path, headers });
    expect(answer.status).toBe(405);
    expectDiscreet(answer.text);
  });

  it("leave nothing behind in the answers to later ones", async () => {
    const headers = { ...upgradeHeaders, ...upgradeKey };
    const path = "/v1/text-to-speech/tone/stream-input";
    const bad = { ...headers, "sec-websocket-key": "x" };
    for (let count = 0; count < 20; count += 1)
      await ask(test.url, { method: "GET", path, headers: bad });
    const answer = await ask(test.url, { method: "GET", path, headers });
    expect(answer.status).toBe(101);
    expect(answer.headers["x-trace-id"]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("leave a server that speaks", expectStillSpeaking);
});

describe("wrong messages", () => {
  it.each(socketRows)("$name", async (row) => {
    const client = await openStreamInput(test.wsUrl, {
      query: row.query ?? "output_format=pcm_16000",
      headers: { ...(row.headers ?? upgradeKey) },
      ...(row.voice !== undefined && { voice: row.voice }),
      ...(row.path !== undefined && { path: row.path }),
    });
    // A server that hangs up in the middle of a message resets the connection.
    client.socket.on("error", () => {});
    for (const message of row.send) sendRaw(client, message);
    const closed = await client.closed;
    expect(client.binary).toEqual([]);
    const last = client.frames.at(-1);
    if (row.error) {
      expect(last).toEqual(row.error);
      expect(closed.code).toBe(row.error.code);
      expect(Buffer.byteLength(closed.reason)).toBeLessThanOrEqual(123);
      expect(closed.reason).not.toContain("\ufffd");
      expect(row.error.message.startsWith(closed.reason)).toBe(true);
      expect(closed.reason.length).toBeGreaterThan(10);
      expectDiscreet(client.raw.at(-1) ?? "");
      return;
    }
    const final = { audio: null, isFinal: true, normalizedAlignment: null, alignment: null };
    expect(last).toEqual(final);
    expect(client.frames.filter(({ isFinal }) => isFinal)).toHaveLength(1);
    expect(client.frames.filter(({ error, message }) => error ?? message)).toEqual([]);
    expect(spelled(client.frames)).toBe(row.spells ?? "");
    expect(closed).toEqual({ code: 1000, reason: "" });
  });

  it("pollute no prototype", () => {
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it("that are sent before the upgrade was granted are read after it", async () => {
    const stream = await dial();
    const head = Object.entries({ ...upgradeHeaders, ...upgradeKey, host: "a" })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    const path = "/v1/text-to-speech/tone/stream-input?output_format=pcm_16000";
    stream.write(
      Buffer.concat([
        Buffer.from(`GET ${path} HTTP/1.1\r\n${head}\r\n`),
        maskedFrame(0x1, Buffer.from('{"text":"Early. "}')),
        maskedFrame(0x1, Buffer.from('{"text":""}')),
      ]),
    );
    const answer = (await received(stream)).toString("latin1");
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer).toContain('"chars":["E","a","r","l","y","."," "]');
    expect(answer).toContain('{"audio":null,"isFinal":true');
    // The close frame: opcode 8, two bytes, 1000.
    expect(answer.endsWith("\x88\x02\x03\xe8")).toBe(true);
  });

  it("as a thousand pings in one write are answered at their newest, and the client speaks on", async () => {
    const stream = await dial();
    const head = Object.entries({ ...upgradeHeaders, ...upgradeKey, host: "a" })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    const pings = Array.from({ length: 1000 }, (_, at) =>
      maskedFrame(0x9, Buffer.from(String(at).padStart(4, "0"))),
    );
    stream.write(`GET /v1/text-to-speech/tone/stream-input HTTP/1.1\r\n${head}\r\n`);
    stream.write(Buffer.concat([...pings, maskedFrame(0x1, Buffer.from('{"text":""}'))]));
    const answer = (await received(stream)).toString("latin1");
    expect(answer).toContain("\x8a\x040999");
    expect(answer.endsWith("\x88\x02\x03\xe8")).toBe(true);
  });

  const badFrames: readonly (readonly [name: string, frame: Buffer, closeCode: number])[] = [
    ["a text that is no UTF-8", maskedFrame(0x1, Buffer.from([0x22, 0xc0, 0xaf, 0x22])), 1007],
    ["an unknown opcode", maskedFrame(0x3, Buffer.from("{}")), 1002],
    ["a frame without a mask", Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002],
    ["a continuation of nothing", maskedFrame(0x0, Buffer.from("{}")), 1002],
    ["a ping of 126 bytes", maskedFrame(0x9, Buffer.alloc(126)), 1002],
    ["reserved bits", maskedFrame(0x41, Buffer.from("{}")), 1002],
    ["a close of one byte", maskedFrame(0x8, Buffer.from([3])), 1002],
    ["a close with a code that must not be sent", maskedFrame(0x8, Buffer.from([3, 0xed])), 1002],
  ];

  it.each(badFrames)("in %s end with a registered code", async (_name, frame, closeCode) => {
    const stream = await dial();
    const head = Object.entries({ ...upgradeHeaders, ...upgradeKey, host: "a" })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    stream.write(`GET /v1/text-to-speech/tone/stream-input HTTP/1.1\r\n${head}\r\n`);
    stream.write(frame);
    const answer = await received(stream);
    const frames = answer.subarray(answer.indexOf("\r\n\r\n") + 4);
    expect(frames[0]).toBe(0x88);
    expect(frames.readUInt16BE(2)).toBe(closeCode);
    expectDiscreet(answer.toString("latin1"));
  });

  it("leave a server that speaks, and no session", async () => {
    await expectStillSpeaking();
    await until(() => test.server.sessions === 0, "no session is left");
  });
});

describe("1 MB of text without a place to cut", () => {
  it.each([
    ["letters", "a"],
    ["punctuation", "!"],
    ["emoji", "\u{1f600}"],
  ])("made of %s is spoken as it was sent", async (_name, char) => {
    const tone = createWatchedTone({ msPerChar: 1, sampleRateHz: 8000 });
    const server = await startServer({ engines: [tone.engine] });
    try {
      const client = await openStreamInput(server.wsUrl, {
        query: "output_format=pcm_8000",
        headers: upgradeKey,
      });
      const text = char.repeat(Math.floor(1_000_000 / Buffer.byteLength(char)));
      client.send({ text }, { text: "" });
      expect(await client.closed).toEqual({ code: 1000, reason: "" });
      // Every piece that does not end in white space is given one space.
      expect(spelled(client.frames).replaceAll(" ", "") === text).toBe(true);
      expect(tone.begun.join("") === text).toBe(true);
      expect(Math.max(...client.raw.map((frame) => frame.length))).toBeLessThan(1_048_576);
    } finally {
      await server.close();
    }
  });
});

describe("a wrong request and the real voice", () => {
  let flite: TestServer;
  beforeAll(async () => {
    flite = await startServer();
  });
  afterAll(async () => {
    await flite.close();
  });

  it.each([
    ["only emoji", "\u{1f600}\u{1f680}"],
    ["NUL and control characters", "a\0b\u0001\u001b[0m"],
    ["lone surrogates", "a\ud800b\udc00"],
    ["only punctuation", "?!... -- ;;"],
    ["100 KB of punctuation", "!".repeat(100_000)],
    ["a word of 3,000 letters", "a".repeat(3_000)],
    ["1,000 digits", "7".repeat(1_000)],
    ["a script that it does not know", "\u4f60\u597d\uff0c\u4e16\u754c\u3002"],
    ["right to left and joiners", "\u202e\u0645\u0631\u062d\u0628\u0627\u200d\u200f"],
    ["combining marks without end", `a${"\u0301".repeat(5000)}`],
  ])("%s ends as it should", async (_name, text) => {
    const client = await openStreamInput(flite.wsUrl, {
      voice: "flite-kal16",
      query: "output_format=ulaw_8000",
      headers: upgradeKey,
    });
    client.send({ text }, { text: "" });
    expect(await client.closed).toEqual({ code: 1000, reason: "" });
    expect(client.frames.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(client.frames.at(-1)?.isFinal).toBe(true);
  });

  it.each([
    ["emoji", "\u{1f600}\u{1f680}"],
    ["punctuation", "?!..."],
  ])("only %s over HTTP is answered with a sound file", async (_name, text) => {
    const answer: Answer = await ask(flite.url, {
      method: "POST",
      path: "/v1/text-to-speech/flite-kal16?output_format=wav_16000",
      headers: { ...upgradeKey, "content-type": "application/json" },
      body: JSON.stringify({ text }),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("audio/wav");
    expect(answer.bytes.subarray(0, 4).toString("latin1")).toBe("RIFF");
  });
});

function sendRaw(client: StreamInput, message: Sent): void {
  if (Buffer.isBuffer(message)) client.socket.send(message, { binary: true });
  else client.send(message);
}

function dial(): Promise<Socket> {
  const { hostname, port } = new URL(test.url);
  return new Promise((resolve, reject) => {
    const stream = connect(Number(port), hostname, () => resolve(stream));
    stream.once("error", reject);
  });
}

/** Everything that comes until the other side closes. */
function received(stream: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  stream.on("data", (part: Buffer) => parts.push(part));
  return new Promise((resolve) => {
    // A peer that is asked to close closes, as RFC 6455 section 5.5.1 has it.
    stream.on("end", () => stream.end());
    stream.on("error", () => {});
    stream.on("data", () => {
      const all = Buffer.concat(parts);
      const closeAt = all.lastIndexOf(0x88);
      if (closeAt >= 0 && closeAt + 2 + ((all[closeAt + 1] ?? 0) & 0x7f) === all.length)
        stream.end();
    });
    stream.on("close", () => resolve(Buffer.concat(parts)));
  });
}

async function exchange(head: string): Promise<string> {
  const stream = await dial();
  stream.write(head);
  return (await received(stream)).toString("latin1");
}
