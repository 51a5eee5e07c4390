import { describe, expect, it } from "vitest";
import { type DiagnosedCause, type Diagnosis, diagnose, diagnoseLog } from "./diagnose.ts";
import { readTraces } from "./read-traces.ts";
import type { Trace } from "./trace.ts";

const lines = (...all: string[]): string => all.join("\n");
const explain = (log: string): Diagnosis => diagnoseLog(readTraces(log));
const firstOf = ({ causes }: Diagnosis): DiagnosedCause | undefined => causes[0];

type Event = Readonly<Record<string, unknown>> & { readonly type: string };
const trace = (url: string, ...events: Event[]): Trace =>
  readTraces(JSON.stringify({ syrinxTrace: 1, url, events }))[0] as Trace;
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
const close = (atMs: number, code?: number, reason = "", by = "server"): Event => ({
  atMs,
  type: "close",
  reason,
  by,
  ...(code !== undefined && { code }),
});
const open: Event = { atMs: 0, type: "open" };

const stream =
  "wss://api.elevenlabs.io/v1/text-to-speech/v/stream-input?model_id=eleven_flash_v2_5";
const multi =
  "wss://api.elevenlabs.io/v1/text-to-speech/v/multi-stream-input?model_id=eleven_flash_v2_5";
const waves = "wss://api.smallest.ai/waves/v1/tts/live";
const convai = "wss://api.elevenlabs.io/v1/convai/conversation?agent_id=agent_1";
const hello = { text: " ", voice_settings: { stability: 0.5 } };
const audio = { audio: "AAAA", isFinal: null };
const final = { audio: null, isFinal: true };

describe("what the server says is certain", () => {
  it.each<[string, string]>([
    [
      "received 1008 (policy violation) Have not received a new text input within the timeout of 20.0 seconds. Streaming input terminated. Please make sure to eit; then sent 1008 (policy violation)",
      "input_timeout",
    ],
    [
      "received 1008 (policy violation) Maximum simultaneous contexts per WebSocket connection exceeded (5). Please close an existing; then sent 1008",
      "too_many_contexts",
    ],
    [
      "received 1008 (policy violation) voice_settings field must be provided in the first message and then either be not provided or not change.; then sent 1008",
      "settings_changed",
    ],
    [
      "received 1008 (policy violation) Invalid API key; then sent 1008 (policy violation) Invalid API key",
      "invalid_api_key",
    ],
    [
      "received 1008 (policy violation) A voice with voice_id abc does not exist.; then sent 1008",
      "voice_not_found",
    ],
    ["received 1012 (service restart); then sent 1012 (service restart)", "service_restart"],
    [
      "sent 1009 (message too big) over size limit (1398104 > 1048576 bytes); no close frame received",
      "client_frame_limit",
    ],
    [
      "sent 1011 (internal error) keepalive ping timeout; no close frame received",
      "client_ping_timeout",
    ],
    [
      'elevenlabs error: {"message":"This request exceeds your quota of 10000. You have 0 credits remaining, while 91 credits are required for this request.","error":"quota_exceeded","code":1008}',
      "quota_exceeded",
    ],
    [
      'elevenlabs: {"error":"detected_unusual_activity","message":"Unusual activity detected. Free Tier usage disabled.","code":1008}',
      "unusual_activity",
    ],
    [
      'smallest: {"status":"error","message":"Connection timed out after 60 seconds of inactivity"}',
      "input_timeout",
    ],
    [
      "convai onDisconnect { reason: 'error', closeCode: 1002, closeReason: 'Generating the LLM response took over 20 seconds' }",
      "llm_timeout",
    ],
    [
      "convai closed 1002 custom_llm_error: LLM Cascade Error: Brain returned no response",
      "llm_empty_answer",
    ],
    [
      "convai closed 1008 Override for field 'first_message' is not allowed by config.",
      "override_not_allowed",
    ],
    [
      "convai closed 1008 Missing required dynamic variables in first message: user_name",
      "missing_dynamic_variable",
    ],
    ["elevenlabs tts: Error: connect ECONNREFUSED 127.0.0.1:8080", "connection_refused"],
    ["elevenlabs tts: Error: getaddrinfo ENOTFOUND api.elevenlab.io", "name_not_found"],
    [
      "elevenlabs tts: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate",
      "certificate_not_trusted",
    ],
    [
      "elevenlabs tts: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)",
      "tls_on_plain_port",
    ],
  ])("%s", (line, cause) => {
    const first = firstOf(explain(line));
    expect(first).toMatchObject({ cause, confidence: "certain" });
    expect(first?.evidence[0]?.line).toBe(1);
    expect(first?.change).not.toBe("");
  });
});

