import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { spelled, type StreamInput } from "../support/stream-input.ts";
import {
  audioFrames,
  finalFrom,
  finalOf,
  framesOf,
  multiPath,
  named,
  normalClose,
  prose,
  sounding,
  soundOf,
  spelling,
  toneBytes,
  useToneServer,
} from "./bench.ts";

const pcm = "output_format=pcm_16000";
const hello = "Hello there. ";
const again = "And here again. ";

const bench = useToneServer();
const { clock, tone } = bench;

const open = (query = ""): Promise<StreamInput> =>
  bench.open({ path: multiPath(), query: `${pcm}&${query}` });

const finalsOf = ({ frames }: StreamInput): readonly object[] =>
  frames.filter(({ isFinal }) => isFinal === true);

/** Speaks and closes a context, to show that the socket is in order. */
async function expectSpeaking(client: StreamInput, id: string): Promise<void> {
  client.send({ text: hello, context_id: id, close_context: true });
  await finalFrom(client, id);
  expect(spelled(framesOf(client.frames, id))).toBe(hello);
}

describe("names", () => {
  const ids = [
    { id: "a" },
    { id: "7" },
    { id: "null" },
    { id: " " },
    { id: "__proto__" },
    { id: "constructor" },
    { id: 'quotes " and \\ slashes' },
    { id: "Ünïcödé 😀" },
    { id: "x".repeat(2000) },
  ];
  it.for(ids.map(({ id }) => [id.slice(0, 40), id] as const))(
    "[95] must echo context_id unchanged as contextId: %s",
    async ([, id]) => {
      const client = await open();
      client.send({ text: hello, context_id: id, flush: true });
      client.send({ context_id: id, close_context: true });
      expect(await finalFrom(client, id)).toEqual(finalOf(id));
      expect(audioFrames(client.frames).length).toBeGreaterThan(0);
      expect(client.frames.map(({ contextId }) => contextId)).toEqual(client.frames.map(() => id));
      expect(spelled(client.frames)).toBe(hello);
    },
  );

  it("[95] must route text by context_id", async () => {
    const client = await open();
    for (const piece of ["One ", "two "]) {
      for (const id of ["a", "b", "c"]) client.send({ text: `${piece}${id}. `, context_id: id });
    }
    for (const id of ["c", "a", "b"]) client.send({ context_id: id, close_context: true });
    for (const id of ["a", "b", "c"]) {
      await finalFrom(client, id);
      expect(spelled(framesOf(client.frames, id))).toBe(`One ${id}. two ${id}. `);
    }
  });

  it("[96] must accept contextId from clients, and the other twins", async () => {
    const client = await open();
    client.send({
      text: " ",
      contextId: "b",
      voice_settings: { similarityBoost: 0.5, useSpeakerBoost: true, speed: 0.8 },
      generator_config: { chunk_length_schedule: [50] },
    });
    client.send({ text: hello, context_id: "b" }, { contextId: "b", flush: true });
    await sounding(client, toneBytes(hello, 0.8));
    client.send({ contextId: "b", closeContext: true });
    expect(await finalFrom(client, "b")).toEqual(finalOf("b"));
    expect(client.audio()).toHaveLength(toneBytes(hello, 0.8));
    client.send({ closeSocket: true });
    expect(await client.closed).toEqual(normalClose);
  });

  it.for(
    named("what", [
      { what: "no id", member: {} },
      { what: "null", member: { context_id: null } },
      { what: "an empty id", member: { context_id: "" } },
      { what: "null in the other spelling", member: { contextId: null } },
    ]),
  )("[97] must take %s for the default context, and name it null", async ([, { member }]) => {
    const client = await open();
    client.send({ text: "Hello ", ...member }, { text: "there. " }, { flush: true, ...member });
    await sounding(client, toneBytes(hello));
    client.send({ close_context: true, ...member });
    expect(await finalFrom(client, null)).toEqual(finalOf(null));
    expect(spelled(client.frames)).toBe(hello);
    expect(client.frames.map(({ contextId }) => contextId)).toEqual(client.frames.map(() => null));
  });

  it("[98] must speak real text in a context's first message", async () => {
    const client = await open();
    client.send({ text: hello, context_id: "a", flush: true });
    await sounding(client, toneBytes(hello));
    client.send({ text: again, context_id: "b" }, { context_id: "b", close_context: true });
    await finalFrom(client, "b");
    expect(tone.begun).toEqual([hello, again]);
  });
});

