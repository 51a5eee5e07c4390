import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ManualClock } from "../../src/clock.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import { until } from "../property/until.ts";
import { spelled, type StreamInput } from "../support/stream-input.ts";
import {
  audioFrames,
  finalFrom,
  finalOf,
  framesOf,
  multiPath,
  named,
  normalClose,
  profilePaths,
  prose,
  soundOf,
  toneBytes,
  useServer,
  useToneServer,
} from "./bench.ts";

const pcm = "output_format=pcm_16000";
const hello = "Hello there. ";
const again = "And here again. ";

const bench = useToneServer();
const { clock, tone } = bench;

const open = (query = "", base?: string): Promise<StreamInput> =>
  bench.open({ path: multiPath(base), query: `${pcm}&${query}` });

const errorsOf = ({ frames }: StreamInput): readonly object[] =>
  frames.filter(({ error }) => error !== undefined);

const naming = (id: string): object => ({ contextId: id, context_id: id });

describe("close_socket", () => {
  const idle = [
    { what: "nothing", before: [], frames: [] },
    { what: "the default context, opened by a space", before: [{ text: " " }], frames: [] },
    { what: "a keepalive without id", before: [{ text: "" }], frames: [] },
    {
      what: "a context that has said all",
      before: [{ text: hello, context_id: "a", close_context: true }],
      frames: undefined,
    },
    {
      what: "a named context without text",
      before: [{ text: " ", context_id: "a" }],
      frames: [finalOf("a")],
    },
    {
      what: "a phantom beside a context that has said all",
      before: [{ text: " " }, { text: hello, context_id: "a", close_context: true }, { text: "" }],
      frames: undefined,
    },
  ];
  it.for(named("what", idle))(
    "[121] must close with 1000 at once after close_socket when nothing is pending: %s",
    async ([, { before, frames }]) => {
      const client = await open();
      client.send(...before);
      if (!frames) await finalFrom(client, "a");
      await client.settled();
      const startedAt = clock.now();
      client.send({ close_socket: true });
      expect(await client.closed).toEqual(normalClose);
      expect(clock.now()).toBe(startedAt);
      if (frames) expect(client.frames).toEqual(frames);
      else expect(client.frames.filter(({ isFinal }) => isFinal)).toEqual([finalOf("a")]);
    },
  );

  it("[121] must close with 1000 within 2 s of close_socket, whatever is pending", async () => {
    tone.hold();
    const client = await open();
    client.send({ text: " " }, { text: hello, context_id: "a" });
    client.send({ text: prose(900), context_id: "b", flush: true });
    client.send({ text: hello, context_id: "c", close_context: true });
    client.send({ text: again, context_id: "c" }, { close_socket: true });
    await client.settled();
    clock.advance(2000);
    expect(await client.closed).toEqual(normalClose);
    expect(client.frames).toHaveLength(4);
    expect(client.frames).toEqual(
      expect.arrayContaining([finalOf("a"), finalOf("b"), finalOf("c"), finalOf("c")]),
    );
    expect(framesOf(client.frames, "c")).toHaveLength(2);
  });

  it("[121] must ignore what comes after close_socket", async () => {
    tone.hold();
    const client = await open();
    client.send({ text: hello, context_id: "a", flush: true }, { close_socket: true });
    client.send({ text: again, context_id: "b", flush: true }, "no JSON", { text: 7 });
    await client.settled();
    tone.release();
    expect(await client.closed).toEqual(normalClose);
    expect(tone.begun).toEqual([hello]);
    expect(client.frames.at(-1)).toEqual(finalOf("a"));
  });

  it("[122] must finish flushed contexts within the grace time before that Close", async () => {
    tone.hold();
    const client = await open();
    client.send({ text: hello, context_id: "a", flush: true });
    client.send({ text: again, context_id: "b" }, { close_socket: true });
    await client.settled();
    clock.advance(1400);
    await client.settled();
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    tone.release();
    expect(await client.closed).toEqual(normalClose);
    for (const [id, text] of [
      ["a", hello],
      ["b", again],
    ] as const) {
      expect(soundOf(framesOf(client.frames, id))).toHaveLength(toneBytes(text));
      expect(framesOf(client.frames, id).at(-1)).toEqual(finalOf(id));
    }
  });

  it("[122] must finish text, flush and close_socket of one message", async () => {
    const { frames, closed } = await bench.converse(
      [{ text: hello, context_id: "a", flush: true, close_socket: true }],
      { path: multiPath(), query: pcm },
    );
    expect(spelled(frames)).toBe(hello);
    expect(frames.at(-1)).toEqual(finalOf("a"));
    expect(closed).toEqual(normalClose);
  });

  it("[122] must know close_connection as close_socket", async () => {
    const { frames, closed } = await bench.converse([{ text: hello }, { close_connection: true }], {
      path: multiPath(),
      query: pcm,
    });
    expect(spelled(frames)).toBe(hello);
    expect(closed).toEqual(normalClose);
  });
});

