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
  sounding,
  soundOf,
  toneBytes,
  useServer,
  useToneServer,
} from "./bench.ts";

const pcm = "output_format=pcm_16000";
const hello = "Hello there. ";
const again = "And here again. ";
const fiveIds = ["a", "b", "c", "d", "e"];

const bench = useToneServer();
const { clock, tone } = bench;

const open = (query = "", base?: string): Promise<StreamInput> =>
  bench.open({ path: multiPath(base), query: `${pcm}&${query}` });

const errorsOf = ({ frames }: StreamInput): readonly object[] =>
  frames.filter(({ error }) => error !== undefined);

const tooMany = {
  message:
    "Maximum simultaneous contexts per WebSocket connection exceeded (5). Please close an existing context before opening a new one.",
  error: "max_active_conversations",
  code: 1008,
};

const timeout = {
  message: expect.stringContaining("within the timeout of 20 seconds") as string,
  error: "input_timeout_exceeded",
  code: 1008,
};

const naming = (id: string): object => ({ contextId: id, context_id: id });

/** Gives five contexts text that waits for more. */
async function openFive(client: StreamInput): Promise<void> {
  client.send(...fiveIds.map((id) => ({ text: hello, context_id: id })));
  await client.settled();
  expect(client.frames).toEqual([]);
}

describe("several contexts", () => {
  it.for(["", "sync_alignment=true", "auto_mode=true"])(
    "[113] must keep the order of audio within a context while five are active: ?%s",
    async (query) => {
      const client = await open(query);
      const texts = (id: string): string[] =>
        Array.from({ length: 8 }, (_, index) => `Part ${index} of ${id} is here. `);
      for (let index = 0; index < 8; index += 1) {
        for (const id of fiveIds) {
          client.send({ text: texts(id)[index], context_id: id, flush: index % 2 === 1 });
        }
      }
      client.send(...fiveIds.map((id) => ({ context_id: id, close_context: true })));
      for (const id of fiveIds) {
        await finalFrom(client, id);
        const own = framesOf(client.frames, id);
        expect(spelled(own)).toBe(texts(id).join(""));
        const alone = await bench.converse(
          [
            ...texts(id).map((text, index) => ({ text, flush: index % 2 === 1 })),
            { close_context: true },
            { close_socket: true },
          ],
          { path: multiPath(), query: `${pcm}&${query}` },
        );
        expect(alone.audio.length).toBeGreaterThan(0);
        expect(soundOf(own).equals(alone.audio)).toBe(true);
      }
    },
  );

  it.for(Object.entries(profilePaths))(
    "[114] must support five contexts at the same time: %s",
    async ([, base]) => {
      tone.hold();
      const client = await open("", base);
      client.send(...fiveIds.map((id) => ({ text: `${hello}${id}`, context_id: id, flush: true })));
      await client.settled();
      // The first clause of a context is spoken by itself.
      expect(new Set(tone.begun).size).toBeGreaterThanOrEqual(2);
      expect(tone.begun.length).toBeGreaterThanOrEqual(5);
      tone.release();
      client.send(...fiveIds.map((id) => ({ context_id: id, close_context: true })));
      for (const id of fiveIds) {
        await finalFrom(client, id);
        expect(spelled(framesOf(client.frames, id)).trim()).toBe(`${hello}${id}`);
      }
      expect(errorsOf(client)).toEqual([]);
    },
  );
});

