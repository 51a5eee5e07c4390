import { describe, expect, it } from "vitest";
import {
  alignmentOf,
  createScriptedServer,
  finalFrame,
  pcm8000,
  type Script,
  type ScriptedServer,
  type ScriptedServerOptions,
} from "../../test/support/scripted-server.ts";
import { settle } from "../../test/support/session.ts";
import { ManualClock } from "../clock.ts";
import { type LoadPlan, type LoadProgress, type LoadResult, runLoad } from "./run.ts";
import { planStreams, type StreamPlan } from "./scenario.ts";
import type { SocketUse } from "./wire.ts";

const target = { url: "http://voice.test/base", apiKey: "the-key", voice: "v", format: "pcm_8000" };

const streamsOf = (texts: readonly string[], streams = 1, turns = 1): StreamPlan[] =>
  planStreams({ pace: "all-at-once", streams, texts, turns });

interface Ran {
  readonly result: LoadResult;
  readonly server: ScriptedServer;
  readonly clock: ManualClock;
}

interface RunOptions extends ScriptedServerOptions {
  readonly streams?: readonly StreamPlan[];
  readonly socketUse?: SocketUse;
  readonly durationMs?: number;
  /** How far the clock moves at a time; what is awaited goes on in between. */
  readonly stepMs?: number;
  /** Interrupts the run then. */
  readonly abortAtMs?: number;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** Runs a plan against a scripted server, moving the clock until the run is over. */
async function run(script: (clock: ManualClock) => Script, options: RunOptions = {}): Promise<Ran> {
  const clock = new ManualClock();
  const server = createScriptedServer(clock, script(clock), options);
  const plan: LoadPlan = {
    target,
    socketUse: options.socketUse ?? "single",
    streams: options.streams ?? streamsOf(["Hello."]),
    ...(options.durationMs !== undefined && { durationMs: options.durationMs }),
  };
  const abort = new AbortController();
  if (options.abortAtMs !== undefined) clock.schedule(options.abortAtMs, () => abort.abort());
  let result: LoadResult | undefined;
  const running = runLoad(plan, {
    clock,
    signal: abort.signal,
    openSocket: server.openSocket,
    cpuMs: () => clock.now() / 4,
    ...(options.onProgress && { onProgress: options.onProgress }),
  }).then((done) => {
    result = done;
    return done;
  });
  for (let steps = 0; result === undefined && steps < 2500; steps += 1) {
    await settle();
    clock.advance(options.stepMs ?? 5);
  }
  expect(result, "the run does not end").toBeDefined();
  return { result: await running, server, clock };
}

/** Answers the end of a text, on either socket, with frames at their times. */
const answering =
  (...frames: readonly (readonly [atMs: number, frame: object])[]) =>
  (clock: ManualClock): Script =>
  ({ text, context_id, close_context }, socket) => {
    if (close_context !== true && (text !== "" || context_id !== undefined)) return;
    for (const [atMs, frame] of frames) {
      const named = context_id === undefined ? frame : { contextId: context_id, ...frame };
      clock.schedule(atMs, () => socket.say(named));
    }
  };

const good = answering(
  [20, { audio: pcm8000(100), alignment: alignmentOf("Hello. ") }],
  [40, { audio: pcm8000(50), alignment: null }],
  [40, finalFrame()],
);

describe("a turn on a socket of its own", () => {
  it("is measured from its first text to its last sound", async () => {
    const silent = { audio: pcm8000(30, 0) };
    const { result } = await run(
      answering(
        [20, silent],
        [20, { audio: pcm8000(70), alignment: alignmentOf("Hello. ") }],
        [150, { audio: pcm8000(50) }],
        [155, finalFrame()],
      ),
    );
    expect(result.turns).toEqual([
      {
        stream: 0,
        turn: 0,
        startedAt: 0,
        endedAt: 160,
        isInterrupted: false,
        connectMs: 5,
        firstFrameMs: 20,
        leadingSilenceMs: 30,
        firstAudioMs: 50,
        audioMs: 150,
        rtf: 1,
        playedFrom: 25,
        playedTo: 205,
        underruns: [{ startedAt: 125, gapMs: 30 }],
        sentChars: 6,
        lostChars: 0,
        repeatedChars: 0,
        frames: 3,
        receivedBytes: expect.any(Number),
      },
    ]);
    expect(result).toMatchObject({ streams: 1, elapsedMs: 160, cpuMs: 40, isInterrupted: false });
  });

  it("sends what the protocol asks for, with the key in the header", async () => {
    const { server } = await run(good);
    const [socket] = server.sockets;
    expect(socket?.url).toBe(
      "ws://voice.test/base/v1/text-to-speech/v/stream-input?output_format=pcm_8000&inactivity_timeout=180",
    );
    expect(socket?.headers).toEqual({ "xi-api-key": "the-key" });
    expect(socket?.received).toEqual([{ text: " " }, { text: "Hello." }, { text: "" }]);
    expect(socket?.closedAt).toBe(45);
  });

  it("ends with a proper close if there is no final frame", async () => {
    const { result } = await run((clock) => (message, socket) => {
      if (message.text !== "") return;
      socket.say({ audio: pcm8000(10) });
      clock.schedule(30, () => socket.end({ kind: "closed", code: 1000, reason: "" }));
    });
    expect(result.turns).toMatchObject([{ audioMs: 10, endedAt: 35 }]);
    expect(result.turns[0]?.failure).toBeUndefined();
  });

  it("ends with a final frame that carries audio, however large", async () => {
    const { result } = await run(answering([20, { audio: pcm8000(2000), isFinal: true }]));
    expect(result.turns).toMatchObject([{ audioMs: 2000, endedAt: 25 }]);
  });
});

describe("a turn that fails", () => {
  const closes = (code: number, reason: string) => (): Script => (message, socket) => {
    if (message.text === "Hello.") socket.end({ kind: "closed", code, reason });
  };
  it.each<[string, (clock: ManualClock) => Script, RunOptions, object]>([
    [
      "because nobody is there",
      good,
      { refuse: { kind: "unreachable", code: "ECONNREFUSED", reason: "connect ECONNREFUSED" } },
      { kind: "unreachable", code: "ECONNREFUSED" },
    ],
    [
      "because the upgrade is refused, in the words of the protocol",
      good,
      {
        refuse: {
          kind: "refused",
          status: 429,
          body: '{"detail":{"code":"too_many","status":"old","message":"Too many."}}',
        },
      },
      { kind: "refused", code: "429 too_many", reason: "Too many." },
    ],
    [
      "because the upgrade is refused by something else",
      good,
      { refuse: { kind: "refused", status: 404, body: "<html>" } },
      { kind: "refused", code: "404" },
    ],
    [
      "because of an error frame",
      answering([5, { message: "No such voice.", error: "voice_not_found", code: 1008 }]),
      {},
      { kind: "error", code: "voice_not_found", reason: "No such voice." },
    ],
    [
      "because the socket closes",
      closes(1011, "Broken."),
      {},
      { kind: "closed", code: "1011", reason: "Broken." },
    ],
    [
      "because the socket closes before any audio",
      closes(1000, ""),
      {},
      { kind: "closed", code: "1000", reason: "" },
    ],
    ["because nothing comes", () => () => {}, { stepMs: 1000 }, { kind: "timeout" }],
    [
      "because nothing comes but frames that say nothing",
      (clock) => (_message, socket) => {
        const chatter = (): void => {
          socket.say({});
          if (socket.closedAt === undefined) clock.schedule(1000, chatter);
        };
        chatter();
      },
      { stepMs: 1000 },
      { kind: "timeout" },
    ],
    [
      "because there is no end of audio",
      (clock) => (_message, socket) => {
        const audio = "A".repeat(1024 * 1024);
        const speak = (): void => {
          socket.say({ audio });
          if (socket.closedAt === undefined) clock.schedule(1000, speak);
        };
        speak();
      },
      { stepMs: 1000 },
      { kind: "endless" },
    ],
    ["because there is no audio", answering([5, finalFrame()]), {}, { kind: "no_audio" }],
    [
      "because a frame is no JSON object",
      () => (message, socket) => {
        if (message.text === "") socket.say("hello");
      },
      {},
      { kind: "unreadable_frame" },
    ],
  ])("%s", async (_what, script, options, failure) => {
    const { result } = await run(script, options);
    expect(result.turns.map((turn) => turn.failure)).toEqual([failure]);
    expect(result.turns[0]).not.toHaveProperty("lostChars");
  });

  it("never shows the key, should a server repeat it", async () => {
    const frame = { error: "bad \u001b[2Jthe-key", message: "Not\na key: the-key" };
    const { result } = await run(answering([5, frame]));
    expect(result.turns[0]?.failure).toMatchObject({
      code: "bad [2J***",
      reason: "Not a key: ***",
    });
  });

  it("is given up only when nothing has come for a minute", async () => {
    const { result } = await run(answering([50_000, { audio: pcm8000(10) }]), {
      stepMs: 1000,
    });
    expect(result.turns).toMatchObject([{ failure: { kind: "timeout" }, endedAt: 110_005 }]);
  });
});

describe("one socket of many turns", () => {
  it("has a context for each, and belongs to the stream", async () => {
    const { server, result } = await run(good, {
      socketUse: "multi",
      streams: streamsOf(["One.", "Two."], 1, 2),
    });
    expect(result.turns).toMatchObject([
      { turn: 0, connectMs: 5, audioMs: 150 },
      { turn: 1, audioMs: 150 },
    ]);
    expect(result.turns[1]).not.toHaveProperty("connectMs");
    expect(server.sockets).toHaveLength(1);
    expect(server.sockets[0]?.url).toContain("/v/multi-stream-input?");
    expect(server.sockets[0]?.received).toEqual(
      ["One.", "Two."].flatMap((text, turn) => {
        const context_id = `turn-${turn}`;
        return [
          { text: " ", context_id },
          { text, context_id },
          { text: "", flush: true, context_id },
          { close_context: true, context_id },
        ];
      }),
    );
  });

  it("does not take late frames of a turn for those of the next", async () => {
    const { result } = await run(
      (clock) => (message, socket) => {
        good(clock)(message, socket);
        if (message.text !== "Two.") return;
        socket.say({ audio: pcm8000(500), contextId: "turn-0" });
        socket.say(finalFrame("turn-0"));
        socket.say({ error: "late", message: "Too late.", contextId: "turn-0" });
      },
      { socketUse: "multi", streams: streamsOf(["One.", "Two."], 1, 2) },
    );
    expect(result.turns.map(({ audioMs }) => audioMs)).toEqual([150, 150]);
    expect(result.turns.map(({ failure }) => failure)).toEqual([undefined, undefined]);
  });

  it("is opened again when it was lost, after a second", async () => {
    const { server, result } = await run(
      (clock) => (message, socket) => {
        if (message.text === "One.") socket.end({ kind: "closed", code: 1011, reason: "" });
        else good(clock)(message, socket);
      },
      { socketUse: "multi", streams: streamsOf(["One.", "Two."], 1, 2) },
    );
    expect(server.sockets).toHaveLength(2);
    expect(result.turns).toMatchObject([
      { failure: { kind: "closed" }, endedAt: 5 },
      { startedAt: 1005, audioMs: 150 },
    ]);
  });
});

describe("conversations", () => {
  const conversation = (streams: number): StreamPlan[] =>
    planStreams({ pace: "paced", streams, texts: ["One two three four."], turns: undefined });

  it("send their text token by token and pause when the listener has heard the end", async () => {
    const { server, result } = await run(good, {
      socketUse: "multi",
      streams: conversation(1),
      durationMs: 11_000,
    });
    const [socket] = server.sockets;
    const sent = socket?.received.map(({ text }, index) => [
      text,
      Math.round(socket.receivedAt[index] ?? 0),
    ]);
    expect(sent?.slice(0, 6)).toEqual([
      [" ", 5],
      ["One", 5],
      [" two", 38],
      [" three", 72],
      [" four", 105],
      [".", 138],
    ]);
    // The first is heard from 158 ms on, for 150 ms; the second begins 10 s later, at the next step.
    expect(result.turns.map(({ startedAt }) => Math.round(startedAt))).toEqual([0, 10_310]);
  });

  it("do not all begin at once, nor after the end of the run", async () => {
    const { result } = await run(good, { streams: conversation(4), durationMs: 11_000 });
    const firsts = result.turns.filter(({ turn }) => turn === 0);
    expect(firsts.map(({ stream, startedAt }) => [stream, startedAt])).toEqual([
      [0, 0],
      [1, 5000],
      [2, 10_000],
    ]);
  });
});

it("a run with a duration repeats turns and finishes those that have begun", async () => {
  const { result } = await run(good, {
    streams: planStreams({ pace: "all-at-once", streams: 2, texts: ["A."], turns: undefined }),
    durationMs: 100,
  });
  // 45 ms each: they begin at 0, 45 and 90.
  expect(result.turns).toHaveLength(6);
  expect(result.elapsedMs).toBe(135);
});

it("an interrupted run closes its sockets and tells what was measured", async () => {
  const { result, server } = await run(good, {
    streams: planStreams({ pace: "all-at-once", streams: 2, texts: ["A."], turns: undefined }),
    durationMs: 10_000,
    abortAtMs: 70,
  });
  expect(result.isInterrupted).toBe(true);
  expect(result.turns.map(({ isInterrupted }) => isInterrupted)).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(result.turns.map(({ failure }) => failure)).toEqual([1, 2, 3, 4].map(() => undefined));
  expect(server.sockets.map(({ closedAt }) => closedAt)).toEqual([45, 45, 70, 70]);
});

it("an interruption ends the pause of a conversation, and leaves no timer", async () => {
  const { result, clock } = await run(good, {
    streams: planStreams({ pace: "paced", streams: 2, texts: ["A."], turns: undefined }),
    durationMs: 60_000,
    abortAtMs: 1000,
  });
  expect(result.elapsedMs).toBeLessThan(1100);
  expect(result.turns).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

it("tells how far it is at the beginning and the end of each turn", async () => {
  const seen: string[] = [];
  await run(good, {
    streams: streamsOf(["A.", "B."], 1, 2),
    onProgress: ({ elapsedMs, speaking, turns, failed }) => {
      seen.push([elapsedMs, speaking, turns, failed].join(" "));
    },
  });
  expect(seen).toEqual(["0 1 0 0", "45 0 1 0", "45 1 1 0", "90 0 2 0"]);
});

it("refuses a format that it cannot measure", async () => {
  const plan = {
    target: { ...target, format: "wav_8000" },
    socketUse: "single",
    streams: [],
  } as const;
  await expect(runLoad(plan, { clock: new ManualClock() })).rejects.toThrow(RangeError);
});
