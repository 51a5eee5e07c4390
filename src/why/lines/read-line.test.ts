import { describe, expect, it } from "vitest";
import { readLineEvent } from "./read-line.ts";

const idle = "Have not received a new text input within the timeout of 20 seconds.";

describe("closings", () => {
  it.each<[string, number | undefined, string, "client" | "server" | "unknown"]>([
    [
      `websockets.exceptions.ConnectionClosedError: received 1008 (policy violation) ${idle}; then sent 1008 (policy violation) ${idle}`,
      1008,
      idle,
      "server",
    ],
    [
      "sent 1011 (internal error) keepalive ping timeout; no close frame received",
      1011,
      "keepalive ping timeout",
      "client",
    ],
    [
      "sent 1009 (message too big) frame with 1398104 bytes exceeds limit of 1048576 bytes; no close frame received",
      1009,
      "frame with 1398104 bytes exceeds limit of 1048576 bytes",
      "client",
    ],
    ["ElevenLabsTTSService#0 exception: no close frame received or sent", 1006, "", "unknown"],
    ["received 1012 (service restart); then sent 1012 (service restart)", 1012, "", "server"],
    ["code = 1006 (connection closed abnormally [internal]), no reason", 1006, "", "unknown"],
    [
      "DEBUG:websockets.client:< CLOSE 1008 (policy violation) Invalid API key [17 bytes]",
      1008,
      "Invalid API key",
      "server",
    ],
    ["> CLOSE 1000 (OK) [2 bytes]", 1000, "", "client"],
    [
      "WSMessage(type=<WSMsgType.CLOSE: 8>, data=1008, extra='Invalid API key')",
      1008,
      "Invalid API key",
      "server",
    ],
    ["WSMessage(type=<WSMsgType.CLOSED: 257>, data=None, extra=None)", undefined, "", "unknown"],
    [
      "APIStatusError: connection closed (status_code=-1, request_id=None, body=None, retryable=True)",
      undefined,
      "",
      "server",
    ],
    [
      "APIStatusError: message='ElevenLabs websocket connection closed unexpectedly', status_code=1008, retryable=True",
      1008,
      "",
      "server",
    ],
    ["WARNING livekit.plugins.elevenlabs - websocket closed unexpectedly", undefined, "", "server"],
    ["[TTS] close 1008 Invalid API key", 1008, "Invalid API key", "unknown"],
    ["Disconnected from ElevenLabs. 1008", 1008, "", "unknown"],
    ["socket closed (1006)", 1006, "", "unknown"],
    [
      "WebSocket closed: code=1011, reason='keepalive ping timeout'",
      1011,
      "keepalive ping timeout",
      "unknown",
    ],
    [
      "CloseEvent {isTrusted: true, wasClean: true, code: 1008, reason: 'Invalid API key'}",
      1008,
      "Invalid API key",
      "unknown",
    ],
    [
      "onDisconnect { reason: 'error', closeCode: 1002, closeReason: 'took too long' }",
      1002,
      "took too long",
      "unknown",
    ],
    ["ERROR tts socket closed code=3008 reason=too many", 3008, "too many", "unknown"],
  ])("reads %s", (line, code, reason, by) => {
    expect(readLineEvent(line)).toEqual({ type: "close", code, reason, by });
  });

  it.each([
    "connection closed, retrying in 1000 ms",
    "closed after 1500ms",
    "session ended after 1012 seconds",
    "INFO voice agent ready",
    "disconnected: true",
  ])("makes none of %s", (line) => {
    expect(readLineEvent(line)?.type).not.toBe("close");
  });
});

describe("refusals", () => {
  it.each<[string, number | undefined]>([
    [
      "websockets.exceptions.InvalidStatusCode: server rejected WebSocket connection: HTTP 403",
      403,
    ],
    [
      "aiohttp.client_exceptions.WSServerHandshakeError: 401, message='Invalid response status', url='wss://h/'",
      401,
    ],
    ["Error: Unexpected server response: 404", 404],
    [
      "WebSocket connection to 'wss://h/' failed: Error during WebSocket handshake: Unexpected response code: 403",
      403,
    ],
    ["Error: connect ECONNREFUSED 127.0.0.1:8080", undefined],
    ["socket.gaierror: [Errno -2] Name or service not known", undefined],
    ["< HTTP/1.1 400 Bad Request", 400],
  ])("reads %s", (line, status) => {
    expect(readLineEvent(line)).toMatchObject({ type: "handshake_failed", status });
  });
});

describe("messages", () => {
  it.each<[string, "sent" | "received"]>([
    [`> TEXT '{"text": " ", "voice_settings": {"stability": 0.5}}' [52 bytes]`, "sent"],
    [`< TEXT '{"audio":"AAAA","isFinal":null}' [33 bytes]`, "received"],
    [`2 sending {"text":"Hello "}`, "sent"],
    [`{"error":"invalid_api_key","message":"Invalid API key","code":1008}`, "received"],
    [`recv: {'audio': None, 'isFinal': True}`, "received"],
    [`-> { text: '', context_id: 'a' }`, "sent"],
    [`{"context_id":"a","close_context":true}`, "sent"],
    [`got {"status":"complete","request_id":"r"}`, "received"],
    ["ElevenLabsTTSService#0: Generating TTS [Hello]", "sent"],
  ])("reads %s", (line, type) => {
    expect(readLineEvent(line)?.type).toBe(type);
  });

  it.each([
    '{"text":"hello","is_final":true,"speaker":0}',
    'INFO job {"job_id":"AJ_1","room":"r"}',
    '{"model":"gpt","choices":[]}',
  ])("takes %s for none", (line) => {
    expect(readLineEvent(line)).toBeUndefined();
  });

  it("hides the key in it", () => {
    const event = readLineEvent('> {"text":" ","xi_api_key":"0123456789abcdef0123456789abcdef"}');
    expect(JSON.stringify(event)).not.toContain("0123456789abcdef");
  });
});

it("finds where a socket is opened", () => {
  expect(
    readLineEvent("Connecting to wss://h/v1/text-to-speech/v/stream-input?model_id=m"),
  ).toEqual({
    type: "connecting",
    url: "wss://h/v1/text-to-speech/v/stream-input?model_id=m",
  });
  expect(readLineEvent("< HTTP/1.1 101 Switching Protocols")).toEqual({ type: "open" });
  expect(readLineEvent("= connection is OPEN")).toEqual({ type: "open" });
});