describe("the grace time", () => {
  const patient = useToneServer({ closeGraceMs: "300" });

  it("[122] must cut off what the grace time is too short for, with a final frame", async () => {
    patient.tone.hold();
    const client = await patient.open({ path: multiPath(), query: pcm });
    client.send({ text: hello, context_id: "a", flush: true }, { close_socket: true });
    await client.settled();
    patient.clock.advance(299);
    await client.settled();
    expect(client.frames).toEqual([]);
    patient.clock.advance(1);
    expect(await client.closed).toEqual(normalClose);
    expect(client.frames).toEqual([finalOf("a")]);
    await until(() => patient.tone.aborted.length === 1, "the synthesis is aborted");
  });
});

describe("settings", () => {
  const slow = { speed: 0.8 };
  const spokenBytes = (client: StreamInput, id: string | null): number =>
    soundOf(framesOf(client.frames, id)).length;

  it("[123] must let contexts inherit settings and schedule of the connection's first message", async () => {
    const client = await open();
    client.send({
      text: " ",
      voice_settings: slow,
      generation_config: { chunk_length_schedule: [50] },
    });
    client.send({ text: prose(50), context_id: "a" });
    await client.settled();
    expect(tone.begun).toEqual([prose(50)]);
    client.send({ text: hello, context_id: "b", close_context: true });
    client.send({ context_id: "a", close_context: true });
    await finalFrom(client, "a");
    await finalFrom(client, "b");
    expect(spokenBytes(client, "a")).toBe(toneBytes(prose(50), 0.8));
    expect(spokenBytes(client, "b")).toBe(toneBytes(hello, 0.8));
  });

  it("[123] must not let contexts inherit what came after the first message", async () => {
    const client = await open();
    client.send({ text: " ", context_id: "a" });
    client.send({ text: hello, context_id: "a", voice_settings: slow, close_context: true });
    client.send({ text: hello, context_id: "b", close_context: true });
    await finalFrom(client, "a");
    await finalFrom(client, "b");
    expect(spokenBytes(client, "a")).toBe(toneBytes(hello, 0.8));
    expect(spokenBytes(client, "b")).toBe(toneBytes(hello));
  });

  it.for(Object.entries(profilePaths))(
    "[124] must accept different voice_settings in different contexts: %s",
    async ([, base]) => {
      const client = await open("", base);
      const speeds = [0.7, 0.8, 1, 1.2];
      for (const speed of speeds) {
        client.send({ text: " ", context_id: `x${speed}`, voice_settings: { speed } });
      }
      for (const speed of speeds) {
        client.send({ text: hello, context_id: `x${speed}` });
        client.send({ context_id: `x${speed}`, close_context: true });
      }
      for (const speed of speeds) {
        await finalFrom(client, `x${speed}`);
        expect(spokenBytes(client, `x${speed}`)).toBe(toneBytes(hello, speed));
      }
    },
  );
});

