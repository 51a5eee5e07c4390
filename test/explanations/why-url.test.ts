import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { UsageError } from "../../src/cli/errors.ts";
import { examineUrl, whyUrl, type WhyUrlOptions } from "../../src/cli/why-url.ts";
import {
  reportAsJson,
  reportAsText,
  type WhyUrlReport,
} from "../../src/cli/why-url/print-report.ts";
import { openProbeSocket } from "../../src/cli/why-url/probe-socket.ts";
import { ManualClock } from "../../src/clock.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import type { WhyCauseId } from "../../src/why/field-causes.ts";
import { passTime } from "../support/passing-time.ts";
import { finalFrame, pcm8000 } from "../support/scripted-server.ts";
import { startServer, type TestServer, testKey } from "../support/server.ts";
import {
  findClosedPort,
  type OddServer,
  say,
  speakWell,
  startMuteServer,
  startRefusingServer,
  startSocketServer,
  startTlsServer,
} from "./odd-server.ts";

interface Examination extends Partial<WhyUrlOptions> {
  readonly clock?: ManualClock;
  readonly key?: string;
}

/** Examines an address on a clock of its own, with the key of test servers unless told otherwise. */
async function examine(
  url: string,
  { clock = new ManualClock(), key = testKey, ...options }: Examination = {},
): Promise<WhyUrlReport> {
  const report = await passTime(
    clock,
    examineUrl(
      { url, keyEnv: "TEST_KEY", patience: "15", voice: "tone", ...options },
      {
        clock,
        openSocket: openProbeSocket,
        env: { TEST_KEY: key },
        tell: () => {},
        onStep: () => {},
      },
    ),
    5,
  );
  const printed = `${reportAsText(report)}${JSON.stringify(reportAsJson(report))}`;
  expect(printed).not.toContain(key);
  return report;
}

const seenOf = ({ rows }: WhyUrlReport, what: string): string | undefined =>
  rows?.find((row) => row.what === what)?.seen;
const differencesOf = ({ rows }: WhyUrlReport): string[] =>
  rows?.flatMap(({ what, differs }) => (differs ? [what] : [])) ?? [];