describe("what times tell is likely", () => {
  it("the idle timer of the address, of the vendor, and none", () => {
    const idle = (url: string, endMs: number, code?: number): DiagnosedCause | undefined =>
      firstOf(
        diagnose(
          trace(
            url,
            open,
            sent(100, hello),
            sent(200, { text: "Hi " }),
            received(500, audio),
            close(endMs, code),
          ),
        ),
      );
    const likely = { cause: "input_timeout", confidence: "likely" };
    expect(idle(stream, 20_210)).toMatchObject(likely);
    expect(idle(stream, 21_000, 1008)).toMatchObject(likely);
    expect(idle(`${stream}&inactivity_timeout=60`, 60_400)).toMatchObject(likely);
    expect(idle(`${stream}&inactivity_timeout=300`, 180_400)).toMatchObject(likely);
    expect(idle(waves, 60_400, 1000)).toMatchObject(likely);
    expect(idle(`${waves}?timeout=5`, 5300, 1000)).toMatchObject(likely);
    expect(idle(stream, 12_000)?.cause).not.toBe("input_timeout");
    expect(idle(stream, 20_210)?.sentence).toContain("20 seconds");
  });

  it("a proxy's timer counts both directions and leaves no Close frame", () => {
    const course = (endMs: number): Trace =>
      trace(
        multi,
        open,
        sent(0, { ...hello, context_id: "a" }),
        received(4000, { ...audio, contextId: "a" }),
        close(endMs, 1006, "", "unknown"),
      );
    expect(firstOf(diagnose(course(64_000)))).toMatchObject({
      cause: "proxy_idle_timeout",
      confidence: "likely",
    });
    expect(firstOf(diagnose(course(40_000)))).toMatchObject({ cause: "client_lost" });
  });

  it("an age that is round, in the middle of work", () => {
    const busy = trace(
      multi,
      open,
      sent(3_599_000, { text: "Hi ", context_id: "a" }),
      close(3_600_400, 1001),
    );
    expect(firstOf(diagnose(busy))?.cause).toBe("session_max_age");
  });

  it("ten seconds without audio, and the framework gives up", () => {
    const silent = trace(multi, open, sent(0, { text: "Hi ", context_id: "a" }), {
      atMs: 10_010,
      type: "log",
      message: "failed to synthesize speech, retrying in 2.0s",
    });
    expect(firstOf(diagnose(silent))).toMatchObject({
      cause: "first_audio_timeout",
      confidence: "likely",
    });
  });
});

describe("on stream-input an empty text is the end", () => {
  const end = { text: "" };
  const after = (...events: Event[]): string | undefined =>
    firstOf(diagnose(trace(stream, open, sent(0, hello), ...events)))?.cause;

  it("of a stream that was spoken", () => {
    expect(
      after(
        sent(50, { text: "Hi " }),
        sent(60, end),
        received(300, audio),
        received(400, final),
        close(1100, 1000),
      ),
    ).toBe("end_marker");
  });
  it("also where it was to keep the socket open", () => {
    expect(after(sent(15_000, end), received(15_040, final), close(15_800, 1000))).toBe(
      "empty_text_as_keepalive",
    );
    expect(
      after(
        sent(50, { text: "Hi " }),
        sent(10_050, end),
        close(10_900, 1000),
        sent(12_000, { text: "there " }),
      ),
    ).toBe("empty_text_as_keepalive");
  });
  it("and text behind it is lost", () => {
    const cause = firstOf(
      diagnose(
        trace(
          stream,
          open,
          sent(0, hello),
          sent(50, { text: "Hi " }),
          sent(60, end),
          sent(80, { text: "there " }),
          sent(90, { text: "you " }),
          close(900, 1000),
        ),
      ),
    );
    expect(cause).toMatchObject({ cause: "text_after_end", confidence: "certain" });
    expect(cause?.sentence).toContain("2 more messages");
  });
});

