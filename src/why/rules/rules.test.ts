import { describe, expect, it } from "vitest";
import { type DiagnosedCause, diagnose, diagnoseLog } from "../diagnose.ts";
import { readTraces } from "../read-traces.ts";

type Event = Readonly<Record<string, unknown>>;
const firstOf = (url: string, ...events: Event[]): DiagnosedCause | undefined => {
  const [trace] = readTraces(JSON.stringify({ syrinxTrace: 1, url, events }));
  return trace && diagnose(trace).causes[0];
};
const firstOfLog = (...lines: string[]): DiagnosedCause | undefined =>
  diagnoseLog(readTraces(lines.join("\n"))).causes[0];
const sent = (atMs: number, data: object): Event => ({
  atMs,
  type: "sent",
  data: JSON.stringify(data),
});
const received = (atMs: number, data: object): Event => ({
  atMs,
  type: "received",
  data: JSON.stringify(data),
});

const stream = "wss://api.elevenlabs.io/v1/text-to-speech/v/stream-input";
const multi = "wss://api.elevenlabs.io/v1/text-to-speech/v/multi-stream-input";
const convai = "wss://api.elevenlabs.io/v1/convai/conversation?agent_id=a";

describe("tools of clients", () => {
  const result = { type: "client_tool_result", tool_call_id: "t", result: { a: 1 } };
  const rejection: Event = {
    atMs: 20,
    type: "close",
    code: 1008,
    reason: "Invalid message received",
    by: "server",
  };

  it("whose result came before the rejection were rejected", () => {
    expect(firstOf(convai, sent(10, result), rejection)).toMatchObject({
      cause: "client_tool_rejected",
      confidence: "certain",
    });
  });
  it("have nothing to do with another message", () => {
    const other = { type: "user_msg", text: "Hi" };
    expect(firstOf(convai, sent(10, other), rejection)).toMatchObject({
      cause: "invalid_client_message",
      confidence: "certain",
    });
  });
});

describe("proxies", () => {
  it("that forgot a connection are noticed with the next message", () => {
    const cause = firstOf(
      multi,
      { atMs: 0, type: "open" },
      received(500, { audio: "AAAA", contextId: "a" }),
      sent(350_600, { text: "Are you there? ", context_id: "b" }),
      { atMs: 350_620, type: "close", code: 1006, by: "unknown" },
    );
    expect(cause).toMatchObject({ cause: "proxy_idle_timeout", confidence: "likely" });
    expect(cause?.evidence.map(({ text }) => text)).toContain("350.1 s without anything, then");
  });
  it("that answer with a page of their own did not pass the upgrade on", () => {
    expect(
      firstOfLog(
        "wss://h/v1/text-to-speech/v/stream-input Error: Unexpected server response: 503",
        "<html><head><title>503 Service Temporarily Unavailable</title></head></html>",
      ),
    ).toMatchObject({ cause: "proxy_no_upgrade", confidence: "certain" });
  });
  it("say so in their logs", () => {
    expect(
      firstOfLog(
        '2026/04/11 10:01:01 [error] upstream timed out (110: Connection timed out) while proxying upgraded connection, request: "GET /v1/text-to-speech/v/stream-input HTTP/1.1"',
        "tts close 1006",
      ),
    ).toMatchObject({ cause: "proxy_idle_timeout", confidence: "certain" });
  });
});

describe("frameworks that try again", () => {
  const tries = (count: number): string[] =>
    Array.from(
      { length: count },
      (_, at) => `ElevenLabsTTSService#0 reconnecting (attempt: ${at})`,
    );

  it("without a word of why are in a loop", () => {
    expect(firstOfLog(...tries(6))).toMatchObject({
      cause: "reconnect_loop",
      confidence: "likely",
    });
    expect(firstOfLog(...tries(2))).toBeUndefined();
  });
  it("for a reason that was told are explained by it", () => {
    const reason =
      "ElevenLabsTTSService#0 received 1008 (policy violation) Invalid API key; then sent 1008";
    expect(firstOfLog(reason, ...tries(6))?.cause).toBe("invalid_api_key");
  });
});

