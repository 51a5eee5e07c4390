import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Records } from "../../src/open-records.ts";
import type { TurnRecord } from "../../src/protocol/records.ts";
import { openMemoryRecords } from "../support/records.ts";
import { createWatchedTone, startServer, type TestServer } from "../support/server.ts";
import { openStreamInput, type StreamInput } from "../support/stream-input.ts";

let records: Records;
let server: TestServer;

beforeEach(async () => {
  records = await openMemoryRecords();
  server = await startServer({
    engines: [createWatchedTone({ msPerChar: 10 }).engine],
    records,
    flags: { auth: "off", workers: "2", closeGraceMs: "300" },
  });
});
afterEach(async () => {
  await server.close();
  await records.close();
});

/** Numbers from 0 to 1, the same ones every time (Park and Miller, 1988). */
function createDice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What turns begin with, so that they can be told apart. */
const opening = (turn: number): string => `Turn ${turn} begins here. `;
const more = "And there is a little more to say about all of this, and then some. ";
const turnOf = (text: string): number => Number(/^Turn (\d+) /.exec(text)?.[1]);

/** The audio that came for each turn of a socket, whose contexts were opened in this order. */
function heardOf({ frames }: StreamInput, turnsByName: ReadonlyMap<string, number[]>) {
  const heard = new Map<number, Buffer>();
  const waiting = new Map(Array.from(turnsByName, ([name, turns]) => [name, [...turns]]));
  for (const { contextId, audio, isFinal } of frames) {
    const turns = waiting.get(contextId ?? "") ?? [];
    const [turn] = turns;
    if (turn === undefined) continue;
    const before = heard.get(turn) ?? Buffer.alloc(0);
    heard.set(turn, Buffer.concat([before, Buffer.from(audio ?? "", "base64")]));
    if (isFinal) turns.shift();
  }
  return heard;
}

async function keptTurns(): Promise<readonly TurnRecord[]> {
  const response = await fetch(`${server.url}/v1/history?page_size=1000`);
  const page = (await response.json()) as { history: { history_item_id: string }[] };
  const turns = await Promise.all(
    page.history.map(({ history_item_id }) => records.stores.history.find(history_item_id)),
  );
  return turns.filter((turn) => turn !== undefined);
}

/** Compares what is kept with what was heard; gives how many turns had sound. */
async function compare(heard: ReadonlyMap<number, Buffer>, format: string): Promise<number> {
  const wrong: string[] = [];
  let withSound = 0;
  for (const { id, text, audioFormat } of await keptTurns()) {
    const expected = heard.get(turnOf(text)) ?? Buffer.alloc(0);
    const kept = audioFormat ? await download(id, format) : Buffer.alloc(0);
    if (!kept.equals(expected)) wrong.push(text);
    if (kept.length > 0) withSound += 1;
  }
  expect(wrong).toEqual([]);
  const audible = [...heard.values()].filter(({ length }) => length > 0);
  expect(withSound).toBe(audible.length);
  return withSound;
}

async function download(id: string, format: string): Promise<Buffer> {
  const response = await fetch(`${server.url}/v1/history/download`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ history_item_ids: [id], output_format: format }),
  });
  return Buffer.from(await response.arrayBuffer());
}

describe.each(["mp3_44100_128", "pcm_16000"])("what history has of a storm in %s", (format) => {
  it.each([1, 2])(
    "is what each of five contexts was sent, interrupted and cancelled as they are (%i)",
    async (seed) => {
      const dice = createDice(seed);
      const client = await openStreamInput(server.wsUrl, {
        path: "/v1/text-to-speech/tone/multi-stream-input",
        query: `output_format=${format}&ext=1`,
      });
      const names = ["a", "b", "c", "d", "e"];
      const turnsByName = new Map(names.map((name) => [name, [] as number[]]));
      const open = new Set<string>();
      let turn = 0;
      for (let step = 0; step < 150; step += 1) {
        const name = names[Math.floor(dice() * names.length)] ?? "";
        const fate = dice();
        if (!open.has(name)) {
          turn += 1;
          turnsByName.get(name)?.push(turn);
          open.add(name);
          client.send({ context_id: name, text: opening(turn), flush: fate < 0.7 });
        } else if (fate < 0.5) {
          client.send({ context_id: name, text: more, flush: fate < 0.3 });
        } else {
          open.delete(name);
          const isCancelled = fate < 0.75;
          client.send({
            context_id: name,
            ...(isCancelled ? { type: "cancel" } : { close_context: true }),
          });
        }
        if (dice() < 0.4) await pause(dice() * 20);
      }
      client.send({ close_socket: true });
      await client.closed;
      expect(client.frames.filter(({ error }) => error !== undefined)).toEqual([]);
      expect(await compare(heardOf(client, turnsByName), format)).toBeGreaterThan(turn / 2);
    },
  );

  it("is what sockets of their own were sent at the same time", async () => {
    const dice = createDice(3);
    const turns = Array.from({ length: 6 }, (_, index) => index + 1);
    const heard = new Map<number, Buffer>();
    await Promise.all(
      turns.map(async (turn) => {
        const client = await openStreamInput(server.wsUrl, { query: `output_format=${format}` });
        client.send({ text: " " }, { text: opening(turn), flush: true });
        for (let piece = 0; piece < turn; piece += 1) {
          client.send({ text: more });
          await pause(dice() * 20);
        }
        client.send({ text: "" });
        await client.closed;
        heard.set(turn, client.audio());
      }),
    );
    expect(await compare(heard, format)).toBe(turns.length);
  });
});