describe("contexts", () => {
  const text = (atMs: number, id: string, more: object = {}): Event =>
    sent(atMs, { text: "Hi ", context_id: id, ...more });

  it("the sixth", () => {
    const six = ["a", "b", "c", "d", "e", "f"].map((id, index) => text(index * 100, id));
    expect(firstOf(diagnose(trace(multi, open, ...six, close(900, 1008))))).toMatchObject({
      cause: "too_many_contexts",
      confidence: "likely",
    });
    const closedOne = [
      ...six.slice(0, 5),
      received(450, { ...final, contextId: "a" }),
      ...six.slice(5),
    ];
    expect(firstOf(diagnose(trace(multi, open, ...closedOne, close(900, 1008))))?.cause).not.toBe(
      "too_many_contexts",
    );
  });

  it("settings that change, and settings that come late", () => {
    const settings = (stability: number): object => ({ voice_settings: { stability } });
    expect(
      firstOf(
        diagnose(
          trace(
            multi,
            open,
            text(0, "a", settings(0.5)),
            text(10, "a", settings(0.7)),
            close(20, 1008),
          ),
        ),
      )?.cause,
    ).toBe("settings_changed");
    const keepalive = sent(0, { text: "", context_id: "a" });
    expect(
      firstOf(
        diagnose(
          trace(
            multi,
            open,
            keepalive,
            text(10, "a", settings(0.5)),
            close(20, 1008, "voice_settings field must be provided in the first message"),
          ),
        ),
      ),
    ).toMatchObject({ cause: "phantom_context", confidence: "certain" });
    expect(
      firstOf(
        diagnose(
          trace(
            multi,
            open,
            text(0, "a", settings(0.5)),
            text(10, "a", settings(0.5)),
            close(20, 1008),
          ),
        ),
      )?.cause,
    ).not.toBe("settings_changed");
  });

  it("a last word without audio is a quota, or a race", () => {
    expect(
      firstOf(
        diagnose(trace(multi, open, text(0, "a"), received(40, { ...final, contextId: "a" }))),
      ),
    ).toMatchObject({ cause: "quota_exceeded", confidence: "likely" });
    const race = [
      text(0, "a"),
      received(300, { ...audio, contextId: "a" }),
      received(400, { ...final, contextId: "a" }),
      text(1000, "b"),
      sent(1001, { context_id: "b", close_context: true }),
      received(1100, { ...final, contextId: "b" }),
    ];
    expect(firstOf(diagnose(trace(multi, open, ...race)))?.cause).toBe("close_context_race");
  });
});

describe("refused handshakes", () => {
  const refused = (url: string, status: number, message = ""): DiagnosedCause | undefined =>
    firstOf(diagnose(trace(url, { atMs: 0, type: "handshake_failed", status, message })));

  it.each<[string, number, string, string]>([
    [stream.replace("eleven_flash_v2_5", "eleven_v3"), 403, "", "unsupported_model"],
    [`${stream}&output_format=pcm_44100`, 403, "", "format_not_in_plan"],
    ["wss://host/text-to-speech/v/multi-stream-input", 404, "", "not_found"],
    [stream, 200, "<html>nginx</html>", "proxy_no_upgrade"],
    [stream, 429, "", "too_many_concurrent_requests"],
    [waves, 401, "", "invalid_api_key"],
    [waves, 410, '{"error_code":"MODEL_DEPRECATED"}', "model_retired"],
    [stream, 401, '{"detail":{"status":"missing_permissions"}}', "missing_permission"],
  ])("%s with %i", (url, status, message, cause) => {
    expect(refused(url, status, message)?.cause).toBe(cause);
  });
});

describe("agents", () => {
  const says = (event: object, code: number, reason = ""): DiagnosedCause | undefined =>
    firstOf(
      diagnose(
        trace(
          convai,
          open,
          received(10, { type: "conversation_initiation_metadata" }),
          received(20_000, event),
          close(20_010, code, reason),
        ),
      ),
    );

  it.each<[object, number, string]>([
    [
      {
        type: "error",
        error_event: {
          code: 1002,
          error_type: "llm_timeout",
          message: "Generating the LLM response took too long.",
        },
      },
      1002,
      "llm_timeout",
    ],
    [
      { type: "error", error_event: { code: 1000, error_type: "max_duration_exceeded" } },
      1000,
      "max_duration",
    ],
    [
      { type: "agent_tool_response", agent_tool_response: { tool_name: "end_call" } },
      1000,
      "agent_hung_up",
    ],
    [
      { type: "error", error_event: { code: 1008, error_type: "missing_dynamic_variable" } },
      1008,
      "missing_dynamic_variable",
    ],
  ])("%j", (event, code, cause) => {
    expect(says(event, code)).toMatchObject({ cause, confidence: "certain" });
  });
});