describe("the cap", () => {
  const observed = profilePaths.observed;

  it.for(
    named("what", [
      { what: "text", sixth: { text: hello, context_id: "f" } },
      { what: "an opening space", sixth: { text: " ", context_id: "f" } },
      { what: "an empty text", sixth: { text: "", context_id: "f" } },
      { what: "a text for the default context", sixth: { text: hello } },
    ]),
  )(
    "[115] must, in strict mode, answer the sixth with max_active_conversations and 1008: %s",
    async ([, { sixth }]) => {
      const client = await open("", observed);
      await openFive(client);
      client.send(sixth);
      await client.settled();
      expect(client.frames).toEqual([tooMany]);
      clock.advance(1000);
      expect(await client.closed).toEqual({ code: 1008, reason: tooMany.message.slice(0, 123) });
      expect(client.frames).toEqual([tooMany]);
    },
  );

  it("[116] should, by default, fail only the sixth context, with its contextId", async () => {
    const client = await open();
    await openFive(client);
    client.send({ text: again, context_id: "f" });
    await finalFrom(client, "f");
    expect(client.frames).toEqual([{ ...tooMany, ...naming("f") }, finalOf("f")]);
    client.send({ text: again, context_id: "f" }, { context_id: "f", flush: true });
    await client.settled();
    expect(client.frames).toHaveLength(2);
    client.send(...fiveIds.map((id) => ({ context_id: id, close_context: true })));
    for (const id of fiveIds) {
      await finalFrom(client, id);
      expect(spelled(framesOf(client.frames, id))).toBe(hello);
    }
    client.send({ context_id: "f", close_context: true });
    client.send({ text: hello, context_id: "f", close_context: true });
    await client.frame(() => spelled(framesOf(client.frames, "f")) === hello);
  });

  it("[116] should fail the sixth context also when it was opened first and given text last", async () => {
    const client = await open();
    client.send({ text: " ", context_id: "f" });
    await openFive(client);
    client.send({ text: again, context_id: "f" });
    await finalFrom(client, "f");
    expect(client.frames).toEqual([{ ...tooMany, ...naming("f") }, finalOf("f")]);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  it("[117] should not count contexts that are being closed", async () => {
    tone.hold();
    const client = await open();
    const closing = Array.from({ length: 7 }, (_, index) => `closing ${index}`);
    client.send(...closing.map((id) => ({ text: hello, context_id: id, close_context: true })));
    await openFive(client);
    expect(errorsOf(client)).toEqual([]);
    client.send({ text: hello, context_id: "f" });
    await client.frame(({ error }) => error !== undefined);
    expect(errorsOf(client)).toEqual([{ ...tooMany, ...naming("f") }]);
    tone.release();
    for (const id of closing) {
      await client.settled();
      clock.advance(1000);
      await finalFrom(client, id);
      expect(spelled(framesOf(client.frames, id))).toBe(hello);
    }
  });

  it("[117] should not count contexts that were never given text", async () => {
    const client = await open();
    const unused = Array.from({ length: 20 }, (_, index) => `unused ${index}`);
    client.send(...unused.map((id) => ({ text: " ", context_id: id })));
    await openFive(client);
    client.send({ text: hello, context_id: "f" });
    await client.settled();
    expect(errorsOf(client)).toEqual([{ ...tooMany, ...naming("f") }]);
  });

  it("[117] should free a place as soon as close_context comes", async () => {
    const client = await open();
    await openFive(client);
    client.send({ context_id: "a", close_context: true }, { text: hello, context_id: "f" });
    await finalFrom(client, "a");
    await client.settled();
    expect(errorsOf(client)).toEqual([]);
  });
});

describe("silence", () => {
  it("[118] must expire contexts one by one", async () => {
    const client = await open();
    client.send({ text: hello, context_id: "a" }, { text: hello, context_id: "b" });
    await client.settled();
    clock.advance(15_000);
    client.send({ text: "", context_id: "b" });
    await client.settled();
    clock.advance(4_999);
    await client.settled();
    expect(client.frames).toEqual([]);
    clock.advance(1);
    await finalFrom(client, "a");
    expect(client.frames).toEqual([finalOf("a")]);
    client.send({ text: "", context_id: "b" });
    await client.settled();
    clock.advance(19_999);
    await client.settled();
    client.send({ text: again, context_id: "b", close_context: true });
    await finalFrom(client, "b");
    expect(spelled(framesOf(client.frames, "b"))).toBe(hello + again);
    expect(tone.begun).toEqual([hello, again]);
  });

  it("[118] must not expire a context while it speaks, but 20 s after it", async () => {
    tone.hold();
    const client = await open();
    client.send({ text: hello, context_id: "a", flush: true });
    for (let round = 0; round < 5; round += 1) {
      client.send({ text: "" });
      await client.settled();
      clock.advance(19_000);
    }
    await client.settled();
    expect(client.frames).toEqual([]);
    tone.release();
    await sounding(client, toneBytes(hello));
    await client.settled();
    clock.advance(19_999);
    client.send({ text: "" });
    await client.settled();
    expect(client.frames.filter(({ isFinal }) => isFinal)).toEqual([]);
    clock.advance(1);
    await finalFrom(client, "a");
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  it.for(
    named("what", [
      { what: "the default one", message: { text: " " }, id: null },
      { what: "one with a name", message: { text: " ", context_id: "a" }, id: "a" },
    ]),
  )(
    "[119] must drop an idle context that never had speakable text without any frame: %s",
    async ([, { message, id }]) => {
      const client = await open();
      client.send({ ...message, voice_settings: { speed: 0.8 } });
      client.send({ text: hello, context_id: "other" });
      await client.settled();
      for (let round = 0; round < 4; round += 1) {
        clock.advance(10_000);
        client.send({ text: "", context_id: "other" });
        await client.settled();
      }
      expect(client.frames).toEqual([]);
      const name = id === null ? {} : { context_id: id };
      client.send({ ...name, close_context: true });
      client.send({ context_id: "other", close_context: true });
      await finalFrom(client, "other");
      expect(framesOf(client.frames, id)).toEqual([]);
    },
  );

  it("[120] must close with input_timeout_exceeded when the whole socket was silent", async () => {
    const client = await open();
    client.send({ text: hello, context_id: "a" });
    await client.settled();
    clock.advance(19_999);
    await client.settled();
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    clock.advance(1);
    expect((await client.closed).code).toBe(1008);
    expect(client.frames).toEqual([timeout]);
    expect(tone.begun).toEqual([]);
  });

  it.for(
    named("what", [
      { what: "an empty text", message: { text: "" } },
      { what: "a message for one context", message: { text: "", context_id: "b" } },
      { what: "an unknown context's close", message: { context_id: "x", close_context: true } },
    ]),
  )("[120] must not close a socket that is kept alive by %s", async ([, { message }]) => {
    const client = await open();
    for (let round = 0; round < 5; round += 1) {
      client.send(message);
      await client.settled();
      clock.advance(19_999);
    }
    await client.settled();
    expect(client.frames).toEqual([]);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    clock.advance(1);
    expect((await client.closed).code).toBe(1008);
  });

  it("[120] must not close a socket while anything is spoken", async () => {
    tone.hold();
    const client = await open();
    client.send({ text: hello, context_id: "a", close_context: true });
    await client.settled();
    for (let round = 0; round < 10; round += 1) clock.advance(19_000);
    await client.settled();
    tone.release();
    await finalFrom(client, "a");
    await client.settled();
    clock.advance(20_000);
    expect((await client.closed).code).toBe(1008);
  });
});

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
});