describe("errors", () => {
  it("[125] must put contextId into errors that concern one context", async () => {
    const client = await open();
    tone.failWith(new Error("The tone has gone flat"));
    client.send({ text: hello, context_id: "a", flush: true });
    await finalFrom(client, "a");
    expect(errorsOf(client)).toEqual([
      { message: expect.any(String), error: expect.any(String), code: 1011, ...naming("a") },
    ]);
  });

  it.for(
    named("what", [
      { what: "an unreadable message", message: "{" },
      { what: "a text that is a number", message: { text: 7, context_id: "a" } },
      { what: "an unknown voice", message: { text: " ", context_id: "a" }, voice: "nobody" },
    ]),
  )(
    "[125] must omit contextId from errors about the socket: %s",
    async ([, { message, voice }]) => {
      const { frames, closed } = await bench.converse([message], {
        path: multiPath(profilePaths.kind, voice),
      });
      expect(frames.map((frame) => Object.keys(frame).toSorted())).toEqual([
        ["code", "error", "message"],
      ]);
      expect(closed.code).toBe(1008);
    },
  );

  it("[126] must follow a context's error with its final frame, while the others go on", async () => {
    const client = await open();
    client.send({ text: hello, context_id: "b" });
    await client.settled();
    tone.failWith(new Error("The tone has gone flat"));
    client.send({ text: hello, context_id: "a", flush: true });
    await finalFrom(client, "a");
    tone.failWith(undefined);
    expect(client.frames.map(({ error, isFinal }) => error ?? isFinal)).toEqual([
      "internal_error",
      true,
    ]);
    expect(client.frames.at(-1)).toEqual(finalOf("a"));
    client.send({ context_id: "b", close_context: true });
    await finalFrom(client, "b");
    expect(spelled(framesOf(client.frames, "b"))).toBe(hello);
    client.send({ close_socket: true });
    expect(await client.closed).toEqual(normalClose);
  });

  it("[126] must speak in an id that has failed, once it was closed", async () => {
    const client = await open();
    tone.failWith(new Error("The tone has gone flat"));
    client.send({ text: hello, context_id: "a", flush: true });
    await finalFrom(client, "a");
    tone.failWith(undefined);
    client.send({ context_id: "a", close_context: true });
    client.send({ text: again, context_id: "a", close_context: true });
    await client.frame(() => spelled(client.frames) === again);
  });
});

describe("other spellings", () => {
  it.for(["output_format=pcm_16000", "output_format=mp3_44100_128&sync_alignment=true"])(
    "[127] should emit context_id, and is_final on final frames: ?%s",
    async (query) => {
      const client = await bench.open({ path: multiPath(), query });
      client.send({ text: hello, context_id: "a", close_context: true });
      await finalFrom(client, "a");
      for (const frame of audioFrames(client.frames)) {
        expect(Object.keys(frame).toSorted()).toEqual([
          "alignment",
          "audio",
          "contextId",
          "context_id",
          "isFinal",
          "normalizedAlignment",
        ]);
        expect(frame.context_id).toBe("a");
      }
      expect(client.frames.at(-1)).toStrictEqual(finalOf("a"));
    },
  );
});

describe("LiveKit", () => {
  it.for(Object.entries(profilePaths))(
    "[128] must tolerate its connection: no keepalive, 180 s, several turns, a plain close: %s",
    async ([, base]) => {
      const client = await bench.open({
        path: multiPath(base),
        query:
          "model_id=eleven_turbo_v2_5&output_format=pcm_22050&language_code=en&enable_ssml_parsing=false&enable_logging=true&inactivity_timeout=180&apply_text_normalization=auto&sync_alignment=true&auto_mode=true",
      });
      for (const id of ["turn1", "turn2", "turn3"]) {
        client.send({ text: " ", voice_settings: {}, context_id: id });
        client.send({ text: hello, context_id: id, flush: true });
        client.send({ text: again, context_id: id, flush: true });
        client.send({ text: "", context_id: id, flush: true });
        client.send({ context_id: id, close_context: true });
        await finalFrom(client, id);
        const own = framesOf(client.frames, id);
        expect(spelled(own)).toBe(hello + again);
        const starts = own.flatMap(({ alignment }) => alignment?.charStartTimesMs ?? []);
        expect(starts).toEqual(starts.toSorted((one, other) => one - other));
        expect(starts.at(-1)).toBeGreaterThan(900);
        await client.settled();
        clock.advance(175_000);
        await client.settled();
      }
      expect(errorsOf(client)).toEqual([]);
      expect(client.frames.filter((frame) => !("audio" in frame))).toEqual([]);
      client.socket.close();
      await client.closed;
      await until(() => bench.server.server.sessions === 0, "no session is left");
    },
  );
});

