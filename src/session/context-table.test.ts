import { describe, expect, it } from "vitest";
import type { Context } from "./context.ts";
import { singleContextRules } from "../../test/support/session.ts";
import { ContextTable } from "./context-table.ts";
import type { Pace } from "./pacer.ts";

/** A context as the table sees it. */
class FakeContext {
  readonly id: string;
  isOpen = true;
  hasText = true;
  busy = true;
  hasUnspoken = true;
  backlogChars = 0;
  pace: Pace = "free";
  isQueued = false;
  readonly order: Context["order"] = { opened: 0, closed: undefined };

  constructor(id: string, changes: Partial<FakeContext> = {}) {
    this.id = id;
    Object.assign(this, changes);
  }

  setPace(pace: Pace): void {
    this.pace = pace;
  }
}

function tableOf(...contexts: readonly FakeContext[]): ContextTable {
  const table = new ContextTable();
  for (const context of contexts) {
    table.add(asContext(context));
    if (!context.isOpen) table.noteClosing(asContext(context));
  }
  return table;
}

const asContext = (context: FakeContext): Context => context as unknown as Context;
const rules = { ...singleContextRules, maxContexts: 2 };

it("a name stands for its newest context, also when an older one ends", () => {
  const [older, newer] = [new FakeContext("a"), new FakeContext("a")];
  const table = tableOf(older, newer);
  expect(table.get("a")).toBe(newer);
  expect(table.remove(asContext(older))).toBe(true);
  expect(table.remove(asContext(older))).toBe(false);
  expect(table.get("a")).toBe(newer);
  table.remove(asContext(newer));
  expect(table.get("a")).toBeUndefined();
});

it("a table adds up what its contexts have to say", () => {
  const table = tableOf(
    new FakeContext("a", { backlogChars: 3, busy: false }),
    new FakeContext("b", { backlogChars: 4, busy: false }),
  );
  expect(table.backlogChars).toBe(7);
  expect(table.busy).toBe(false);
});

it("contexts that were never given text are unused, oldest first", () => {
  const table = tableOf(
    new FakeContext("a", { hasText: false }),
    new FakeContext("b"),
    new FakeContext("c", { hasText: false, isOpen: false }),
    new FakeContext("d", { hasText: false }),
  );
  expect(table.unused.map(({ id }) => id)).toEqual(["a", "d"]);
});

it("a table is full of those that speak, or of all, as the rules say", () => {
  const table = tableOf(
    new FakeContext("a"),
    new FakeContext("b", { isOpen: false }),
    new FakeContext("c", { hasText: false }),
  );
  expect(table.isFull(rules)).toBe(false);
  expect(table.isFull({ ...rules, countedContexts: "all" })).toBe(true);
  table.add(asContext(new FakeContext("d")));
  expect(table.isFull(rules)).toBe(true);
});

it("a table is full of those with text that is still to be spoken, if the rules say so", () => {
  const own = { ...rules, countedContexts: "unspoken" } as const;
  const spoken = new FakeContext("a", { hasUnspoken: false });
  const speaking = new FakeContext("b", { hasUnspoken: true });
  const table = tableOf(spoken, speaking);
  expect(table.isFull(own)).toBe(false);
  expect(table.isOneTooMany(asContext(spoken), own)).toBe(false);
  table.add(asContext(new FakeContext("c", { hasUnspoken: true })));
  expect(table.isFull(own)).toBe(true);
  expect(table.isOneTooMany(asContext(spoken), own)).toBe(true);
  expect(table.isOneTooMany(asContext(speaking), own)).toBe(false);
});

it("refused names are remembered until they are let in again, but not for ever", () => {
  const table = tableOf();
  table.refuse("a");
  table.refuse("b");
  table.readmit("b");
  expect([table.isRefused("a"), table.isRefused("b")]).toEqual([true, false]);
  for (let index = 0; index < 1000; index += 1) table.refuse(`c${index}`);
  expect(table.isRefused("a")).toBe(false);
  expect(table.isRefused("c0")).toBe(true);
});

describe("paces", () => {
  const closing = (id: string): FakeContext => new FakeContext(id, { isOpen: false });

  it("of contexts that are being closed are real time while a newer one speaks", () => {
    const [old, open, newest] = [closing("a"), new FakeContext("b"), closing("c")];
    tableOf(old, open, newest).assignPaces(rules);
    expect([old, open, newest].map(({ pace }) => pace)).toEqual(["realtime", "free", "free"]);
  });

  it("of more closing contexts than there may be are held, the newest ones", () => {
    const closed = ["a", "b", "c", "d"].map(closing);
    tableOf(...closed, new FakeContext("e")).assignPaces(rules);
    expect(closed.map(({ pace }) => pace)).toEqual(["realtime", "realtime", "held", "held"]);
  });

  it("are free when no newer context has anything to say", () => {
    const old = closing("a");
    const newer = new FakeContext("b");
    const table = tableOf(old, newer);
    table.assignPaces(rules);
    newer.busy = false;
    table.assignPaces(rules);
    // It is open and may go on.
    expect(old.pace).toBe("realtime");
    newer.isOpen = false;
    table.assignPaces(rules);
    expect(old.pace).toBe("free");
  });

  it("are free for all where the rules say so, and on demand", () => {
    const old = closing("a");
    const table = tableOf(old, new FakeContext("b"));
    table.assignPaces({ ...rules, backgroundPace: "free" });
    expect(old.pace).toBe("free");
    table.assignPaces(rules);
    expect(old.pace).toBe("realtime");
    table.freePaces();
    expect(old.pace).toBe("free");
  });
});