describe("our own server", () => {
  const clock = new ManualClock();
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ clock, engines: [createToneEngine()] });
  });
  afterAll(() => server.close());
  const routes = {
    "stream-input": "/v1/text-to-speech/tone/stream-input",
    "multi-stream-input": "/v1/text-to-speech/tone/multi-stream-input",
    waves: "/waves/v1/tts/live",
    "an older route of waves": "/api/v1/lightning-v2/get_speech/stream",
    "lightning-v4": "/waves/v1/lightning-v4/live?voice_id=tone",
  };

  it.each(Object.entries(routes))("works as documented on %s", async (_, path) => {
    const report = await examine(`${server.wsUrl}${path}`, { clock });
    expect(report.verdict).toMatchObject({ works: true, isExplained: true, cause: undefined });
    expect(report.rows).not.toEqual([]);
    expect(differencesOf(report)).toEqual([]);
  });

  it("closes silence as documented on stream-input", async () => {
    const report = await examine(`${server.wsUrl}${routes["stream-input"]}`, { clock });
    expect(seenOf(report, "without a key")).toBe("101, then authentication_required, close 1008");
    expect(seenOf(report, "handshake")).toMatch(/^101 after .*, x-trace-id [0-9a-f]{32}$/);
    expect(seenOf(report, 'keep-alive {"text":" "}')).toBe("stays open, and says nothing");
    expect(seenOf(report, 'end marker {"text":""}')).toMatch(/^final frame, close 1000/);
    expect(seenOf(report, "silence with inactivity_timeout=1")).toMatch(
      /^after 1\.\d s: input_timeout_exceeded, close 1008$/,
    );
    expect(seenOf(report, '{"text":" "} with inactivity_timeout=1')).toBe("keeps it open");
    expect(seenOf(report, "WebSocket pings with inactivity_timeout=1")).toMatch(/^does not keep/);
    expect(seenOf(report, "silence as the address has it")).toMatch(/^not waited for/);
  });

  it("waits for the address's own limit where the patience is enough", async () => {
    const report = await examine(`${server.wsUrl}${routes["stream-input"]}?inactivity_timeout=3`, {
      clock,
    });
    expect(seenOf(report, "silence as the address has it")).toMatch(
      /^after 3\.\d s: input_timeout/,
    );
  });

  it("is not judged by what there was no time for", async () => {
    const url = `${server.wsUrl}${routes["stream-input"]}`;
    const report = await examine(url, { clock, patience: "2" });
    expect(report.verdict.works).toBe(true);
    expect(seenOf(report, "silence with inactivity_timeout=1")).toMatch(/^not tried/);
    expect(differencesOf(report)).toEqual([]);
  });

  it("is seen to differ in the profile observed", async () => {
    const path = `/compat/observed${routes["multi-stream-input"]}`;
    const report = await examine(`${server.wsUrl}${path}`, { clock });
    expect(report.verdict.works).toBe(true);
    expect(seenOf(report, "keep-alive before a context's settings")).toMatch(
      /^settings_changed, close 1008/,
    );
    expect(differencesOf(report)).toEqual(["keep-alive before a context's settings"]);
  });

  it("is seen to prolong a socket by pings where the address asks for it", async () => {
    const url = `${server.wsUrl}${routes["stream-input"]}?ext=1&ping_keeps_alive=true`;
    const report = await examine(url, { clock });
    expect(seenOf(report, "WebSocket pings with inactivity_timeout=1")).toBe("keeps it open");
    expect(differencesOf(report)).toContain("WebSocket pings with inactivity_timeout=1");
  });

  it.each([
    ["a bad key", "stream-input", "", "sk_bad_0123456789", "invalid_api_key"],
    ["a bad key", "waves", "", "sk_bad_0123456789", "invalid_api_key"],
    [
      "a model without sockets",
      "stream-input",
      "?model_id=eleven_v3",
      testKey,
      "unsupported_model",
    ],
    [
      "a format of files",
      "multi-stream-input",
      "?output_format=wav_16000",
      testKey,
      "invalid_output_format",
    ],
    ["no number", "stream-input", "?inactivity_timeout=20s", testKey, "invalid_parameter"],
  ] as const)("names the cause of %s on %s", async (_, route, query, key, cause) => {
    const report = await examine(`${server.wsUrl}${routes[route]}${query}`, { clock, key });
    expect(report.verdict).toMatchObject({ works: false, isExplained: true, cause });
    expect(report.verdict.change.length).toBeGreaterThan(0);
  });

  it("names an unknown voice, and a path that is none", async () => {
    const unknown = await examine(`${server.wsUrl}/v1/text-to-speech/nobody/stream-input`, {
      clock,
    });
    expect(unknown.verdict.cause).toBe("voice_not_found");
    const doubled = await examine(`${server.wsUrl}/v1${routes["stream-input"]}`, { clock });
    expect(doubled.verdict).toMatchObject({ works: false, cause: "not_found" });
    expect(doubled.verdict.change[0]).toMatch(/^path: Take one out/);
  });

  it("is told from one that is encrypted", async () => {
    const url = `${server.wsUrl.replace("ws:", "wss:")}${routes["stream-input"]}`;
    const report = await examine(url, { clock });
    expect(report.verdict).toMatchObject({ works: false, cause: "tls_on_plain_port" });
  });

  it("asks for a key where there is none", async () => {
    const url = `${server.wsUrl}${routes["stream-input"]}`;
    const report = await examine(url, { clock, keyEnv: undefined });
    expect(report.verdict.cause).toBe("authentication_required");
    expect(report.verdict.change[0]).toContain("--key-env");
  });

  it("uses a single-use token for the sentence alone", async () => {
    const answer = await fetch(`${server.url}/v1/single-use-token/tts_websocket`, {
      method: "POST",
      headers: { "xi-api-key": testKey },
    });
    const { token } = (await answer.json()) as { token: string };
    const url = `${server.wsUrl}${routes["stream-input"]}?single_use_token=${token}`;
    const report = await examine(url, { clock, keyEnv: undefined });
    expect(report.verdict.works).toBe(true);
    expect(seenOf(report, "keep-alives and silence")).toMatch(/^not tried/);
    expect(JSON.stringify(reportAsJson(report))).not.toContain(token);
  });

  it("leaves no socket open", async () => {
    await examine(`${server.wsUrl}${routes.waves}`, { clock });
    await expect.poll(() => server.server.sessions, { timeout: 5000 }).toBe(0);
  });
});

const path = "/v1/text-to-speech/tone/stream-input";