describe("what is not told is not claimed", () => {
  it("a closing without code and words", () => {
    const log = lines(
      "WARNING livekit.plugins.elevenlabs - websocket closed unexpectedly",
      "livekit.agents._exceptions.APIStatusError: connection closed (status_code=-1, request_id=None, body=None, retryable=True)",
    );
    const { causes, missing } = explain(log);
    expect(causes.every(({ confidence }) => confidence === "possible")).toBe(true);
    expect(missing.join()).toContain("elevenlabs tts returned error");
  });

  it("1008 without a reason", () => {
    const { causes, missing } = explain("[elevenlabs] socket closed 1008");
    expect(causes.length).toBeGreaterThan(2);
    expect(causes.every(({ confidence }) => confidence === "possible")).toBe(true);
    expect(missing.length).toBeGreaterThan(0);
  });

  it("a log about something else", () => {
    const { causes, missing } = explain(
      "12:00:00 INFO server started on port 3000\n12:00:01 GET /index.html 200",
    );
    expect(causes).toEqual([]);
    expect(missing).toHaveLength(1);
  });
});

describe("a log with several connections", () => {
  const served = [
    open,
    sent(0, hello),
    sent(1, { text: "Hi " }),
    sent(2, { text: "" }),
    received(9, audio),
    received(10, final),
    close(20, 1000),
  ];

  it("is explained by the one that failed", () => {
    const failed = [
      open,
      sent(0, hello),
      received(5, { error: "invalid_api_key", message: "Invalid API key", code: 1008 }),
      close(9, 1008),
    ];
    const diagnosis = diagnoseLog([trace(stream, ...served), trace(stream, ...failed)]);
    expect(diagnosis.causes.map(({ cause }) => cause)).toEqual(["invalid_api_key", "end_marker"]);
    expect(diagnosis.missing).toEqual([]);
  });

  it("is explained by its good end where nothing failed", () => {
    expect(firstOf(diagnoseLog([trace(stream, ...served)]))).toMatchObject({
      cause: "end_marker",
      confidence: "certain",
    });
  });
});

describe("the change is the framework's own", () => {
  const idle =
    "received 1008 (policy violation) Have not received a new text input within the timeout of 20 seconds.; then sent 1008";
  it.each<[string, RegExp]>([
    [`WARNING livekit.plugins.elevenlabs - ${idle}`, /elevenlabs\.TTS\(inactivity_timeout=180/],
    [`| ERROR | pipecat.services.elevenlabs:x:1 - ${idle}`, /keepalive/],
    [`websockets.exceptions.ConnectionClosedError: ${idle}`, /&inactivity_timeout=180/],
    [`smallestai: ${idle}`, /timeout=3600/],
  ])("%s", (line, change) => {
    expect(firstOf(explain(line))?.change).toMatch(change);
  });
});

it("asks for the other vendor's name of the idle time", () => {
  const cause = firstOf(
    diagnose(
      trace(
        `${stream}&timeout=60`,
        open,
        sent(0, hello),
        close(20_300, 1008, "Have not received a new text input within the timeout of 20 seconds."),
      ),
    ),
  );
  expect(cause).toMatchObject({ cause: "wrong_vendor_parameter", confidence: "certain" });
  expect(cause?.change).toContain("inactivity_timeout=180");
});

describe("what people and settings say is no cause", () => {
  it.each([
    'INFO livekit.agents - received user transcript {"user_transcript": "my quota exceeded, is the API key invalid"}',
    '{"level":20,"time":1767355200000,"msg":"elevenlabs heard","user_transcript":"the service restart, out of credits"}',
    "pipecat ElevenLabsTTSService#0: Generating TTS [Your quota exceeded!]",
    'INFO elevenlabs settings {"ping_timeout": 20, "max_session_duration": 3600, "inactivity_timeout": 180}',
    "2026-01-02 12:00:00 ERROR deepgram received 1011 (internal error) no audio; then sent 1011",
    "2026-01-02 12:00:00 ERROR redis Error: connect ECONNREFUSED 127.0.0.1:6379",
  ])("%s", (line) => {
    const certain = explain(line).causes.filter(({ confidence }) => confidence === "certain");
    expect(certain).toEqual([]);
  });
});