describe("keepalives", () => {
  it.for(
    named("what", [
      { what: "an empty text", keepAlive: { text: "", context_id: "x" } },
      { what: "an empty text with contextId", keepAlive: { text: "", contextId: "x" } },
      { what: "keep_context_alive", keepAlive: { keep_context_alive: true, context_id: "x" } },
    ]),
  )("[99] must take %s for a keepalive of its context", async ([, { keepAlive }]) => {
    const client = await open();
    client.send({ text: "Hello ", context_id: "x" });
    for (let round = 0; round < 10; round += 1) {
      await client.settled();
      clock.advance(19_999);
      await client.settled();
      client.send(keepAlive);
    }
    await client.settled();
    expect(client.frames).toEqual([]);
    expect(tone.begun).toEqual([]);
    client.send({ text: "there. ", context_id: "x", close_context: true });
    await finalFrom(client, "x");
    expect(tone.begun).toEqual([hello]);
  });

  it.for(
    named("what", [
      { what: "[100] must not open a context for an empty text", message: { text: "" } },
      {
        what: "[100] must not open one for an empty text that flushes",
        message: { text: "", flush: true },
      },
      { what: "[103] must not open a context for a lone flush", message: { flush: true } },
      {
        what: "[103] must not open one for a flush without a text",
        message: { flush: true, text: null },
      },
    ]),
  )("%s", async ([, { message }]) => {
    for (const id of [{ context_id: "x" }, {}]) {
      const client = await open("inactivity_timeout=60");
      client.send({ ...message, ...id }, { ...message, ...id }, { close_context: true, ...id });
      await client.settled();
      expect(client.frames).toEqual([]);
      client.send({ close_socket: true });
      expect(await client.closed).toEqual(normalClose);
      expect(client.frames).toEqual([]);
    }
  });

  it("[101] must accept an empty text without id every 10 s for an hour, with no other effect", async () => {
    const client = await open();
    client.send({ text: " ", voice_settings: { speed: 0.8 } });
    for (let round = 0; round < 360; round += 1) {
      client.send({ text: "" });
      await client.settled();
      clock.advance(10_000);
    }
    await client.settled();
    expect(client.frames).toEqual([]);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    client.send({ text: hello, context_id: "late", close_context: true });
    await finalFrom(client, "late");
    expect(client.audio()).toHaveLength(toneBytes(hello, 0.8));
  });

  it("[102] must accept the settings of a context after its keepalives", async () => {
    const client = await open();
    client.send({ text: "" }, { text: "", context_id: "a" }, { text: "", context_id: "a" });
    client.send({ text: " ", context_id: "a", voice_settings: { speed: 0.8 } });
    client.send({ text: hello, context_id: "a", close_context: true });
    await finalFrom(client, "a");
    expect(client.audio()).toHaveLength(toneBytes(hello, 0.8));
    expect(client.frames.filter(({ error }) => error)).toEqual([]);
  });

  it("[104] must not send a final frame because of a flush or an empty text", async () => {
    const client = await open();
    client.send({ text: hello, context_id: "a", flush: true }, { text: "", context_id: "a" });
    client.send({ context_id: "a", flush: true }, { text: "", context_id: "a", flush: true });
    client.send({ text: "" }, { flush: true });
    await sounding(client, toneBytes(hello));
    await client.settled();
    clock.advance(10_000);
    await client.settled();
    expect(client.frames.map(({ isFinal }) => isFinal)).toEqual(client.frames.map(() => null));
    expect(client.audio()).toHaveLength(toneBytes(hello));
  });

  it("[105] must accept a flush with text, with an empty one, with null and without any", async () => {
    const client = await open();
    const flushes = [{}, { text: "" }, { text: null }];
    client.send({ text: "With text. ", context_id: "a", flush: true });
    await spelling(client, "With text. ");
    let said = "With text. ";
    for (const flush of flushes) {
      client.send({ text: hello, context_id: "a" });
      await client.settled();
      expect(spelled(client.frames)).toBe(said);
      said += hello;
      client.send({ ...flush, context_id: "a", flush: true });
      await spelling(client, said);
    }
    expect(finalsOf(client)).toEqual([]);
  });
});