/** What is wrong with a server, what is said of it, and whether that has a name. */
const faults: readonly (readonly [
  what: string,
  start: () => Promise<OddServer>,
  scheme: "ws" | "wss",
  cause: WhyCauseId | undefined,
  words: RegExp,
])[] = [
  [
    "answers with a page",
    () => startRefusingServer(200, "<html>Hello</html>"),
    "ws",
    "proxy_no_upgrade",
    /200 instead of 101/,
  ],
  [
    "is a proxy without a server",
    () => startRefusingServer(502, "Bad Gateway"),
    "ws",
    "proxy_no_upgrade",
    /502/,
  ],
  ["refuses without a word", () => startRefusingServer(403, ""), "ws", undefined, /403/],
  [
    "has a bad key told over HTTP",
    () => startRefusingServer(403, '{"detail":{"status":"missing_permissions","message":"No."}}'),
    "ws",
    "missing_permission",
    /No\./,
  ],
  [
    "moves to https",
    () => startRefusingServer(301, "", { location: "https://h/" }),
    "ws",
    "plain_on_tls_port",
    /301/,
  ],
  [
    "takes no upgrades",
    () => startRefusingServer(426, "<html>Upgrade</html>"),
    "ws",
    "proxy_no_upgrade",
    /426/,
  ],
  ["says nothing at all", startMuteServer, "ws", undefined, /did not answer the handshake/],
  [
    "takes the text and says nothing",
    () => startSocketServer(() => {}),
    "ws",
    undefined,
    /said nothing/,
  ],
  [
    "closes at once",
    () =>
      startSocketServer(
        () => {},
        (socket) => socket.close(1000),
      ),
    "ws",
    undefined,
    /closed with 1000/,
  ],
  [
    "vanishes",
    () => startSocketServer((socket) => socket.terminate()),
    "ws",
    undefined,
    /closed with 1006/,
  ],
  [
    "is restarted",
    () => startSocketServer((socket) => socket.close(1012)),
    "ws",
    "service_restart",
    /closed with 1012/,
  ],
  [
    "closes for its quota",
    () =>
      startSocketServer((socket) => socket.close(1008, "This request exceeds your quota of 10.")),
    "ws",
    "quota_exceeded",
    /quota of 10/,
  ],
  [
    "ends without audio",
    () => startSocketServer((socket) => say(socket, finalFrame())),
    "ws",
    "quota_exceeded",
    /without any audio/,
  ],
  [
    "never ends",
    () => startSocketServer((socket) => say(socket, { audio: pcm8000(10) })),
    "ws",
    undefined,
    /no final frame/,
  ],
  [
    "speaks no JSON",
    () => startSocketServer((socket) => socket.send("hello")),
    "ws",
    undefined,
    /no JSON/,
  ],
  [
    "is not encrypted",
    () => startSocketServer(speakWell),
    "wss",
    "tls_on_plain_port",
    /could not be connected/,
  ],
  ["is encrypted", () => startTlsServer(), "ws", "plain_on_tls_port", /could not be connected/],
  [
    "has a certificate of its own",
    () => startTlsServer(),
    "wss",
    "certificate_not_trusted",
    /could not be connected/,
  ],
];

describe("a server that", () => {
  it.each(faults)("%s is explained as far as it can be", async (_, start, scheme, cause, words) => {
    const server = await start();
    const clock = new ManualClock();
    const url = `${scheme}://127.0.0.1:${server.port}${path}`;
    const report = await examine(url, { clock, patience: "6" });
    await server.close();
    expect(report.verdict).toMatchObject({ works: false, isExplained: cause !== undefined });
    expect(report.verdict.cause).toBe(cause);
    expect(report.verdict.what).toMatch(words);
    expect(report.verdict.change.length).toBeGreaterThan(0);
    expect(clock.now()).toBeLessThan(7000);
  });

  it("is not there is explained", async () => {
    const port = await findClosedPort();
    const refused = await examine(`ws://127.0.0.1:${port}${path}`);
    expect(refused.verdict.cause).toBe("connection_refused");
  });

  it("repeats the key is not quoted with it", async () => {
    const server = await startSocketServer((socket, _text, headers) => {
      say(socket, {
        error: "nonsense",
        message: `\u001b[31mNo: ${String(headers["xi-api-key"])}`,
        code: 1008,
      });
      socket.close(1008, String(headers["xi-api-key"]));
    });
    const report = await examine(`ws://127.0.0.1:${server.port}${path}`, { key: "hunter2" });
    await server.close();
    expect(report.verdict.what).toContain("nonsense");
    expect(report.verdict.what).not.toContain("\u001b");
  });

  it("says much is quoted in short", async () => {
    const server = await startSocketServer((socket) => {
      const members = Array.from({ length: 10_000 }, (_, index) => [`member${index}`, index]);
      say(socket, { audio: pcm8000(10) }, { isFinal: true, ...Object.fromEntries(members) });
      socket.close(1000);
    });
    const report = await examine(`ws://127.0.0.1:${server.port}${path}`, { patience: "6" });
    await server.close();
    expect(report.verdict.works).toBe(true);
    for (const { seen } of report.rows ?? []) expect(seen.length).toBeLessThan(250);
  });

  it("speaks but knows no limits on silence is told from others", async () => {
    const server = await startSocketServer(speakWell);
    const report = await examine(`ws://127.0.0.1:${server.port}${path}`);
    await server.close();
    expect(report.verdict.works).toBe(true);
    expect(seenOf(report, "silence with inactivity_timeout=1")).toMatch(/^still open/);
    expect(differencesOf(report)).toEqual([
      "without a key",
      "handshake",
      "alignment",
      "silence with inactivity_timeout=1",
    ]);
  });
});

