import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diagnoseLog } from "./diagnose.ts";
import { readTraces } from "./read-traces.ts";
import type { Trace } from "./trace.ts";

const typesOf = ({ events }: Trace): string[] =>
  events.map(({ type }) => type).filter((type) => type !== "log");
const lines = (...all: string[]): string => all.join("\n");

const har = (...entries: object[]): string => JSON.stringify({ log: { version: "1.2", entries } });
const socketEntry = {
  startedDateTime: "2026-01-02T12:00:00.000Z",
  time: 21_300,
  _resourceType: "websocket",
  request: {
    method: "GET",
    url: "wss://api.elevenlabs.io/v1/text-to-speech/v/stream-input?model_id=m&single_use_token=abcdefghijklmnop123",
  },
  response: { status: 101, content: {} },
  _webSocketMessages: [
    { type: "send", time: 1_767_355_200.3, opcode: 1, data: '{"text":" "}' },
    { type: "receive", time: 1_767_355_201, opcode: 1, data: '{"audio":"AAAA","isFinal":null}' },
  ],
};

describe("a HAR file", () => {
  it("has its messages, its times and the end of each socket", () => {
    const [trace, ...others] = readTraces(har(socketEntry));
    expect(others).toEqual([]);
    expect(trace).toMatchObject({ vendor: "elevenlabs", framework: "har" });
    expect(typesOf(trace as Trace)).toEqual(["connecting", "open", "sent", "received", "close"]);
    expect(trace?.events.map(({ atMs }) => Math.round(atMs ?? -1))).toEqual([
      0, 0, 300, 1000, 21_300,
    ]);
    expect(JSON.stringify(trace)).not.toContain("abcdefghijklmnop123");
  });

  it("tells why a request was refused, and leaves out what is none of ours", () => {
    const refused = {
      ...socketEntry,
      response: {
        status: 403,
        headers: [{ name: "Server", value: "nginx" }],
        content: { text: "<html>no</html>" },
      },
      _webSocketMessages: undefined,
    };
    const other = {
      ...socketEntry,
      request: { method: "GET", url: "wss://api.deepgram.com/v1/listen" },
    };
    const page = {
      startedDateTime: "2026-01-02T12:00:00.000Z",
      request: { url: "https://h/app.js" },
      response: { status: 404 },
    };
    const [trace, ...others] = readTraces(har(refused, other, page));
    expect(others).toEqual([]);
    expect(trace?.events.at(-1)).toMatchObject({
      type: "handshake_failed",
      status: 403,
      message: "Server: nginx <html>no</html>",
    });
  });

  it("reads Close frames where there are any", () => {
    const payload = btoa(`\u0003\u00f0Invalid API key`);
    const entry = {
      ...socketEntry,
      _webSocketMessages: [{ type: "receive", time: 1_767_355_201, opcode: 8, data: payload }],
    };
    expect(readTraces(har(entry))[0]?.events.at(-1)).toMatchObject({
      type: "close",
      code: 1008,
      reason: "Invalid API key",
      by: "server",
    });
  });
});

describe("a trace of this project", () => {
  const trace = {
    syrinxTrace: 1,
    vendor: "waves",
    framework: "aiohttp",
    url: "wss://api.smallest.ai/waves/v1/tts/live?timeout=60",
    events: [
      { atMs: 0, type: "open" },
      { atMs: 5, type: "sent", data: '{"text":"Hi","voice_id":"meher"}' },
      { atMs: 60_006, type: "close", code: 1000, reason: "", by: "server" },
      { atMs: 60_007, type: "nonsense" },
    ],
  };

  it("is read as it is, without what it cannot have", () => {
    const [read] = readTraces(JSON.stringify(trace));
    expect(read).toMatchObject({ vendor: "waves", framework: "aiohttp", url: trace.url });
    expect(typesOf(read as Trace)).toEqual(["open", "sent", "close"]);
  });

  it("may be one of several", () => {
    expect(readTraces(JSON.stringify([trace, trace]))).toHaveLength(2);
  });
});

