import { expect } from "vitest";
import { WebSocket } from "ws";
import type { Profile, Rules } from "../../src/dialect/elevenlabs/compatibility.ts";
import { spelled, type StreamInput } from "../support/stream-input.ts";
import {
  finalFrame,
  finalFrom,
  finalOf,
  framesOf,
  multiPath,
  normalClose,
  prose,
  sounding,
  soundOf,
  toneBytes,
  type ToneBench,
} from "./bench.ts";

const pcm = "output_format=pcm_16000";
export const hello = "Hello there. ";
const again = "And here again. ";

/** A path on a server, where one of the profiles is kept to. */
export interface Place {
  readonly bench: ToneBench;
  readonly base: string;
}

export const openMulti = ({ bench, base }: Place, query = ""): Promise<StreamInput> =>
  bench.open({ path: multiPath(base), query: `${pcm}&${query}` });

const openStream = ({ bench, base }: Place, query = ""): Promise<StreamInput> =>
  bench.open({ path: `${base}/tone/stream-input`, query: `${pcm}&${query}` });

/** Resolves with the Close frame, however late the profile sends it. */
async function closing(place: Place, client: StreamInput): Promise<{ readonly code: number }> {
  await client.settled();
  place.bench.clock.advance(800);
  return client.closed;
}

/** The final frame as the profile `observed` sends it. */
export const plainFinalOf = (contextId: string | null): object => ({ ...finalFrame, contextId });

/** What one profile does about one rule. */
interface Case {
  /** The statement, and how it is kept. */
  readonly name: string;
  readonly run: (place: Place) => Promise<void>;
}

const opensNothing: Case = {
  name: "[100] must open nothing for an empty text or a lone flush",
  async run(place) {
    for (const message of [{ text: "" }, { flush: true }, { text: "", flush: true }]) {
      const client = await openMulti(place);
      client.send({ ...message, context_id: "x" }, { context_id: "x", close_context: true });
      client.send({ text: " ", context_id: "x", voice_settings: { speed: 0.8 } });
      client.send({ text: hello, context_id: "x", close_context: true });
      await finalFrom(client, "x");
      expect(client.frames.filter(({ isFinal }) => isFinal)).toEqual([finalOf("x")]);
      expect(client.audio()).toHaveLength(toneBytes(hello, 0.8));
    }
  },
};

const opensPhantoms: Case = {
  name: "[100] observed: opens a context for an empty text or a lone flush, which then refuses settings",
  async run(place) {
    for (const message of [{ text: "" }, { flush: true }, { text: "", flush: true }]) {
      const client = await openMulti(place);
      client.send({ ...message, context_id: "x" }, { context_id: "x", close_context: true });
      expect(await finalFrom(client, "x")).toStrictEqual(plainFinalOf("x"));
      client.send({ ...message, context_id: "x" });
      client.send({ text: " ", context_id: "x", voice_settings: { speed: 0.8 } });
      expect((await closing(place, client)).code).toBe(1008);
      expect(client.frames.slice(1).map(({ error }) => error)).toEqual(["invalid_voice_settings"]);
    }
  },
};

