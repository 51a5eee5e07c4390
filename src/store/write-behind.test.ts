import { beforeEach, describe, expect, it } from "vitest";
import { passTime } from "../../test/support/passing-time.ts";
import { turnOf } from "../../test/support/record-stores.ts";
import { ManualClock } from "../clock.ts";
import type { UsageEntry } from "../protocol/stores.ts";
import type { Batch } from "./batch.ts";
import { StoreFault } from "./store-fault.ts";
import { WriteBehind } from "./write-behind.ts";

const mp3 = { encoding: "mp3", container: "raw", sampleRateHz: 44_100 } as const;
const mebibyte = 1024 * 1024;

const entry: UsageEntry = {
  atUnix: 0,
  keyId: "key",
  voiceId: "voice",
  modelId: "model",
  requests: 1,
  characters: 10,
  cost: 5,
  audioMs: 100,
};

class DatabaseFailure extends Error {
  readonly code: string;

  constructor(code: string) {
    super("secret words of a row");
    this.code = code;
  }
}

let clock: ManualClock;
let behind: WriteBehind;
let written: Batch[];
let faults: StoreFault[];
/** What the next writes end with; they work when it is empty. */
let failures: Error[];
/** Holds up all writes while it is not resolved. */
let gate: Promise<void>;

beforeEach(() => {
  clock = new ManualClock();
  written = [];
  faults = [];
  failures = [];
  gate = Promise.resolve();
  behind = new WriteBehind({
    clock,
    onFault: (fault) => faults.push(fault),
    async write(batch) {
      await gate;
      const failure = failures.shift();
      if (failure) throw failure;
      written.push(batch);
    },
  });
});

