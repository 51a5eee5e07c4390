import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConnectionQuery, ConnectionRecord } from "../../src/protocol/connections.ts";
import { DamagedRowError } from "../../src/store/stored-json.ts";
import { connectionOf } from "../support/connections.ts";
import { databaseRows, type OpenedDatabase } from "../support/databases.ts";
import { openRecordStores, type RecordStores } from "../support/record-stores.ts";

const id = (number: number): string => number.toString(16).padStart(32, "0");
const openedAtMs = 1_700_000_000_000;
const everything: ConnectionQuery = {
  keyId: undefined,
  voiceId: undefined,
  causeId: undefined,
  fromMs: undefined,
  untilMs: undefined,
  pageSize: 100,
  after: undefined,
};

for (const row of databaseRows) {
  describe.skipIf(row.skip)(`the connection store: ${row.name}`, () => {
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

    const add = (...records: readonly ConnectionRecord[]): void => {
      for (const record of records) stores.connections.add(record);
    };
    const ids = async (query: Partial<ConnectionQuery> = {}): Promise<string[]> => {
      const { connections } = await stores.connections.list({ ...everything, ...query });
      return connections.map((each) => each.id);
    };

    it("gives back what it was given", async () => {
      const record = connectionOf(id(1), {
        keyId: "key-a",
        voiceId: "voice-a",
        modelId: "model-a",
        cause: { id: "input_timeout", details: { seconds: 20 } },
        closeCode: 1008,
        closeReason: "No message arrived",
        events: [
          {
            atMs: 1.5,
            type: "received",
            context: "ctx ☂ 'a'",
            word: undefined,
            parts: ["text", "flush"],
            values: { sizeBytes: 30, characters: 12 },
          },
          {
            atMs: 20_001.5,
            type: "timer_fired",
            context: undefined,
            word: "inactivity message",
            parts: [],
            values: { limitMs: 20_000, lastResetAtMs: 1.5 },
          },
        ],
      });
      add(record);
      expect(await stores.connections.find(id(1))).toEqual(record);
      const { events: _, ...summary } = record;
      const page = await stores.connections.list(everything);
      expect(page).toEqual({ connections: [summary], next: undefined });
      expect(await stores.connections.find(id(2))).toBeUndefined();
    });

    it("keeps the first of two that have one name", async () => {
      add(connectionOf(id(1), { userAgent: "first" }));
      add(connectionOf(id(1), { userAgent: "second" }));
      expect((await stores.connections.find(id(1)))?.userAgent).toBe("first");
    });

    it("lists the newest first, page by page", async () => {
      add(
        ...[1, 2, 3, 4, 5].map((number) =>
          connectionOf(id(number), { openedAtMs: openedAtMs + Math.ceil(number / 2) }),
        ),
      );
      expect(await ids()).toEqual([5, 4, 3, 2, 1].map(id));
      const first = await stores.connections.list({ ...everything, pageSize: 2 });
      expect(first.connections.map((each) => each.id)).toEqual([id(5), id(4)]);
      const after = { openedAtMs: openedAtMs + 2, id: id(4) };
      expect(first.next).toEqual(after);
      expect(await ids({ pageSize: 2, after })).toEqual([id(3), id(2)]);
      expect(await ids({ after: { openedAtMs: openedAtMs + 1, id: id(1) } })).toEqual([]);
    });

    it("leaves out of a page what it cannot read, and goes on behind it", async () => {
      add(
        ...[1, 2, 3, 4, 5].map((number) =>
          connectionOf(id(number), { openedAtMs: openedAtMs + number }),
        ),
      );
      await stores.behind.flushed();
      const change = (number: number, values: { cause?: string; facts?: string }) =>
        opened.database.query
          .updateTable("connections")
          .set(values)
          .where("id", "=", id(number))
          .execute();
      await change(5, { cause: "of_a_newer_version" });
      await change(4, { facts: "{}" });
      await change(2, { facts: "[" });
      const first = await stores.connections.list({ ...everything, pageSize: 2 });
      expect(first).toEqual({ connections: [], next: { openedAtMs: openedAtMs + 4, id: id(4) } });
      expect(await ids({ pageSize: 2, after: first.next })).toEqual([id(3)]);
      expect(await ids()).toEqual([id(3), id(1)]);
      for (const fault of stores.faults.splice(0)) expect(fault).toBeInstanceOf(DamagedRowError);
    });

    it("finds by key, voice, cause and time", async () => {
      add(
        connectionOf(id(1), { keyId: "key-a", openedAtMs }),
        connectionOf(id(2), { keyId: "key-b", voiceId: "voice-b", openedAtMs: openedAtMs + 10 }),
        connectionOf(id(3), {
          cause: { id: "client_lost", details: {} },
          openedAtMs: openedAtMs + 20,
        }),
      );
      expect(await ids({ keyId: "key-a" })).toEqual([id(1)]);
      expect(await ids({ voiceId: "voice-b" })).toEqual([id(2)]);
      expect(await ids({ causeId: "client_lost" })).toEqual([id(3)]);
      expect(await ids({ fromMs: openedAtMs + 10 })).toEqual([id(3), id(2)]);
      expect(await ids({ untilMs: openedAtMs + 10 })).toEqual([id(1)]);
    });

    it("deletes what is too old, then the oldest while there is too much", async () => {
      add(
        ...[1, 2, 3, 4].map((number) =>
          connectionOf(id(number), { openedAtMs: openedAtMs + number * 1000 }),
        ),
      );
      await stores.behind.flushed();
      const beforeUnix = openedAtMs / 1000 + 2;
      expect(await stores.connections.prune({ beforeUnix, maxBytes: 1_000_000 })).toBe(1);
      expect(await ids()).toEqual([4, 3, 2].map(id));
      const { bytes } = await opened.database.query
        .selectFrom("connections")
        .select("bytes")
        .where("id", "=", id(4))
        .executeTakeFirstOrThrow();
      expect(await stores.connections.prune({ beforeUnix: 0, maxBytes: bytes })).toBe(2);
      expect(await ids()).toEqual([id(4)]);
      expect(await stores.connections.prune({ beforeUnix: 0, maxBytes: 0 })).toBe(1);
      expect(await stores.connections.prune({ beforeUnix: 0, maxBytes: 0 })).toBe(0);
    });
  });
}