/** Every difference of the two profiles: the types make sure that none is left out. */
export const cases: { readonly [Rule in keyof Rules]: Readonly<Record<Profile, readonly Case[]>> } =
  {
    countedContexts: {
      kind: [
        {
          name: "[117] should not count contexts that are being closed or were never given text",
          async run(place) {
            place.bench.tone.hold();
            const client = await openMulti(place);
            const ids = ["a", "b", "c", "d", "e"];
            client.send(...ids.map((id) => ({ text: hello, context_id: id, close_context: true })));
            client.send(...ids.map((id) => ({ text: " ", context_id: `unused ${id}` })));
            client.send({ text: again, context_id: "f", flush: true });
            await client.settled();
            expect(client.frames).toEqual([]);
            place.bench.tone.release();
            await client.frame(() => spelled(framesOf(client.frames, "f")) === again);
          },
        },
      ],
      observed: [
        {
          name: "[117] observed: counts contexts that are being closed until their final frame",
          async run(place) {
            place.bench.tone.hold();
            const client = await openMulti(place);
            const ids = ["a", "b", "c", "d", "e"];
            client.send(...ids.map((id) => ({ text: hello, context_id: id, close_context: true })));
            client.send({ text: again, context_id: "f" });
            expect((await closing(place, client)).code).toBe(1008);
            expect(client.frames.map(({ error }) => error)).toEqual(["max_active_conversations"]);
          },
        },
        {
          name: "[117] observed: counts contexts that were never given text",
          async run(place) {
            const client = await openMulti(place);
            const ids = ["a", "b", "c", "d"];
            client.send(...ids.map((id) => ({ text: " ", context_id: id })), { text: "" });
            client.send({ text: again, context_id: "f" });
            expect((await closing(place, client)).code).toBe(1008);
            expect(client.frames.map(({ error }) => error)).toEqual(["max_active_conversations"]);
          },
        },
        {
          name: "[117] observed: frees a place with the final frame",
          async run(place) {
            const client = await openMulti(place);
            const ids = ["a", "b", "c", "d", "e", "f", "g"];
            for (const id of ids) {
              client.send({ text: hello, context_id: id, close_context: true });
              await finalFrom(client, id);
            }
            expect(client.frames.filter(({ error }) => error)).toEqual([]);
          },
        },
      ],
    },
    overflow: {
      kind: [
        {
          name: "[116] should fail only the sixth context",
          async run(place) {
            const client = await openMulti(place);
            const ids = ["a", "b", "c", "d", "e", "f"];
            client.send(...ids.map((id) => ({ text: hello, context_id: id })));
            expect(await finalFrom(client, "f")).toEqual(finalOf("f"));
            expect(client.frames.map(({ error }) => error)).toEqual([
              "max_active_conversations",
              undefined,
            ]);
            await client.settled();
            expect(client.socket.readyState).toBe(WebSocket.OPEN);
          },
        },
      ],
      observed: [
        {
          name: "[115] observed: closes the socket at the sixth context, without a final frame of any",
          async run(place) {
            const client = await openMulti(place);
            const ids = ["a", "b", "c", "d", "e", "f"];
            client.send(...ids.map((id) => ({ text: hello, context_id: id })));
            expect((await closing(place, client)).code).toBe(1008);
            expect(client.frames.map(({ error }) => error)).toEqual(["max_active_conversations"]);
          },
        },
      ],
    },
    contextFailure: {
      kind: [
        {
          name: "[126] must end only the context that fails, with error and final frame",
          async run(place) {
            const client = await openMulti(place);
            client.send({ text: hello, context_id: "b" });
            await client.settled();
            place.bench.tone.failWith(new Error("flat"));
            client.send({ text: hello, context_id: "a", flush: true });
            await finalFrom(client, "a");
            place.bench.tone.failWith(undefined);
            client.send({ context_id: "b", close_context: true });
            await finalFrom(client, "b");
            expect(spelled(client.frames)).toBe(hello);
          },
        },
      ],
      observed: [
        {
          name: "[126] observed: closes the socket when a context fails",
          async run(place) {
            const client = await openMulti(place);
            client.send({ text: hello, context_id: "b" });
            await client.settled();
            place.bench.tone.failWith(new Error("flat"));
            client.send({ text: hello, context_id: "a", flush: true });
            expect((await closing(place, client)).code).toBe(1011);
            expect(client.frames.map((frame) => Object.keys(frame).toSorted())).toEqual([
              ["code", "error", "message"],
            ]);
          },
        },
      ],
    },
    errorsNameConnection: {
      kind: [
        {
          name: "[76] must name the connection in errors, as the upgrade did",
          async run(place) {
            const client = await openMulti(place);
            client.send("{");
            await closing(place, client);
            const { trace_id: named } = JSON.parse(client.raw.at(-1) ?? "{}") as {
              trace_id?: string;
            };
            expect(named).toBe(client.headers["x-trace-id"]);
          },
        },
      ],
      observed: [
        {
          name: "[76] observed: names no connection in errors",
          async run(place) {
            const client = await openMulti(place);
            client.send("{");
            await closing(place, client);
            expect(client.raw.at(-1)).not.toContain("trace_id");
          },
        },
      ],
    },
    errorsNameContext: {
      kind: [
        {
          name: "[125] must name the context in errors about one, and in no others",
          async run(place) {
            const client = await openMulti(place);
            place.bench.tone.failWith(new Error("flat"));
            client.send({ text: hello, context_id: "a", flush: true });
            await finalFrom(client, "a");
            expect(client.frames[0]).toMatchObject({ code: 1011, contextId: "a", context_id: "a" });
            client.send("{");
            expect((await closing(place, client)).code).toBe(1008);
            expect(client.frames.at(-1)).not.toHaveProperty("contextId");
          },
        },
      ],
      observed: [
        {
          name: "[125] observed: names no context in errors",
          async run(place) {
            const client = await openMulti(place);
            client.send({ text: " ", context_id: "a" });
            client.send({ text: " ", context_id: "a", voice_settings: { speed: 0.9 } });
            await closing(place, client);
            expect(client.frames.map((frame) => Object.keys(frame).toSorted())).toEqual([
              ["code", "error", "message"],
            ]);
          },
        },
      ],
    },
    emptyMessageOpens: { kind: [opensNothing], observed: [opensPhantoms] },
    changedSettings: {
      kind: [
        {
          name: "[69] should apply changed settings to what is dispatched afterwards, in every context",
          async run(place) {
            const client = await openMulti(place);
            client.send({ text: " ", context_id: "a", voice_settings: { speed: 1 } });
            client.send({ text: hello, context_id: "a", flush: true });
            client.send({ text: again, context_id: "a", voice_settings: { speed: 0.8 } });
            client.send({ context_id: "a", close_context: true });
            await finalFrom(client, "a");
            expect(client.audio()).toHaveLength(toneBytes(hello) + toneBytes(again, 0.8));
          },
        },
      ],
      observed: [
        {
          name: "[69] observed: closes stream-input when settings change",
          async run(place) {
            const client = await openStream(place);
            client.send({ text: " ", voice_settings: { speed: 1 } });
            client.send({ text: hello, voice_settings: { speed: 0.8 } });
            expect((await closing(place, client)).code).toBe(1008);
            expect(client.frames).toEqual([
              {
                message:
                  "voice_settings field must be provided in the first message and then either be not provided or not change.",
                error: "invalid_voice_settings",
                code: 1008,
              },
            ]);
          },
        },
        {
          name: "[124] observed: closes the socket when a context's settings change",
          async run(place) {
            const client = await openMulti(place);
            client.send({ text: " ", context_id: "b", voice_settings: { speed: 0.8 } });
            client.send({ text: " ", context_id: "a", voice_settings: { speed: 1 } });
            await client.settled();
            expect(client.frames).toEqual([]);
            client.send({ text: hello, context_id: "a", voice_settings: { speed: 0.8 } });
            expect((await closing(place, client)).code).toBe(1008);
            expect(client.frames.map(({ error }) => error)).toEqual(["invalid_voice_settings"]);
          },
        },
        {
          name: "[124] observed: closes the socket when the first settings come late, also empty ones",
          async run(place) {
            const client = await openMulti(place);
            client.send(
              { text: " ", context_id: "a" },
              { text: " ", context_id: "a", voice_settings: {} },
            );
            expect((await closing(place, client)).code).toBe(1008);
          },
        },
        {
          name: "[68] observed: accepts the same settings again, and null",
          async run(place) {
            const client = await openMulti(place);
            const voice_settings = { speed: 0.8, stability: 0.3 };
            client.send({ text: " ", context_id: "a", voice_settings });
            client.send({ text: hello, context_id: "a", voice_settings, flush: true });
            client.send({
              text: again,
              context_id: "a",
              voice_settings: null,
              close_context: true,
            });
            await finalFrom(client, "a");
            expect(client.audio()).toHaveLength(toneBytes(hello, 0.8) + toneBytes(again, 0.8));
          },
        },
      ],
    },
    closeSocket: {
      kind: [
        {
          name: "[121] must close at once after close_socket when nothing is pending, despite a keepalive without id",
          async run(place) {
            const client = await openMulti(place);
            client.send({ text: " ", context_id: "a" }, { text: "" }, { close_socket: true });
            expect(await client.closed).toEqual(normalClose);
          },
        },
      ],
      observed: [
        {
          name: "[121] observed: closes when the last context has been closed",
          async run(place) {
            const client = await openMulti(place);
            client.send({ text: hello, context_id: "a" }, { close_socket: true });
            await client.settled();
            place.bench.clock.advance(10_000);
            await client.settled();
            expect(client.frames).toEqual([]);
            client.send({ text: again, context_id: "a", close_context: true });
            await finalFrom(client, "a");
            expect(spelled(client.frames)).toBe(hello + again);
            expect(await closing(place, client)).toEqual(normalClose);
          },
        },
        {
          name: "[121] observed: closes when the last context with a name has timed out",
          async run(place) {
            const client = await openMulti(place);
            client.send({ text: "", context_id: "a" });
            await client.settled();
            place.bench.clock.advance(5000);
            client.send({ close_socket: true });
            await client.settled();
            place.bench.clock.advance(14_999);
            await client.settled();
            expect(client.socket.readyState).toBe(WebSocket.OPEN);
            place.bench.clock.advance(1);
            expect(await closing(place, client)).toEqual(normalClose);
            expect(client.frames).toEqual([]);
          },
        },
        {
          name: "[121] observed: closes when a phantom default context has timed out, which close_socket does not renew",
          async run(place) {
            const client = await openMulti(place);
            client.send({ text: "" });
            await client.settled();
            place.bench.clock.advance(5000);
            client.send({ close_socket: true });
            await client.settled();
            place.bench.clock.advance(14_999);
            await client.settled();
            expect(client.socket.readyState).toBe(WebSocket.OPEN);
            for (const ms of [1, 800, 5000, 800]) {
              place.bench.clock.advance(ms);
              await client.settled();
            }
            expect(await client.closed).toEqual(normalClose);
            expect(client.frames).toEqual([]);
          },
        },
        {
          name: "[121] observed: closes when no context is open at all",
          async run(place) {
            const client = await openMulti(place);
            client.send({ text: hello, context_id: "a", close_context: true });
            await finalFrom(client, "a");
            client.send({ close_socket: true });
            expect(await closing(place, client)).toEqual(normalClose);
          },
        },
      ],
    },
    closeDelayMs: {
      kind: [
        {
          name: "[55] should close at once after the final frame and after an error frame",
          async run(place) {
            const before = place.bench.clock.now();
            const client = await openStream(place);
            client.send({ text: hello }, { text: "" });
            expect(await client.closed).toEqual(normalClose);
            const failing = await openMulti(place);
            failing.send("{");
            expect((await failing.closed).code).toBe(1008);
            expect(place.bench.clock.now()).toBe(before);
          },
        },
      ],
      observed: [
        {
          name: "[55] observed: closes 800 ms after the final frame and ignores what comes meanwhile",
          async run(place) {
            const client = await openStream(place);
            client.send({ text: hello }, { text: "" });
            await client.frame(({ isFinal }) => isFinal === true);
            const heard = client.frames.length;
            await client.settled();
            place.bench.clock.advance(799);
            client.send({ text: again, flush: true }, "{");
            await client.settled();
            expect(client.socket.readyState).toBe(WebSocket.OPEN);
            place.bench.clock.advance(1);
            expect(await client.closed).toEqual(normalClose);
            expect(client.frames).toHaveLength(heard);
          },
        },
        {
          name: "[55] observed: closes 800 ms after an error frame, on both sockets",
          async run(place) {
            for (const client of [await openStream(place), await openMulti(place)]) {
              client.send("{");
              await client.frame(({ error }) => error === "invalid_input_message");
              await client.settled();
              place.bench.clock.advance(799);
              await client.settled();
              expect(client.socket.readyState).toBe(WebSocket.OPEN);
              place.bench.clock.advance(1);
              expect((await client.closed).code).toBe(1008);
              expect(client.frames).toHaveLength(1);
            }
          },
        },
      ],
    },
    partialWords: {
      kind: [
        {
          name: "[51] should hold back a part of a word with auto_mode, on both sockets",
          async run(place) {
            const query = "auto_mode=true";
            for (const client of [await openStream(place, query), await openMulti(place, query)]) {
              client.send({ text: "Hel" }, { text: "lo there. " });
              await sounding(client, toneBytes(hello));
            }
            expect(place.bench.tone.begun).toEqual([hello, hello]);
          },
        },
      ],
      observed: [
        {
          name: "[51] observed: speaks every message as it is with auto_mode, on both sockets",
          async run(place) {
            const query = "auto_mode=true";
            for (const client of [await openStream(place, query), await openMulti(place, query)]) {
              client.send({ text: "Hel" }, { text: "lo" }, { text: " world" }, { text: "." });
              await client.settled();
              expect(place.bench.tone.begun.splice(0).map((text) => text.trim())).toEqual([
                "Hel",
                "lo",
                "world",
                ".",
              ]);
            }
          },
        },
      ],
    },
    backgroundPace: {
      kind: [
        {
          name: "[129] should slow a context that is being closed while a newer one speaks",
          run: (place) => bargeIn(place, (oldMs) => expect(oldMs).toBeLessThanOrEqual(3000)),
        },
      ],
      observed: [
        {
          name: "[129] observed: sends a context that is being closed as fast as before",
          run: (place) => bargeIn(place, (oldMs) => expect(oldMs).toBeGreaterThan(6000)),
        },
      ],
    },
    duplicateSpellings: {
      kind: [
        {
          name: "[127] should send context_id and is_final as well",
          async run(place) {
            const client = await openMulti(place);
            client.send({ text: hello, context_id: "a", close_context: true });
            expect(await finalFrom(client, "a")).toStrictEqual(finalOf("a"));
            expect(client.frames.map(({ context_id }) => context_id)).toEqual(
              client.frames.map(() => "a"),
            );
          },
        },
      ],
      observed: [
        {
          name: "[127] observed: sends contextId and isFinal only",
          async run(place) {
            const client = await openMulti(place);
            client.send({ text: hello, context_id: "a", flush: true });
            client.send({ context_id: "a", close_context: true });
            expect(await finalFrom(client, "a")).toStrictEqual(plainFinalOf("a"));
            const keys = new Set(client.frames.flatMap((frame) => Object.keys(frame)));
            expect([...keys].toSorted()).toEqual([
              "alignment",
              "audio",
              "contextId",
              "isFinal",
              "normalizedAlignment",
            ]);
          },
        },
      ],
    },
  };

/** Interrupts a long text and looks how much of it came before the new text was out. */
async function bargeIn(place: Place, check: (oldMs: number) => void): Promise<void> {
  const { tone } = place.bench;
  const client = await openMulti(place);
  tone.hold();
  client.send({ text: prose(90).repeat(20), context_id: "old", close_context: true });
  await client.settled();
  client.send({ text: prose(90).repeat(6), context_id: "new", flush: true });
  await client.settled();
  tone.release();
  const isWhole = (): boolean => spelled(framesOf(client.frames, "new")).length >= 6 * 90;
  await client.frame(isWhole);
  const lastOfNew = client.frames.findLastIndex(({ contextId }) => contextId === "new");
  check(soundOf(framesOf(client.frames.slice(0, lastOfNew), "old")).length / 32);
}
