import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { spelled, type StreamInput } from "../support/stream-input.ts";
import {
  finalFrom,
  finalOf,
  framesOf,
  multiPath,
  named,
  profilePaths,
  sounding,
  soundOf,
  toneBytes,
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
    "[115] must answer the sixth in strict mode with max_active_conversations and 1008: %s",
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