describe("what is asked for wrongly", () => {
  const parts = {
    clock: new ManualClock(),
    openSocket: () => {
      throw new Error("nobody is to be asked");
    },
    env: { EMPTY: "", BLANK: "sk_1 2\n", GOOD: "sk_12" },
    tell: () => {},
    onStep: () => {},
  };

  it.each([
    [{ url: "" }, /--url/],
    [{ url: "wss://" }, /--url/],
    [{ url: `ws://h${path}`, keyEnv: "NOT_THERE" }, /NOT_THERE/],
    [{ url: `ws://h${path}`, keyEnv: "EMPTY" }, /EMPTY/],
    [{ url: `ws://h${path}`, keyEnv: "BLANK" }, /at its end/],
    [{ url: `ws://h${path}`, patience: "0" }, /--patience/],
    [{ url: `ws://h${path}`, patience: "soon" }, /--patience/],
  ])("%j is refused", async (options, words) => {
    const failure = await examineUrl(options, parts).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toMatch(words);
  });

  it("is not repeated where it is a key", async () => {
    const secret = "sk_0123456789abcdef";
    const failure = await examineUrl({ url: `ws://h${path}`, keyEnv: secret }, parts).catch(String);
    expect(failure).toMatch(/not the key/);
    expect(failure).not.toContain(secret);
  });

  it("is only looked at with --dry-run", async () => {
    const url = `ws://h${path}?timeout=30`;
    const report = await examineUrl({ url, dryRun: true, keyEnv: "GOOD" }, parts);
    expect(report.rows).toBeUndefined();
    expect(report.verdict).toMatchObject({
      works: undefined,
      isExplained: true,
      cause: "wrong_vendor_parameter",
      change: ["timeout: Write inactivity_timeout."],
    });
  });

  it("is not tried where it leads to no speech socket", async () => {
    const http = await examineUrl({ url: "https://h/v1/text-to-speech/x/stream" }, parts);
    expect(http.verdict).toMatchObject({ works: false, isExplained: true });
    const agents = await examineUrl({ url: "wss://h/v1/convai/conversation" }, parts);
    expect(agents.verdict).toMatchObject({ works: false, isExplained: false });
  });
});

describe("the command", () => {
  const printed = vi.spyOn(process.stdout, "write");
  afterEach(() => {
    printed.mockReset();
    process.exitCode = undefined;
  });
  const run = async (options: WhyUrlOptions): Promise<string> => {
    printed.mockReturnValue(true);
    await whyUrl(options);
    return printed.mock.calls.map(([text]) => String(text)).join("");
  };

  it("prints a report for people", async () => {
    const text = await run({ url: `ws://h${path}?inactivity_timeout=300`, dryRun: true });
    expect(text).toBe(
      [
        `ws://h${path}?inactivity_timeout=300 (ElevenLabs, stream-input)`,
        "",
        "doubtful  inactivity_timeout: 300 is more than the documented maximum of 180: Syrinx takes 180, and nobody promises more. Write 180 at most, and send a keep-alive in longer pauses.",
        "",
        "Nothing is wrong with the address by the documents.",
        "",
      ].join("\n"),
    );
    expect(process.exitCode).toBeUndefined();
  });

  it("prints JSON, and has an exit code for what is not explained", async () => {
    const text = await run({ url: "wss://h/v1/convai/conversation", json: true });
    expect(JSON.parse(text)).toMatchObject({
      url: "wss://h/v1/convai/conversation",
      vendor: null,
      route: null,
      tried: null,
      verdict: { works: false, explained: false, cause: null },
    });
    expect(process.exitCode).toBe(1);
  });
});