/** An engine with one place: each utterance takes its time, and the next one waits for it. */
function createSlowTone(
  slow: ManualClock,
  utteranceMs: number,
): ReturnType<typeof createToneEngine> {
  let last: Promise<void> = Promise.resolve();
  return createToneEngine({
    hold() {
      last = last.then(
        () => new Promise<void>((resolve) => void slow.schedule(utteranceMs, resolve)),
      );
      return last;
    },
  });
}

describe("barge-in", () => {
  const longText = Array.from({ length: 60 }, (_, index) => `This is sentence ${index}. `).join("");
  const engineMs = 50;
  const slowClock = new ManualClock();
  const slow = useServer(() => ({
    clock: slowClock,
    engines: [createSlowTone(slowClock, engineMs)],
  }));

  it("[129] should start a new context's audio at most 300 ms plus the engine's time after close_context of a long one", async () => {
    const client = await slow.open({ path: multiPath(), query: pcm });
    client.send({ text: longText, context_id: "old", flush: true });
    const passed = async (): Promise<void> => {
      await client.settled();
      slowClock.advance(10);
      await client.settled();
    };
    while (framesOf(client.frames, "old").length === 0) await passed();
    client.send({ context_id: "old", close_context: true });
    client.send({ text: again, context_id: "new", close_context: true });
    const askedAt = slowClock.now();
    while (framesOf(client.frames, "new").length === 0) await passed();
    expect(slowClock.now() - askedAt).toBeLessThanOrEqual(300 + engineMs);
    expect(spelled(framesOf(client.frames, "old")).length).toBeLessThan(longText.length / 2);
    while (!client.frames.some(({ isFinal, contextId }) => isFinal && contextId === "new")) {
      await passed();
    }
  }, 20_000);

  it("[129] should send a closed context no faster than it is heard while a newer one speaks, and all of it", async () => {
    const client = await open();
    tone.hold();
    client.send({ text: longText, context_id: "old", close_context: true });
    await client.settled();
    client.send({ text: prose(400), context_id: "new", flush: true });
    await client.settled();
    tone.release();
    await client.frame(() => spelled(framesOf(client.frames, "new")).trim() === prose(400).trim());
    const lastOfNew = client.frames.findLastIndex(({ contextId }) => contextId === "new");
    const meanwhile = framesOf(client.frames.slice(0, lastOfNew), "old");
    // Two seconds ahead, and the frame that was on its way.
    expect(soundOf(meanwhile).length / 32).toBeLessThanOrEqual(2000 + 1000);
    await client.settled();
    for (let round = 0; round < 120; round += 1) {
      clock.advance(500);
      await client.settled();
    }
    await finalFrom(client, "old");
    expect(spelled(framesOf(client.frames, "old"))).toBe(longText);
  });

  it("[129] should not slow a context down while a new one of the same id waits for its end", async () => {
    const client = await open();
    tone.hold();
    client.send({ text: longText, context_id: "a", close_context: true });
    client.send({ text: again, context_id: "a", flush: true });
    await client.settled();
    tone.release();
    for (let round = 0; round < 100 && !tone.begun.includes(again); round += 1) {
      await client.settled();
    }
    await client.settled();
    expect(spelled(client.frames)).toBe(longText + again);
  });
});
