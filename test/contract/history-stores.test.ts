import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TurnRecord } from "../../src/protocol/records.ts";
import type { HistoryQuery } from "../../src/protocol/stores.ts";
import { DamagedRowError } from "../../src/store/stored-json.ts";
import { openDatabase } from "../../src/store/database.ts";
import { databaseRows, type OpenedDatabase } from "../support/databases.ts";
import { joined, openRecordStores, type RecordStores, turnOf } from "../support/record-stores.ts";

const idOf = (number: number): string => `0Turn${String(number).padStart(15, "0")}`;

const turn = (number: number, more: Partial<TurnRecord> = {}): TurnRecord =>
  turnOf(idOf(number), { startedAtUnix: 1_700_000_000 + number, ...more });

const mp3 = {
  encoding: "mp3",
  container: "raw",
  sampleRateHz: 44_100,
  bitrateBps: 128_000,
} as const;

const all: HistoryQuery = {
  keyId: undefined,
  pageSize: 100,
  order: "newest-first",
  afterId: undefined,
  voiceId: undefined,
  modelId: undefined,
  fromUnix: undefined,
  untilUnix: undefined,
  search: undefined,
};

/** Bytes that no others look like. */
const noise = (length: number, seed: number): Uint8Array => {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 24;
  });
};

for (const row of databaseRows) {
  describe.skipIf(row.skip)(`the history store: ${row.name}`, () => {
    let opened: OpenedDatabase;
    let stores: RecordStores;
    beforeEach(async () => {
      opened = await row.open();
      stores = openRecordStores(opened.database);
    });
    afterEach(async () => {
      await stores.behind.close();
      await opened.close();
      if (stores.faults.length > 0) throw new AggregateError(stores.faults, "Something went wrong");
    });

    const add = (...turns: readonly TurnRecord[]): Promise<unknown> =>
      Promise.all(turns.map((each) => stores.history.add(each)));

    /** Numbers of the turns a query finds. */
    const found = async (query: Partial<HistoryQuery>): Promise<number[]> => {
      const { turns } = await stores.history.list({ ...all, ...query });
      return turns.map(({ id }) => Number(id.slice(5)));
    };

    const soundOf = (id: string): Promise<Buffer> => joined(stores.history.audio(id));

    const countParts = async (): Promise<number> => {
      const parts = await opened.database.query.selectFrom("turn_audio").select("part").execute();
      return parts.length;
    };

    describe("turns", () => {
      it("are not there at first", async () => {
        expect(await stores.history.list(all)).toEqual({ turns: [], hasMore: false });
        expect(await stores.history.find("anything")).toBeUndefined();
        expect(await stores.history.delete("anything")).toBe(false);
        expect(await soundOf("anything")).toHaveLength(0);
      });

      it("come back with every member as it was", async () => {
        const full = turn(1, {
          text: "Zwölf 🦆 „quoted“ \n lines",
          markup: "ssml",
          normalization: "off",
          audioMs: 0.1 + 0.2,
          audioFormat: mp3,
          dictionaries: [],
          settings: {
            speed: 1.1,
            stability: 0.2,
            similarityBoost: 0.3,
            style: 0.4,
            useSpeakerBoost: false,
          },
        });
        stores.history.addAudio(full.id, new Uint8Array([1]));
        await stores.history.add(full);
        expect(await stores.history.find(full.id)).toEqual(full);
        expect((await stores.history.list(all)).turns).toEqual([full]);
      });

      it("are listed by id, whenever they were added", async () => {
        for (const number of [2, 3, 1]) await stores.history.add(turn(number));
        expect(await found({})).toEqual([3, 2, 1]);
        expect(await found({ order: "oldest-first" })).toEqual([1, 2, 3]);
      });

      it("are sorted by the codes of the characters of their ids", async () => {
        await add(...["0b", "0B", "0a", "0A", "09"].map((id) => turnOf(id)));
        const { turns } = await stores.history.list({ ...all, order: "oldest-first" });
        expect(turns.map(({ id }) => id)).toEqual(["09", "0A", "0B", "0a", "0b"]);
        const after = await stores.history.list({ ...all, afterId: "0a" });
        expect(after.turns.map(({ id }) => id)).toEqual(["0B", "0A", "09"]);
      });

      it.each(["newest-first", "oldest-first"] as const)("come in pages, %s", async (order) => {
        await add(...[1, 2, 3, 4, 5, 6, 7].map((number) => turn(number)));
        const seen: number[] = [];
        const sizes: number[] = [];
        let afterId: string | undefined;
        for (let hasMore = true; hasMore; ) {
          const page = await stores.history.list({ ...all, order, pageSize: 3, afterId });
          sizes.push(page.turns.length);
          seen.push(...page.turns.map(({ id }) => Number(id.slice(5))));
          afterId = page.turns.at(-1)?.id;
          ({ hasMore } = page);
        }
        expect(sizes).toEqual([3, 3, 1]);
        const ascending = [1, 2, 3, 4, 5, 6, 7];
        expect(seen).toEqual(order === "oldest-first" ? ascending : ascending.toReversed());
      });

      it("know no more when a page ends with the last one", async () => {
        await add(turn(1), turn(2));
        expect((await stores.history.list({ ...all, pageSize: 2 })).hasMore).toBe(false);
      });

      it("go on after one that was deleted in between", async () => {
        await add(turn(1), turn(2), turn(3), turn(4));
        await stores.history.delete(turn(3).id);
        expect(await found({ afterId: turn(3).id })).toEqual([2, 1]);
      });

      it("are found by key, voice, model and time", async () => {
        await add(
          turn(1, { voiceId: "voice-b" }),
          turn(2, { modelId: "model-b" }),
          turn(3, { keyId: "" }),
        );
        expect(await found({ voiceId: "voice-b" })).toEqual([1]);
        expect(await found({ modelId: "model-b" })).toEqual([2]);
        expect(await found({ keyId: "" })).toEqual([3]);
        expect(await found({ keyId: "key-a" })).toEqual([2, 1]);
        expect(await found({ keyId: "key-a", voiceId: "voice-a" })).toEqual([2]);
        expect(await found({ fromUnix: 1_700_000_002 })).toEqual([3, 2]);
        expect(await found({ fromUnix: 1_700_000_001.5 })).toEqual([3, 2]);
        expect(await found({ untilUnix: 1_700_000_002 })).toEqual([1]);
        expect(await found({ fromUnix: -1e300, untilUnix: 1e300 })).toEqual([3, 2, 1]);
      });

      it("stay as they are when they are added again", async () => {
        await stores.history.add(turn(1));
        await stores.history.add(turn(1, { text: "Other" }));
        expect(await stores.history.find(turn(1).id)).toEqual(turn(1));
      });

      it("are gone when they are deleted, and no others", async () => {
        await add(turn(1), turn(2));
        expect(await stores.history.delete(turn(1).id)).toBe(true);
        expect(await stores.history.delete(turn(1).id)).toBe(false);
        expect(await stores.history.find(turn(1).id)).toBeUndefined();
        expect(await found({})).toEqual([2]);
      });

      it("may hold whatever a client writes", async () => {
        const hostile = [`'); drop table turns; --`, `" or 1=1 /*`, "$1 ? :x \\", "%_%", "\u2028"];
        const turns = hostile.map((text, index) =>
          turn(index, { text, voiceName: text, requestId: text, modelId: text }),
        );
        await add(...turns);
        const { turns: kept } = await stores.history.list({ ...all, order: "oldest-first" });
        expect(kept).toEqual(turns);
        for (const [index, text] of hostile.entries()) {
          expect(await found({ modelId: text })).toEqual([index]);
          expect(await found({ search: text })).toEqual([index]);
          expect(await stores.history.find(text)).toBeUndefined();
          expect(await stores.history.delete(text)).toBe(false);
        }
      });

      it("have the replacement character for what no database keeps", async () => {
        await add(turn(1, { text: "a\0b\uD800c" }));
        expect((await stores.history.find(turn(1).id))?.text).toBe("a\uFFFDb\uFFFDc");
        expect(await found({ search: "B\uD800C" })).toEqual([1]);
      });
    });

    describe("a search", () => {
      it("is for part of the text, in any case of A to Z", async () => {
        await add(
          turn(1, { text: "Nothing." }),
          turn(2, { text: "ÄRGER and Straße" }),
          turn(3, { text: "Something ELSE, 100% sure_ly \\o/." }),
        );
        expect(await found({ search: "eLsE" })).toEqual([3]);
        expect(await found({ search: "0% SURE_" })).toEqual([3]);
        expect(await found({ search: "%" })).toEqual([3]);
        expect(await found({ search: "\\O/" })).toEqual([3]);
        expect(await found({ search: "e_se" })).toEqual([]);
        expect(await found({ search: "ÄRger" })).toEqual([2]);
        expect(await found({ search: "ärger" })).toEqual([]);
        expect(await found({ search: "" })).toEqual([3, 2, 1]);
        expect(await found({ voiceId: "voice-b", search: "else" })).toEqual([]);
      });

      it("goes through all turns, however many", async () => {
        const numbers = Array.from({ length: 4100 }, (_, index) => index);
        const marked = new Set([0, 1999, 2000, 4000, 4099]);
        await add(
          ...numbers.map((number) => turn(number, { text: marked.has(number) ? "needle" : "hay" })),
        );
        expect(await found({ search: "needle" })).toEqual([4099, 4000, 2000, 1999, 0]);
        expect(await found({ search: "needle", order: "oldest-first" })).toEqual([...marked]);
        expect(await found({ search: "needle", afterId: idOf(4000) })).toEqual([2000, 1999, 0]);
        const page = await stores.history.list({ ...all, search: "needle", pageSize: 4 });
        expect(page.turns).toHaveLength(4);
        expect(page.hasMore).toBe(true);
      });
    });

    describe("sound", () => {
      it("comes back to the byte, whatever its frames were", async () => {
        const sound = noise(700_001, 1);
        const sizes = [1, 0, 36_000, 300_000, 7, 100_000, 263_993];
        let at = 0;
        for (const size of sizes) {
          stores.history.addAudio(turn(1).id, sound.subarray(at, at + size));
          stores.history.addAudio(turn(2).id, noise(1000, at));
          at += size;
        }
        expect(at).toBe(sound.length);
        await add(turn(1, { audioFormat: mp3 }), turn(2, { audioFormat: mp3 }));
        expect((await soundOf(turn(1).id)).equals(sound)).toBe(true);
        expect(await soundOf(turn(2).id)).toHaveLength(7000);
      });

      it("is kept in parts while it is spoken", async () => {
        for (let number = 0; number < 10; number += 1) {
          stores.history.addAudio(turn(1).id, noise(100_000, number));
        }
        await expect.poll(countParts).toBeGreaterThan(0);
        expect(await soundOf(turn(1).id)).toHaveLength(0);
        stores.history.addAudio(turn(1).id, noise(3, 10));
        await stores.history.add(turn(1, { audioFormat: mp3 }));
        const sounds = Array.from({ length: 10 }, (_, number) => noise(100_000, number));
        const sound = Buffer.concat([...sounds, noise(3, 10)]);
        expect((await soundOf(turn(1).id)).equals(sound)).toBe(true);
        for await (const { length } of stores.history.audio(turn(1).id)) {
          expect(length).toBeLessThanOrEqual(256 * 1024);
        }
      });

      it("is not kept of turns that are dropped", async () => {
        stores.history.addAudio(turn(1).id, noise(100_000, 1));
        await expect.poll(countParts).toBe(1);
        stores.history.dropAudio(turn(1).id);
        stores.history.addAudio(turn(2).id, noise(10, 1));
        stores.history.dropAudio(turn(2).id);
        await stores.behind.flushed();
        expect(await countParts()).toBe(0);
      });

      it("is not kept of turns that have no format, nor of those that never end", async () => {
        stores.history.addAudio(turn(1).id, noise(100_000, 1));
        await stores.history.add(turn(1));
        expect(await soundOf(turn(1).id)).toHaveLength(0);
        stores.history.addAudio(turn(2).id, noise(100_000, 1));
        await expect.poll(countParts).toBe(1);
        await stores.behind.close();
        expect(await countParts()).toBe(0);
      });

      it("leaves a turn without a format if there was none of it", async () => {
        await stores.history.add(turn(1, { audioFormat: mp3 }));
        expect(await stores.history.find(turn(1).id)).toEqual(turn(1));
      });

      it("goes with its turn", async () => {
        stores.history.addAudio(turn(1).id, noise(300_000, 1));
        await stores.history.add(turn(1, { audioFormat: mp3 }));
        expect(await countParts()).toBe(2);
        await stores.history.delete(turn(1).id);
        expect(await soundOf(turn(1).id)).toHaveLength(0);
        expect(await countParts()).toBe(0);
      });

      it("breaks off when its turn is deleted while it is read", async () => {
        stores.history.addAudio(turn(1).id, noise(300_000, 1));
        await stores.history.add(turn(1, { audioFormat: mp3 }));
        const reading = stores.history.audio(turn(1).id);
        expect((await reading.next()).done).toBe(false);
        await stores.history.delete(turn(1).id);
        await expect(reading.next()).rejects.toThrow("deleted");
      });
    });

    describe("pruning", () => {
      it("deletes turns that are too old, with their sound", async () => {
        const numbers = Array.from({ length: 250 }, (_, index) => index);
        stores.history.addAudio(turn(0).id, noise(10, 1));
        await add(...numbers.map((number) => turn(number, { audioFormat: mp3 })));
        const beforeUnix = 1_700_000_220;
        expect(await stores.history.prune({ beforeUnix, maxBytes: Infinity })).toBe(220);
        expect(await found({ order: "oldest-first" })).toEqual(numbers.slice(220, 320));
        expect(await countParts()).toBe(0);
        expect(await stores.history.prune({ beforeUnix, maxBytes: Infinity })).toBe(0);
      });

      it("deletes the oldest turns, and no more of them than it takes", async () => {
        for (let number = 0; number < 10; number += 1) {
          stores.history.addAudio(turn(number).id, noise(1000, number));
        }
        const numbers = Array.from({ length: 10 }, (_, index) => index);
        await add(
          ...numbers.map((number) => turn(number, { text: "ä".repeat(50), audioFormat: mp3 })),
        );
        const limits = (maxBytes: number) => ({ beforeUnix: 0, maxBytes });
        expect(await stores.history.prune(limits(11_000))).toBe(0);
        expect(await stores.history.prune(limits(10_999))).toBe(1);
        expect(await stores.history.prune(limits(5500))).toBe(4);
        expect(await found({})).toEqual([9, 8, 7, 6, 5]);
        expect(await stores.history.prune(limits(0))).toBe(5);
        expect(await countParts()).toBe(0);
      });
    });

    it.each(["settings", "dictionaries", "audio_format", "markup"] as const)(
      "says which table is damaged: %s",
      async (column) => {
        await stores.history.add(turn(1));
        await opened.database.query
          .updateTable("turns")
          .set({ [column]: `{"speed":"secret"}` })
          .execute();
        const error: unknown = await stores.history.find(turn(1).id).catch((thrown) => thrown);
        expect(error).toBeInstanceOf(DamagedRowError);
        expect(String(error)).toContain(`the table turns is damaged: its ${column}`);
        expect(String(error)).not.toContain("secret");
      },
    );

    it.skipIf(row.kind === "memory")("is there when the database is opened again", async () => {
      stores.history.addAudio(turn(1).id, noise(100_000, 1));
      await stores.history.add(turn(1, { audioFormat: mp3 }));
      const database = await openDatabase(opened.place);
      const again = openRecordStores(database).history;
      expect(await again.find(turn(1).id)).toEqual(turn(1, { audioFormat: mp3 }));
      expect((await joined(again.audio(turn(1).id))).equals(noise(100_000, 1))).toBe(true);
      await database.close();
    });
  });
}
