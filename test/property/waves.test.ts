import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { openWaves, type WavesClient, type WavesFrame } from "../support/waves.ts";

const scale = Math.max(1, Number(process.env["PROPERTY_RUNS"] ?? 1));

const folder = new URL("../data/", import.meta.url);
const prose = readdirSync(folder)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"))
  .join("\n");

const clock = new ManualClock();
let server: TestServer;

beforeAll(async () => {
  // Ten characters a second would make more audio than there is to learn from it.
  const engines = [createToneEngine({ msPerChar: 2 })];
  server = await startServer({ engines, clock, flags: { auth: "off", workers: "1" } });
});
afterAll(() => server?.close());

/** A text of the prose, cut into messages. */
interface CutText {
  readonly text: string;
  readonly pieces: readonly string[];
}

const cutText: fc.Arbitrary<CutText> = fc
  .record({
    start: fc.integer({ min: 0, max: prose.length - 700 }),
    length: fc.integer({ min: 1, max: 600 }),
    sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }),
  })
  .map(({ start, length, sizes }) => {
    // A message of white space alone opens no run.
    const text = prose.slice(start, start + length).trimStart() || "Word.";
    const pieces: string[] = [];
    for (let at = 0, index = 0; at < text.length; index += 1) {
      const size = sizes[index % sizes.length] ?? 1;
      pieces.push(text.slice(at, at + size));
      at += size;
    }
    return { text, pieces };
  });

const base = { voice_id: "tone", sample_rate: 16_000, word_timestamps: true };

const runMessages = ({ pieces }: CutText): object[] => [
  ...pieces.map((text) => ({ ...base, text, continue: true, flush: false })),
  { ...base, text: "", continue: false, flush: true },
];

const contextMessages = ({ pieces }: CutText, context_id: string): object[] => [
  ...pieces.map((text) => ({ ...base, text, context_id, continue: true })),
  { context_id, text: "", continue: false },
];

const squeeze = (text: string): string => text.replaceAll(/\s+/g, "");
const completes = (frames: readonly WavesFrame[]): WavesFrame[] =>
  frames.filter(({ status }) => status === "complete");
const wordsOf = (frames: readonly WavesFrame[]): string =>
  frames.map(({ data }) => data?.word ?? "").join("");

/** What a text sounds like that has a socket for itself and comes in one message. */
async function speakAlone(text: string): Promise<Buffer> {
  const client = await openWaves(server.wsUrl);
  client.send({ ...base, text, continue: false });
  await client.heard("complete");
  client.socket.terminate();
  return client.audio();
}

/** Sends the messages, and lets time pass where a pause is due. */
async function sendWithPauses(
  client: WavesClient,
  messages: readonly object[],
  pausesMs: readonly number[],
): Promise<void> {
  for (const [index, message] of messages.entries()) {
    client.send(message);
    const pauseMs = pausesMs[index % pausesMs.length] ?? 0;
    if (pauseMs === 0) continue;
    await client.settled();
    clock.advance(pauseMs);
  }
}

/** Mostly none: each takes the time of a few pings. */
const pauses = fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 250, 4000), {
  minLength: 7,
  maxLength: 30,
});

describe("a run", () => {
  it("sounds as its text alone and ends once, however it is cut and wherever it pauses", async () => {
    await fc.assert(
      fc.asyncProperty(cutText, pauses, async (cut, pausesMs) => {
        const client = await openWaves(server.wsUrl);
        await sendWithPauses(client, runMessages(cut), pausesMs);
        await client.heard("complete");
        await client.settled();
        clock.advance(20_000);
        await client.settled();
        expect(completes(client.frames)).toHaveLength(1);
        expect(new Set(client.frames.map(({ request_id }) => request_id)).size).toBe(1);
        expect(wordsOf(client.frames)).toBe(squeeze(cut.text));
        expect(client.audio().equals(await speakAlone(cut.text))).toBe(true);
        client.socket.terminate();
      }),
      { numRuns: 40 * scale },
    );
  });

  it("sounds the same in a queue of runs, which end in one complete", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cutText, { minLength: 2, maxLength: 4 }), async (texts) => {
        const client = await openWaves(server.wsUrl);
        client.send(...texts.flatMap(runMessages));
        await client.heard("complete");
        await client.settled();
        // One run may be done before the next one's messages have been read.
        const last = (): WavesFrame | undefined => completes(client.frames).at(-1);
        const ids = (): (string | undefined)[] => [
          ...new Set(client.frames.map(({ request_id }) => request_id)),
        ];
        while (ids().length < texts.length || last()?.request_id !== ids().at(-1)) {
          await client.settled();
        }
        for (const [index, { text }] of texts.entries()) {
          const id = ids()[index];
          expect(client.audio(id).equals(await speakAlone(text))).toBe(true);
          expect(
            completes(client.frames).filter(({ request_id }) => request_id === id).length,
          ).toBeLessThanOrEqual(1);
        }
        expect(client.frames.at(-1)?.status).toBe("complete");
        client.socket.terminate();
      }),
      { numRuns: 15 * scale },
    );
  });
});