describe("a log", () => {
  it("is shared out among its connections", () => {
    const log = lines(
      "2026-01-02 12:00:00,000 DEBUG:websockets.client:= connection is CONNECTING",
      "2026-01-02 12:00:00,001 DEBUG:websockets.client:> GET /v1/text-to-speech/v/stream-input?model_id=m HTTP/1.1",
      "2026-01-02 12:00:00,101 DEBUG:websockets.client:< HTTP/1.1 101 Switching Protocols",
      "2026-01-02 12:00:00,102 DEBUG:websockets.client:= connection is OPEN",
      `2026-01-02 12:00:00,200 DEBUG:websockets.client:> TEXT '{"text":"Hi "}' [14 bytes]`,
      `2026-01-02 12:00:00,201 DEBUG:websockets.client:> TEXT '{"text":""}' [11 bytes]`,
      `2026-01-02 12:00:00,400 DEBUG:websockets.client:< TEXT '{"audio":null,"isFinal":true}' [29 bytes]`,
      "2026-01-02 12:00:01,100 DEBUG:websockets.client:< CLOSE 1000 (OK) [2 bytes]",
      "2026-01-02 12:00:01,101 DEBUG:websockets.client:> CLOSE 1000 (OK) [2 bytes]",
      "2026-01-02 12:00:05,000 DEBUG:websockets.client:> GET /v1/text-to-speech/v/stream-input?model_id=m HTTP/1.1",
      "2026-01-02 12:00:05,100 DEBUG:websockets.client:< HTTP/1.1 403 Forbidden",
    );
    const traces = readTraces(log);
    expect(traces.map(typesOf)).toEqual([
      ["connecting", "open", "open", "sent", "sent", "received", "close"],
      ["connecting", "handshake_failed"],
    ]);
    expect(traces[0]).toMatchObject({ vendor: "elevenlabs", framework: "websockets" });
    expect(traces[0]?.events.find(({ type }) => type === "close")?.evidence.line).toBe(8);
  });

  it("tells nothing of the sockets of other services", () => {
    const log = lines(
      "2026-01-02 12:00:00.000 | ERROR | pipecat.services.deepgram.stt:run:1 - DeepgramSTTService#0 connection closed: received 1011 (internal error) no audio; then sent 1011 (internal error) no audio",
      "2026-01-02 12:00:01.000 | ERROR | pipecat.services.websocket_service:_receive:1 - ElevenLabsTTSService#0 error receiving messages: received 1008 (policy violation) Invalid API key; then sent 1008 (policy violation) Invalid API key",
    );
    const [trace, ...others] = readTraces(log);
    expect(others).toEqual([]);
    expect(trace?.framework).toBe("pipecat");
    expect(typesOf(trace as Trace)).toEqual(["close"]);
    expect(trace?.events[0]).toMatchObject({ type: "close", code: 1008 });
  });

  it("tells a closing once, however often it is logged", () => {
    const log = lines(
      "WARNING:livekit.plugins.elevenlabs:websocket closed unexpectedly",
      "WARNING:livekit.agents:failed to synthesize speech, retrying in 0.1s",
      "Traceback (most recent call last):",
      '  File "/app/livekit/plugins/elevenlabs/tts.py", line 440, in _run',
      "    await waiter",
      "livekit.agents._exceptions.APIStatusError: message='ElevenLabs websocket connection closed unexpectedly', status_code=1008, retryable=True",
    );
    const [trace] = readTraces(log);
    expect(trace?.framework).toBe("livekit-python");
    expect(trace?.events.filter(({ type }) => type === "close")).toMatchObject([{ code: 1008 }]);
  });

  it("may be of Windows", () => {
    const text = "12:00:00 [elevenlabs] socket closed (1012)\r\n";
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
    expect(readTraces(utf16)[0]?.events[0]).toMatchObject({ type: "close", code: 1012 });
  });
});

it("any bytes are read without a failure, and explained without a key", () => {
  const secret = "sk_0123456789abcdef0123456789abcdef0123456789abcdef";
  const piece = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.constantFrom(
      "\n",
      "{",
      '{"log":{"entries":[',
      '{"syrinxTrace":1,"events":[{"type":"close"}]}',
      "received 1008 (policy violation) ",
      "; then sent 1008",
      "Traceback (most recent call last):\n",
      "2026-01-02 12:00:00,000 ",
      '> TEXT \'{"text": ',
      "code: 1006, reason: ",
      "voice_settings",
      "WSMessage(type=<WSMsgType.CLOSE: 8>, data=",
      `xi-api-key: ${secret}\n`,
      ` closed 1008 {"xi_api_key":"${secret}"}\n`,
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const log = pieces.join("");
      const shown = JSON.stringify([
        readTraces(log),
        diagnoseLog(readTraces(new TextEncoder().encode(log))),
      ]);
      expect(shown).not.toContain(secret);
    }),
    { numRuns: 2000 },
  );
});

it("does not take long for what is long", () => {
  const noise = [
    `closed ${"code ".repeat(3000)}`,
    `received 1008 (policy violation) ${"; then ".repeat(2000)}`,
    `WSMsgType.CLOSE: 8>, data=1008, extra='${"'\\".repeat(4000)}`,
    `{"text":"${String.raw`\"`.repeat(7000)}`,
    "disconnected ".repeat(1200),
    `Connecting ${"to ".repeat(4000)}`,
    "Bearer ".repeat(2000),
    "api_key=".repeat(2000),
    `elevenlabs ${"a".repeat(16_000)}`,
    `elevenlabs ${"a_".repeat(8000)}=1`,
    `${"\t ".repeat(8000)}x`,
  ];
  const log = Array.from({ length: 20 }, () => noise.join("\n")).join("\n");
  const startedAt = performance.now();
  diagnoseLog(readTraces(log));
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
