import { describe, expect, it } from "vitest";
import {
  audioFrames,
  multiPath,
  named,
  prose,
  sounding,
  soundOf,
  toneBytes,
  useToneServer,
} from "../conformance/bench.ts";
import { startServer, testKey } from "../support/server.ts";
import { type ExtendedFrame, openStreamInput, type StreamInput } from "../support/stream-input.ts";
import {
  again,
  courseOf,
  hello,
  isFinalFrame,
  openExtended,
  pathOf,
  sockets,
  told,
  toneMs,
  typed,
  warningsOf,
} from "./sockets.ts";

const bench = useToneServer();
const { clock, tone } = bench;

describe.for(named("socket", sockets))("%s", ([socket, { of, naming, end }]) => {
  it("begins with ready, which names the session, the format and the limits", async () => {
    const client = await openExtended(bench, socket, "inactivity_timeout=45&colour=red&ext_two=1");
    await told(client, "ready");
    expect(client.frames[0]).toEqual({
      type: "ready",
      session_id: client.headers["x-trace-id"],
      protocol: "elevenlabs",
      ext: expect.arrayContaining(["flush_done", "turn_end", "cancel", "keep_alive", "goaway"]),
      audio: { format: "pcm_16000", sample_rate: 16_000, transport: "json" },
      voice: {
        voice_id: "Tone0000000000000001",
        slug: "tone",
        engine: "tone",
        language: "en-US",
        timings: "exact",
        settings: ["speed"],
      },
      limits: { inactivity_timeout_s: 45, max_contexts: 5, max_message_bytes: 1_048_576 },
      unknown_params: ["colour", "ext_two"],
    });
  });

  it("tells a whole turn in order", async () => {
    const client = await openExtended(bench, socket, "segments=true&boundaries=word,sentence");
    client.send({ text: " ", ...of }, { text: hello, ...of, flush: true });
    client.send({ text: again, ...of }, end);
    await client.frame(isFinalFrame);
    const segment = ["segment_start", "boundary", "audio", "segment_end"];
    const last = socket === "stream-input" ? ["session_end"] : [];
    if (socket === "stream-input") await client.closed;
    expect(courseOf(client.frames)).toEqual([
      "ready",
      ...[...segment, "flush_done"],
      ...[...segment, "turn_end", "final", ...last],
    ]);
    for (const frame of client.frames.slice(1)) {
      if (frame.type !== "session_end") expect(frame).toMatchObject(naming);
    }
  });

  it("tells each boundary before its audio, with its time in the context", async () => {
    const client = await openExtended(bench, socket, "boundaries=word,sentence");
    client.send({ text: `${hello}${again}`, ...of, flush: true }, { text: hello, ...of }, end);
    await client.frame(isFinalFrame);
    let soundMs = 0;
    for (const frame of client.frames) {
      if (frame.type === "boundary" && frame.kind === "word") {
        expect(frame.start_ms).toBeGreaterThanOrEqual(soundMs);
        expect(frame.end_ms).toBeGreaterThan(frame.start_ms ?? 0);
      }
      soundMs += soundOf([frame]).length / 32;
    }
    const words = typed(client, "boundary").filter(({ kind }) => kind === "word");
    const starts = words.map(({ start_ms = 0 }) => start_ms);
    expect(starts).toEqual(starts.toSorted((one, other) => one - other));
    expect(words).toHaveLength(7);
    expect(words.at(-1)?.end_ms).toBeLessThanOrEqual(soundMs);
    expect(words.at(-1)?.end_ms).toBeGreaterThan(soundMs - 100);
  });

  it("tells only the boundaries that were asked for", async () => {
    for (const [boundaries, count] of [
      ["word", 2],
      ["sentence", 1],
    ] as const) {
      const client = await openExtended(bench, socket, `boundaries=${boundaries}`);
      client.send({ text: hello, ...of }, end);
      await client.frame(isFinalFrame);
      const kinds = typed(client, "boundary").map(({ kind }) => kind);
      expect(kinds).toEqual(Array.from({ length: count }, () => boundaries));
    }
  });

  it("gives figures that add up", async () => {
    const client = await openExtended(bench, socket, "segments=true");
    client.send({ text: `${hello}😀 ${again}`, ...of, flush: true });
    client.send({ text: hello, ...of, flush: true }, { text: again, ...of }, end);
    await client.frame(isFinalFrame);
    const sounds = audioFrames(client.frames);
    const audioMs = client.audio().length / 32;
    const sum = (type: string, member: "audio_ms" | "audio_duration_ms"): number =>
      typed(client, type).reduce((total, frame) => total + (frame[member] ?? 0), 0);
    const spoken = typed(client, "segment_start").map(({ text }) => text ?? "");
    const turn = await told(client, "turn_end");
    expect(turn).toEqual({
      type: "turn_end",
      reason: "complete",
      characters: Array.from(spoken.join("")).length,
      audio_ms: audioMs,
      chunks: sounds.length,
      ttfb_ms: 0,
      synthesis_ms: expect.any(Number),
      ...naming,
    });
    expect(spoken.join("")).toBe(`${hello}😀 ${again}${hello}${again}`);
    expect(sum("segment_end", "audio_ms")).toBe(audioMs);
    expect(sum("flush_done", "audio_duration_ms")).toBe(audioMs - toneMs(again));
    const { type: _type, reason: _reason, contextId: _id, context_id: _same, ...metrics } = turn;
    expect(client.frames.find(isFinalFrame)?.ext).toEqual({ metrics });
    client.send({ close_socket: true });
    await client.closed;
    expect(client.frames.at(-1)).toEqual({
      type: "session_end",
      reason: "complete",
      turns: 1,
      characters: turn.characters,
      audio_ms: audioMs,
      duration_s: 0,
    });
  });

  it("measures the time to the first audio and the session's duration", async () => {
    tone.hold();
    const client = await openExtended(bench, socket);
    client.send({ text: " ", ...of });
    await client.settled();
    clock.advance(1000);
    client.send({ text: hello, ...of }, end);
    await client.settled();
    clock.advance(250);
    tone.release();
    expect((await told(client, "turn_end")) as object).toMatchObject({ ttfb_ms: 250 });
    client.send({ close_socket: true });
    expect(await told(client, "session_end")).toMatchObject({ duration_s: 1.25, turns: 1 });
  });

  it("counts flushes, on audio frames and when they are done", async () => {
    const client = await openExtended(bench, socket);
    const texts = [hello, again, prose(150)];
    client.send(
      ...texts.map((text) => ({ text, ...of, flush: true })),
      { text: hello, ...of },
      end,
    );
    await client.frame(isFinalFrame);
    expect(typed(client, "flush_done").map(({ flush_id }) => flush_id)).toEqual([1, 2, 3]);
    let flush = 1;
    const durations = [0, 0, 0, 0];
    for (const frame of client.frames) {
      if (frame.type === "flush_done") {
        expect(frame.audio_duration_ms).toBe(durations[flush - 1]);
        flush += 1;
      } else if (typeof frame.audio === "string") {
        expect(frame.ext).toEqual({ flush_id: flush });
        durations[flush - 1] = (durations[flush - 1] ?? 0) + soundOf([frame]).length / 32;
      }
    }
    expect(durations).toEqual([...texts, hello].map(toneMs));
  });

  it("adds code, retryable and advice to error frames, and still says session_end", async () => {
    const client = await openExtended(bench, socket);
    client.send("{");
    expect((await client.closed).code).toBe(1008);
    expect(courseOf(client.frames)).toEqual(["ready", "error", "session_end"]);
    expect(client.frames[1]).toEqual({
      message: expect.any(String),
      error: "invalid_input_message",
      code: 1008,
      ext: {
        code: "invalid_message",
        message: "The message could not be read: it is not JSON.",
        retryable: false,
        advice: expect.stringMatching(/\.$/),
      },
    });
    expect(client.frames[2]).toMatchObject({ reason: "invalid_message", turns: 0, audio_ms: 0 });
  });

  it("sends the same audio as binary frames, each announced", async () => {
    const say = (client: StreamInput): void => {
      client.send({ text: `${hello}${again}`, ...of, flush: true }, { text: prose(200), ...of });
      client.send(end);
    };
    const plain = await openExtended(bench, socket, "sync_alignment=true");
    const client = await openExtended(bench, socket, "sync_alignment=true&audio_transport=binary");
    const arrivals: string[] = [];
    client.socket.on("message", (data, isBinary) => {
      const { type } = isBinary ? { type: "sound" } : (JSON.parse(String(data)) as ExtendedFrame);
      if (type === "audio" || type === "sound") arrivals.push(type);
    });
    say(plain);
    say(client);
    await plain.frame(isFinalFrame);
    await client.frame(isFinalFrame);
    const heads = typed(client, "audio");
    expect(client.binary.map((bytes) => bytes.toString("base64"))).toEqual(
      audioFrames(plain.frames).map(({ audio }) => audio),
    );
    expect(arrivals).toEqual(heads.flatMap(() => ["audio", "sound"]));
    expect(heads).toEqual(
      audioFrames(plain.frames).map(({ alignment, normalizedAlignment, ext }, seq) => ({
        type: "audio",
        seq,
        samples: (client.binary[seq]?.length ?? 0) / 2,
        alignment,
        normalizedAlignment,
        ...naming,
        ext,
      })),
    );
    expect(client.frames.filter(({ audio }) => typeof audio === "string")).toEqual([]);
  });

  it("says as many samples as it sends when it resamples", async () => {
    const client = await bench.open({
      path: pathOf(socket),
      query: "ext=1&output_format=pcm_24000&audio_transport=binary",
    });
    client.send({ text: prose(100), ...of, flush: true }, { text: hello, ...of }, end);
    await client.frame(isFinalFrame);
    const announced = typed(client, "audio").reduce((sum, { samples = 0 }) => sum + samples, 0);
    const sent = client.binary.reduce((sum, { length }) => sum + length, 0) / 2;
    expect(Math.abs(announced - sent)).toBeLessThanOrEqual(typed(client, "audio").length);
  });

  it("takes keep_alive for a sign of life without any other effect", async () => {
    const client = await openExtended(bench, socket);
    client.send({ text: "Hello ", ...of });
    for (let round = 0; round < 10; round += 1) {
      await client.settled();
      clock.advance(15_000);
      client.send({ type: "keep_alive", ...of });
    }
    await client.settled();
    expect(courseOf(client.frames)).toEqual(["ready"]);
    client.send({ text: "there. ", ...of }, end);
    await client.frame(isFinalFrame);
    expect(tone.begun).toEqual([hello]);
  });

  it.for([
    { query: "ping_keeps_alive=true", isOpen: true },
    { query: "", isOpen: false },
  ])("counts pings as life only when asked to: ?$query", async ({ query, isOpen }) => {
    const client = await openExtended(bench, socket, query);
    for (let round = 0; round < 3; round += 1) {
      await client.settled();
      clock.advance(9000);
    }
    if (isOpen) {
      await client.settled();
      expect(courseOf(client.frames)).toEqual(["ready"]);
      clock.advance(20_000);
    }
    expect((await client.closed).code).toBe(1008);
  });

  it("speaks what the schedule does not release after max_buffer_delay_ms", async () => {
    const client = await openExtended(bench, socket, "max_buffer_delay_ms=800");
    client.send({ text: " ", ...of });
    await client.settled();
    clock.advance(5000);
    client.send({ text: "Hello ", ...of });
    await client.settled();
    clock.advance(500);
    client.send({ text: "there. ", ...of });
    await client.settled();
    clock.advance(299);
    await client.settled();
    expect(tone.begun).toEqual([]);
    clock.advance(1);
    await sounding(client, toneBytes(hello));
    expect(tone.begun).toEqual([hello]);
    expect(warningsOf(client)).toEqual(["auto_flushed"]);
    client.send({ text: again, ...of, flush: true });
    await client.settled();
    clock.advance(10_000);
    await client.settled();
    expect(warningsOf(client)).toEqual(["auto_flushed"]);
  });

  it("waits 5 s at most for max_buffer_delay_ms", async () => {
    const client = await openExtended(bench, socket, "max_buffer_delay_ms=60000");
    client.send({ text: hello, ...of });
    await client.settled();
    clock.advance(4999);
    await client.settled();
    expect(tone.begun).toEqual([]);
    clock.advance(1);
    await client.settled();
    expect(tone.begun).toEqual([hello]);
  });
});