describe("a context", () => {
  it("says all of its text once, whatever else is said on the socket in between", async () => {
    await fc.assert(
      fc.asyncProperty(
        cutText,
        cutText,
        cutText,
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 10, maxLength: 60 }),
        async (first, second, run, order) => {
          const client = await openWaves(server.wsUrl);
          const queues = [
            contextMessages(first, "a"),
            contextMessages(second, "b"),
            runMessages(run),
          ];
          for (let at = 0; queues.some((queue) => queue.length > 0); at += 1) {
            const next = queues[order[at % order.length] ?? 0]?.shift() ?? queues[at % 3]?.shift();
            if (next) client.send(next);
          }
          const said = (name: string | undefined): WavesFrame[] =>
            client.frames.filter(({ context_id }) => context_id === name);
          const isDone = (name: string | undefined, { text }: CutText): boolean =>
            wordsOf(said(name)) === squeeze(text) && said(name).at(-1)?.status === "complete";
          while (!(isDone("a", first) && isDone("b", second) && isDone(undefined, run))) {
            await client.settled();
          }
          expect(client.frames.some(({ status }) => status === "error")).toBe(false);
          expect(completes(said(undefined))).toHaveLength(1);
          for (const name of ["a", "b"]) {
            // Each request of a context is a series of its own, with one end.
            const requests = new Set(said(name).map(({ request_id }) => request_id));
            expect(completes(said(name))).toHaveLength(requests.size);
          }
          client.socket.terminate();
        },
      ),
      { numRuns: 25 * scale },
    );
  });
});

describe("messages of any kind", () => {
  const odd = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record(
        {
          voice_id: fc.constantFrom("tone", "nobody", 5, null),
          text: fc.constantFrom("Hello. ", " ", "", "a", 5, null, []),
          continue: fc.constantFrom(true, false, null, "yes"),
          flush: fc.boolean(),
          context_id: fc.constantFrom("a", "b", "", 5, "a b"),
          context_close: fc.boolean(),
          cancel_request: fc.boolean(),
          max_buffer_flush_ms: fc.constantFrom(0, 100, -1, 1e9, "1"),
          max_buffer_delay_ms: fc.constantFrom(0, 300, 1e9),
          complete_backoff_ms: fc.constantFrom(0, 50, 1e9),
          sample_rate: fc.constantFrom(16_000, 8000, 12_345),
          output_format: fc.constantFrom("pcm", "wav", "mulaw"),
          speed: fc.constantFrom(0, 1, 100),
          type: fc.constantFrom("cancel", "keep_alive", "init"),
        },
        { requiredKeys: [] },
      )
      .map((message) => JSON.stringify(message)),
  );

  it("never close a socket, and a request after them is spoken", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(odd, { maxLength: 25 }),
        fc.constantFrom("", "ext=1&segments=true&boundaries=word"),
        async (messages, query) => {
          const client = await openWaves(server.wsUrl, { query });
          client.send(...messages);
          // Whatever run is open is ended by these, or given up.
          client.send({ cancel_request: true }, { ...base, text: "At last.", continue: false });
          const isHeard = (): boolean =>
            completes(client.frames).some(({ request_id: id }) => {
              const own = client.frames.filter(({ request_id }) => request_id === id);
              return wordsOf(own) === "Atlast.";
            });
          for (let round = 0; !isHeard(); round += 1) {
            if (round > 200) throw new Error(`not spoken: ${client.raw.slice(-3).join("\n")}`);
            await client.settled();
          }
          client.socket.terminate();
        },
      ),
      { numRuns: 150 * scale },
    );
  });
});