/** Lets everything happen that needs no time. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const failing = (count: number, code = "57P03"): Error[] =>
  Array.from({ length: count }, () => new DatabaseFailure(code));

describe("when it writes", () => {
  it("waits 50 ms for more", async () => {
    void behind.addUsage(entry);
    void behind.addUsage(entry);
    clock.advance(49);
    await settle();
    expect(written).toHaveLength(0);
    clock.advance(1);
    await settle();
    expect(written.map(({ usage }) => usage)).toEqual([
      [expect.objectContaining({ requests: 2, characters: 20, cost: 10, audio_ms: 200 })],
    ]);
  });

  it("does not wait when somebody else does, and takes along what came before", async () => {
    const counted = behind.addUsage(entry);
    await behind.addTurn(turnOf("a"));
    await counted;
    expect(written).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it("writes what comes in one go together", async () => {
    await Promise.all(["a", "b", "c"].map((id) => behind.addTurn(turnOf(id))));
    expect(written.map(({ turns }) => turns.length)).toEqual([3]);
  });

  it("writes what comes while it writes with the next batch", async () => {
    let open = (): void => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const first = behind.addTurn(turnOf("a"));
    await settle();
    const others = ["b", "c"].map((id) => behind.addTurn(turnOf(id)));
    open();
    await Promise.all([first, ...others]);
    expect(written.map(({ turns }) => turns.map(({ id }) => id))).toEqual([["a"], ["b", "c"]]);
  });

  it("waits for what is being written when nothing else is pending", async () => {
    void behind.addUsage(entry);
    clock.advance(50);
    await behind.flushed();
    expect(written).toHaveLength(1);
    await behind.flushed();
    expect(written).toHaveLength(1);
  });

  it("leaves nothing behind in the clock", async () => {
    void behind.addUsage(entry);
    behind.addAudio("a", new Uint8Array(1));
    await behind.close();
    expect(clock.pending).toBe(0);
  });
});

describe("when it cannot write", () => {
  it("tries until it can, tells it once, and not in the database's words", async () => {
    failures = failing(3);
    await passTime(clock, behind.addTurn(turnOf("a")));
    expect(written).toHaveLength(1);
    expect(faults.map(({ message, code }) => ({ message, code }))).toEqual([
      { message: "The database could not be written (57P03). It is tried again.", code: "57P03" },
    ]);
  });

  it("tells whoever waits after a while, and keeps it all the same", async () => {
    failures = failing(10);
    for (const id of ["a", "b"]) {
      const added = behind.addTurn(turnOf(id)).catch((error: unknown) => error);
      expect(await passTime(clock, added)).toBeInstanceOf(StoreFault);
    }
    expect(written).toHaveLength(0);
    failures = [];
    await passTime(clock, behind.flushed());
    expect(written.map(({ turns }) => turns.map(({ id }) => id))).toEqual([["a"], ["b"]]);
    expect(faults).toHaveLength(1);
  });

  it("tries at most every five seconds", async () => {
    failures = failing(1000);
    void behind.addTurn(turnOf("a"));
    await settle();
    for (let ms = 0; ms < 60_000; ms += 100) {
      clock.advance(100);
      await settle();
    }
    const tries = 1000 - failures.length;
    expect(tries).toBeGreaterThan(12);
    expect(tries).toBeLessThan(20);
  });

  it.each(["23502", "22003", "SQLITE_MISMATCH"])(
    "does not try a batch again that no database would take: %s",
    async (code) => {
      failures = failing(1, code);
      await expect(behind.addTurn(turnOf("a"))).rejects.toThrow(StoreFault);
      expect(faults.map(({ message }) => message)).toEqual([
        `The database could not be written (${code}). 1 turns and 0 counts of usage are lost.`,
      ]);
      await behind.addTurn(turnOf("b"));
      expect(written.map(({ turns }) => turns.map(({ id }) => id))).toEqual([["b"]]);
    },
  );

  it("ends all the same", async () => {
    failures = failing(1000);
    void behind.addTurn(turnOf("a"));
    await settle();
    void behind.addTurn(turnOf("b"));
    await passTime(clock, behind.close());
    expect(failures.length).toBeGreaterThan(990);
    expect(faults.map(({ message }) => message)).toEqual([
      expect.stringContaining("It is tried again"),
      expect.stringContaining("1 turns and 0 counts of usage are lost"),
      expect.stringContaining("1 turns and 0 counts of usage are lost"),
    ]);
    expect(clock.pending).toBe(0);
  });

  it("takes nothing any more when it has ended", async () => {
    await behind.close();
    await expect(behind.addTurn(turnOf("a"))).rejects.toThrow(StoreFault);
    await expect(behind.addUsage(entry)).rejects.toThrow(StoreFault);
    behind.addAudio("a", new Uint8Array(100));
    await behind.close();
    expect(written).toHaveLength(0);
    expect(clock.pending).toBe(0);
  });
});

describe("what it takes", () => {
  it.each([
    { characters: 1.5 },
    { cost: Number.NaN },
    { requests: 2 ** 53 },
    { audioMs: Infinity },
    { atUnix: Number.NaN },
  ])("refuses what cannot be counted: %o", async (wrong) => {
    await expect(behind.addUsage({ ...entry, ...wrong })).rejects.toThrow(RangeError);
    await behind.close();
    expect(written).toHaveLength(0);
  });

  it("refuses a turn that cannot be counted, and forgets its sound", async () => {
    behind.addAudio("a", new Uint8Array(100_000));
    clock.advance(50);
    await settle();
    const wrong = turnOf("a", { startedAtUnix: 1.5, audioFormat: mp3 });
    await expect(behind.addTurn(wrong)).rejects.toThrow(RangeError);
    await behind.flushed();
    expect([...(written.at(-1)?.withoutSound ?? [])]).toEqual(["a"]);
  });

  it("keeps turns without their sound while more than 64 MiB of it wait", async () => {
    let open = (): void => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    for (let number = 0; number < 70; number += 1) {
      behind.addAudio(number < 35 ? "a" : "b", new Uint8Array(mebibyte));
      clock.advance(50);
      await settle();
    }
    const turns = ["a", "b"].map((id) => behind.addTurn(turnOf(id, { audioFormat: mp3 })));
    open();
    await Promise.all(turns);
    expect(
      written
        .flatMap((batch) => batch.turns)
        .map(({ id, audio_bytes, audio_format }) => [id, audio_bytes, audio_format !== null]),
    ).toEqual([
      ["a", 35 * mebibyte, true],
      ["b", 0, false],
    ]);
    expect(faults.map(({ message }) => message)).toEqual([
      expect.stringContaining("without their sound"),
    ]);
    expect(written.flatMap(({ withoutSound }) => [...withoutSound])).toEqual([]);
    const bytes = written
      .flatMap((batch) => batch.parts)
      .reduce((sum, part) => sum + part.bytes.length, 0);
    expect(bytes).toBe(35 * mebibyte);
  });

  it("keeps sound again when there is room", async () => {
    behind.addAudio("a", new Uint8Array(65 * mebibyte));
    await behind.addTurn(turnOf("a", { audioFormat: mp3 }));
    behind.addAudio("b", new Uint8Array(mebibyte));
    await behind.addTurn(turnOf("b", { audioFormat: mp3 }));
    const turns = written.flatMap((batch) => batch.turns);
    expect(turns.map(({ audio_bytes }) => audio_bytes)).toEqual([0, mebibyte]);
  });

  it("refuses turns when their texts alone are too much", async () => {
    let open = (): void => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const text = "a".repeat(20 * mebibyte);
    const first = behind.addTurn(turnOf("a", { text }));
    await settle();
    await expect(behind.addTurn(turnOf("b", { text }))).rejects.toThrow(StoreFault);
    open();
    await first;
    await behind.addTurn(turnOf("c", { text }));
    expect(written.flatMap((batch) => batch.turns).map(({ id }) => id)).toEqual(["a", "c"]);
    expect(faults).toHaveLength(1);
  });
});