describe("ready and the credential", () => {
  it("comes after a good credential, wherever it is shown, and not at all for a bad one", async () => {
    const server = await startServer({ engines: [tone.engine], clock });
    const visit = (headers: Record<string, string>): Promise<StreamInput> =>
      openStreamInput(server.wsUrl, { path: multiPath(), query: "ext=1", headers });
    try {
      const good = await visit({ "xi-api-key": testKey });
      await told(good, "ready");
      const bad = await visit({ "xi-api-key": "sk_wrong" });
      await bad.closed;
      expect(courseOf(bad.frames)).toEqual(["error", "session_end"]);
      const late = await visit({});
      late.send({ type: "keep_alive" }, { type: "cancel", contextId: "a" });
      await late.settled();
      expect(late.frames).toEqual([]);
      late.send({ text: " ", context_id: "a", xi_api_key: testKey });
      await told(late, "ready");
      late.send({ text: hello, context_id: "a", close_context: true });
      await late.frame(isFinalFrame);
      const none = await visit({});
      none.send({ type: "keep_alive" }, { text: hello, context_id: "a", flush: true });
      expect((await none.closed).code).toBe(1008);
      expect(none.frames.map(({ error }) => error).filter(Boolean)).toEqual([
        "authentication_required",
      ]);
      expect(courseOf(none.frames)).not.toContain("ready");
      for (const { socket } of [good, late]) socket.terminate();
    } finally {
      await server.close();
    }
  });
});