describe("close_context", () => {
  const courses = [
    { what: "text", messages: [{ text: hello }, { close_context: true }], said: hello },
    {
      what: "flushed text",
      messages: [{ text: hello, flush: true }, { close_context: true }],
      said: hello,
    },
    {
      what: "an empty flush",
      messages: [{ text: hello }, { text: "", flush: true }, { close_context: true }],
      said: hello,
    },
    {
      what: "text in the same message",
      messages: [{ text: hello, flush: true, close_context: true }],
      said: hello,
    },
    {
      what: "another close_context",
      messages: [{ text: hello }, { close_context: true }, { close_context: true }],
      said: hello,
    },
    {
      what: "flushes and keepalives that come too late",
      messages: [{ text: hello }, { close_context: true }, { flush: true }, { text: "" }],
      said: hello,
    },
    { what: "a space", messages: [{ text: " " }, { close_context: true }], said: "" },
  ];
  it.for(named("what", courses))(
    "[106] must send exactly one final frame after %s",
    async ([, { messages, said }]) => {
      const client = await open();
      client.send(...messages.map((message) => ({ ...message, context_id: "a" })));
      await finalFrom(client, "a");
      await expectSpeaking(client, "after");
      expect(framesOf(client.frames, "a").filter(({ isFinal }) => isFinal !== null)).toEqual([
        finalOf("a"),
      ]);
      expect(framesOf(client.frames, "a").at(-1)).toEqual(finalOf("a"));
      expect(spelled(framesOf(client.frames, "a"))).toBe(said);
    },
  );

  it.for(
    named("what", [
      { what: "only the opening space", texts: [" "] },
      { what: "only white space", texts: ["  ", "\n", " "] },
    ]),
  )("[107] must send the final frame for a context with %s", async ([, { texts }]) => {
    const client = await open();
    client.send(...texts.map((text) => ({ text, context_id: "a" })));
    await client.settled();
    expect(client.frames).toEqual([]);
    client.send({ context_id: "a", close_context: true });
    await finalFrom(client, "a");
    expect(client.frames).toEqual([finalOf("a")]);
    expect(tone.begun).toEqual([]);
  });

  it("[109] must speak text on close_context that was not flushed, however short", async () => {
    const client = await open();
    client.send({ text: "Hi", context_id: "a" });
    await client.settled();
    expect(tone.begun).toEqual([]);
    client.send({ context_id: "a", close_context: true });
    await finalFrom(client, "a");
    expect(client.audio()).toHaveLength(toneBytes("Hi"));
  });

  it("[109] must speak a part of a word on close_context with auto_mode", async () => {
    const client = await open("auto_mode=true");
    client.send({ text: "Hello wor", context_id: "a" }, { context_id: "a", close_context: true });
    await finalFrom(client, "a");
    expect(tone.begun).toEqual(["Hello ", "wor"]);
  });

  it("[110] must ignore close_context for unknown and for finished ids", async () => {
    const client = await open();
    client.send({ context_id: "nobody", close_context: true }, { close_context: true });
    await client.settled();
    expect(client.frames).toEqual([]);
    await expectSpeaking(client, "a");
    const heard = client.frames.length;
    client.send({ context_id: "a", close_context: true }, { context_id: "a", close_context: true });
    await client.settled();
    expect(client.frames).toHaveLength(heard);
    await expectSpeaking(client, "b");
  });

  it("[111] must allow an id to be used again after its final frame, as a new context", async () => {
    const client = await open();
    client.send({ text: " ", context_id: "a", voice_settings: { speed: 0.8 } });
    client.send({ text: hello, context_id: "a", close_context: true });
    await finalFrom(client, "a");
    const heard = client.frames.length;
    client.send({ text: " ", context_id: "a", voice_settings: { speed: 1 } });
    client.send({ text: again, context_id: "a" }, { context_id: "a", close_context: true });
    await client.frame(() => finalsOf(client).length === 2);
    const second = client.frames.slice(heard);
    expect(spelled(second)).toBe(again);
    expect(soundOf(second)).toHaveLength(toneBytes(again));
    expect(second.at(-1)).toEqual(finalOf("a"));
  });

  it("[111] must speak text for an id that is being closed as a new context after the final frame", async () => {
    tone.hold();
    const client = await open();
    client.send({ text: hello, context_id: "a", close_context: true });
    client.send({ text: again, context_id: "a", close_context: true });
    client.send({ text: prose(40), context_id: "a", close_context: true });
    await client.settled();
    tone.release();
    await client.frame(() => finalsOf(client).length === 3);
    const turns = [hello, again, prose(40)];
    const ends = client.frames.flatMap(({ isFinal }, index) => (isFinal ? [index] : []));
    turns.forEach((text, index) => {
      const turn = client.frames.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, ends[index]);
      expect(spelled(turn)).toBe(text);
      expect(soundOf(turn)).toHaveLength(toneBytes(text));
    });
  });

  it("[112] must send nothing for an id between its final frame and its next use", async () => {
    const client = await open();
    await expectSpeaking(client, "a");
    const heard = client.frames.length;
    client.send({ context_id: "a", flush: true }, { context_id: "a", text: "" });
    client.send(
      { context_id: "a", text: "", flush: true },
      { context_id: "a", close_context: true },
    );
    await client.settled();
    clock.advance(15_000);
    await client.settled();
    client.send({ text: "" });
    await client.settled();
    clock.advance(15_000);
    await client.settled();
    expect(client.frames).toHaveLength(heard);
    await expectSpeaking(client, "b");
    client.send({ text: again, context_id: "a", close_context: true });
    await client.frame(() => framesOf(client.frames, "a").length > heard);
    await finalFrom(client, "a");
  });
});