describe("one stream", () => {
  it("that ended without audio and error had no quota", () => {
    const cause = firstOf(
      stream,
      sent(0, { text: "Hi " }),
      received(40, { audio: null, isFinal: true }),
    );
    expect(cause).toMatchObject({ cause: "quota_exceeded", confidence: "likely" });
  });
  it("of which not every message is shown may have had audio", () => {
    const cause = firstOf(
      stream,
      sent(0, { text: "Hi " }),
      { atMs: 20, type: "received", sizeBytes: 30_000 },
      received(40, { audio: null, isFinal: true }),
    );
    expect(cause?.cause).not.toBe("quota_exceeded");
  });
});

it("a socket that was asked to close closed", () => {
  expect(
    firstOf(multi, sent(0, { close_socket: true }), { atMs: 9, type: "close", code: 1000 }),
  ).toMatchObject({ cause: "close_socket", confidence: "certain" });
});

it("ws:// to the port of wss:// is plain text where TLS is spoken", () => {
  const refused: Event = { atMs: 9, type: "handshake_failed", message: "socket hang up" };
  expect(firstOf("ws://api.elevenlabs.io/v1/text-to-speech/v/stream-input", refused)).toMatchObject(
    { cause: "plain_on_tls_port", confidence: "likely" },
  );
});

it("this server's own log names the cause", () => {
  const line = { level: "debug", code: 1008, problem: "reader_stalled", msg: "closing socket" };
  expect(firstOfLog("syrinx serve", JSON.stringify(line))).toMatchObject({
    cause: "reader_stalled",
    confidence: "certain",
  });
});

it("a closing is the client's own where the client closes", () => {
  const close: Event = { atMs: 900, type: "close", code: 1000, by: "client" };
  const speech = [
    sent(0, { text: "Hi ", context_id: "a" }),
    received(50, { audio: "AAAA", contextId: "a" }),
  ];
  expect(firstOf(multi, ...speech, close)?.cause).toBe("client_closed_midway");
  const final = received(80, { audio: null, isFinal: true, contextId: "a" });
  expect(firstOf(multi, ...speech, final, close)?.cause).toBe("client_closed");
  const own: Event = { atMs: 900, type: "close", code: 4321, by: "client" };
  expect(firstOf(multi, ...speech, own)).toMatchObject({
    cause: "client_closed_with_code",
    sentence: "The client closed the socket with a code of its own, 4321.",
  });
});

it.each([
  ["token_used_up", "token_used_up", "certain"],
  ["inactivity_timeout", "input_timeout", "certain"],
  ["unauthorized", "invalid_api_key", "likely"],
])("the reason %s is a name", (reason, cause, confidence) => {
  const close: Event = { atMs: 9, type: "close", code: 1008, reason, by: "server" };
  expect(firstOf("wss://api.smallest.ai/waves/v1/tts/live", close)).toMatchObject({
    cause,
    confidence,
  });
});

it("1009 is the limit of whoever sends it", () => {
  expect(
    firstOfLog("tts received 1009 (message too big); then sent 1009 (message too big)")?.cause,
  ).toBe("message_too_big");
  expect(firstOfLog("tts sent 1009 (message too big); no close frame received")?.cause).toBe(
    "client_frame_limit",
  );
});

it("what a server says behind the name of a fault is told as well", () => {
  const message =
    "Have not received a new text input within the timeout of 20.0 seconds. Streaming input terminated.";
  const frame = received(20_300, { message, error: "input_timeout_exceeded", code: 1008 });
  const close: Event = { atMs: 20_301, type: "close", code: 1008, reason: "", by: "server" };
  expect(firstOf(stream, sent(0, { text: " " }), frame, close)?.sentence).toBe(
    "No message arrived within the inactivity timeout of 20 seconds.",
  );
});

it.each([
  "user said: have not received a new text input within the timeout of 20 seconds",
  "INFO user: I get Invalid API key when I log in",
  "usage: --max-retries N retry when quota limit exceeded",
  "INFO retry policy: keepalive ping timeout and service restart are retried",
  "INFO docs: The API key you used is invalid means that it was revoked",
  "INFO agent says: sorry, there are too many concurrent requests",
])("nothing is certain of what somebody only says: %s", (line) => {
  expect(firstOfLog(line)?.confidence ?? "possible").toBe("possible");
  const around = ["INFO connected to the speech server", line, "ERROR websocket closed code=1006"];
  expect(firstOfLog(...around)?.confidence).not.toBe("certain");
});
