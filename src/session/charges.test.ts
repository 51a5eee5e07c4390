import { describe, expect, it } from "vitest";
import type { Account, Charge, Use } from "../protocol/accounts.ts";
import type { Problem } from "../protocol/problems.ts";
import type { SpokenTurn } from "./context.ts";
import { createWatchedTone } from "../../test/support/server.ts";
import {
  isAudio,
  openAccount,
  openSession,
  planFor,
  settle,
  speakAll,
} from "../../test/support/session.ts";

/** An account that remembers what it was charged, and lets `refuse` say no. */
function createPurse(refuse: (use: Use) => Charge["refusal"] = () => undefined): {
  readonly account: Account;
  readonly uses: Use[];
  readonly refunds: Use[];
} {
  const uses: Use[] = [];
  const refunds: Use[] = [];
  const charge = (use: Use): Charge => {
    uses.push(use);
    return { refusal: refuse(use), refund: () => refunds.push(use) };
  };
  return { account: openAccount(10, { keyId: "key", charge }), uses, refunds };
}

const quotaExceeded: Problem = {
  code: "quota_exceeded",
  details: { limit: 10, remaining: 0, required: 12, reset: "never" },
};
const usage = { retention: "usage" } as const;
const charactersOf = (uses: readonly Use[]): number[] => uses.map(({ characters }) => characters);

describe("an utterance is charged for when it is begun", () => {
  it("so that every character that is kept of its turn is charged once", async () => {
    const { account, uses } = createPurse();
    const turns: SpokenTurn[] = [];
    const text = `  One sentence here. ${"Another sentence there. ".repeat(12)}`;
    const { session, ended } = openSession(createWatchedTone().engine, usage, {
      account,
      onTurn: (turn) => turns.push(turn),
    });
    await session.accept(speakAll(text));
    await ended;
    expect(uses.length).toBeGreaterThan(2);
    const characters = text.trimStart().length;
    expect(charactersOf(uses).reduce((sum, count) => sum + count, 0)).toBe(characters);
    expect(turns).toMatchObject([{ characters, cost: characters, keyId: "key" }]);
    expect(turns[0]?.text).toHaveLength(characters);
  });

  it("at what all characters together cost, rounded up once", async () => {
    const { engine } = createWatchedTone();
    const model = { ...planFor(engine).model, costPerChar: 0.5 };
    const { account, uses } = createPurse();
    const { session, ended } = openSession(engine, { ...usage, model }, { account });
    await session.accept(speakAll("One. Two. Six. Ten."));
    await ended;
    expect(uses.reduce((sum, { cost }) => sum + cost, 0)).toBe(10);
    expect(uses.every(({ cost }) => Number.isInteger(cost))).toBe(true);
  });

  it("but not for speech that only repeats an earlier turn", async () => {
    const { account, uses } = createPurse();
    const { session, ended } = openSession(createWatchedTone().engine, {}, { account });
    await session.accept(speakAll("Once more."));
    await ended;
    expect(uses).toEqual([]);
  });
});

describe("an utterance that may not be spoken", () => {
  it("is not heard, though it was made meanwhile", async () => {
    const tone = createWatchedTone();
    let answer = (_problem: Problem | undefined): void => {};
    const refusal = new Promise<Problem | undefined>((resolve) => {
      answer = resolve;
    });
    const { account } = createPurse(() => refusal);
    const { session, events, ended } = openSession(tone.engine, usage, { account });
    await session.accept(speakAll("Too much."));
    await settle();
    expect(tone.begun).toEqual(["Too much."]);
    expect(events.filter(isAudio)).toEqual([]);
    answer(quotaExceeded);
    await ended;
    expect(events.filter(isAudio)).toEqual([]);
    expect(events).toContainEqual({ type: "error", problem: quotaExceeded });
    expect(account.concurrency.active).toBe(0);
  });

  it("ends its context alone where others go on", async () => {
    const tone = createWatchedTone();
    const { account } = createPurse(({ characters }) =>
      Promise.resolve(characters > 5 ? quotaExceeded : undefined),
    );
    const rules = { ...planFor(tone.engine).rules, failure: "context" } as const;
    const { session, events, ended } = openSession(tone.engine, { ...usage, rules }, { account });
    await session.accept([
      { type: "text", context: "long", text: "A long one." },
      { type: "flush", context: "long", minChars: 0 },
      { type: "text", context: "short", text: "Hi." },
      { type: "close", context: "short" },
      { type: "close", context: "long" },
      { type: "end" },
    ]);
    await ended;
    const told = events.flatMap((event) =>
      "context" in event ? [`${event.type} ${event.context}`] : [],
    );
    expect(told).toContain("audio short");
    expect(told.filter((each) => each.endsWith("long"))).toEqual(["error long", "final long"]);
    expect(told.filter((each) => each.endsWith("short")).at(-1)).toBe("final short");
  });
});

describe("an utterance that fails", () => {
  it("before it was heard costs nothing", async () => {
    const tone = createWatchedTone();
    tone.failWith(new Error("broken"));
    const { account, uses, refunds } = createPurse();
    const { session, ended } = openSession(tone.engine, usage, { account });
    await session.accept(speakAll("It breaks here. And this was begun as well, perhaps."));
    await ended;
    expect(refunds).toEqual(uses);
    expect(uses.length).toBeGreaterThan(0);
  });

  it("after others were heard costs what they cost", async () => {
    const tone = createWatchedTone();
    tone.failWith(new Error("broken"), "breaks");
    const { account, uses, refunds } = createPurse();
    const turns: SpokenTurn[] = [];
    const { session, events, ended } = openSession(tone.engine, usage, {
      account,
      onTurn: (turn) => turns.push(turn),
    });
    await session.accept(speakAll("This one is heard. This one breaks."));
    await ended;
    expect(events.some(isAudio)).toBe(true);
    expect(charactersOf(refunds)).toEqual(charactersOf(uses).slice(1));
    expect(turns).toMatchObject([{ characters: uses[0]?.characters }]);
  });
});

describe("whoever may not use a voice or a model", () => {
  const notAllowed: Problem = { code: "voice_not_allowed", details: { voiceId: "x" } };

  it("is told at once", async () => {
    const account = openAccount(10, { refusalOf: () => notAllowed });
    const { events, ended } = openSession(createWatchedTone().engine, usage, { account });
    await ended;
    expect(events).toEqual([
      { type: "error", problem: notAllowed },
      { type: "close", problem: notAllowed },
    ]);
  });
});

it("whose time is over is told and sent away", async () => {
  const account = openAccount(10, { endsAt: 5000 });
  const { session, events, ended, clock } = openSession(
    createWatchedTone().engine,
    { idleMs: 60_000 },
    { account },
  );
  clock.advance(4999);
  await settle();
  expect(events).toEqual([]);
  clock.advance(1);
  await ended;
  expect(events[0]).toEqual({ type: "error", problem: { code: "token_time_over", details: {} } });
  expect(session.account).toBe(account);
  expect(clock.pending).toBe(0);
});

it("nobody speaks who was not let in", async () => {
  const refuse = (): Promise<Problem> =>
    Promise.resolve({ code: "authentication_required", details: {} });
  const tone = createWatchedTone();
  const { session, events, ended } = openSession(tone.engine, usage, { admit: refuse });
  await session.accept(speakAll("Without a word about who I am."));
  await ended;
  expect(events[0]).toMatchObject({ type: "error", problem: { code: "authentication_required" } });
  expect(tone.begun).toEqual([]);
});
