import { expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import type { TimerReset } from "../protocol/connections.ts";
import { TimerQueue } from "../timer-queue.ts";
import type { Context } from "./context.ts";
import { IdleWatch } from "./idle-watch.ts";

interface FakeContext {
  id: string;
  isOpen: boolean;
  busy: boolean;
  isQueued: boolean;
  isWarned: boolean;
  lastActiveAt: number;
  lastResetBy: TimerReset;
}

const idleMs = 10_000;

function watch(expiry: "context" | "session", onExpired: (id: string) => void = () => {}) {
  const clock = new ManualClock();
  const contexts = new Set<FakeContext>();
  const told: string[] = [];
  const all = {
    [Symbol.iterator]: () => (contexts as unknown as Set<Context>)[Symbol.iterator](),
    get busy() {
      return [...contexts].some(({ busy }) => busy);
    },
  };
  const watch = new IdleWatch(idleMs, expiry, clock, new TimerQueue(clock), all, all, {
    onWarning: (_silentMs, _limitMs, context) => told.push(`${clock.now()} warn ${context?.id}`),
    onExpired(context) {
      told.push(`${clock.now()} end ${context?.id}`);
      for (const each of contexts) if (each.id === context?.id) contexts.delete(each);
      onExpired(String(context?.id));
    },
  });
  const add = (id: string, changes: Partial<FakeContext> = {}): FakeContext => {
    const context: FakeContext = {
      id,
      isOpen: true,
      busy: false,
      isQueued: false,
      isWarned: false,
      lastActiveAt: clock.now(),
      lastResetBy: "open",
      ...changes,
    };
    contexts.add(context);
    return context;
  };
  const touch = (context?: FakeContext): void => watch.touch("message", context);
  return { clock, told, watch, add, touch };
}

it("a silent session is warned once and then expires", () => {
  const { clock, told } = watch("session");
  clock.advance(3 * idleMs);
  expect(told).toEqual(["8000 warn undefined", "10000 end undefined"]);
  expect(clock.pending).toBe(0);
});

it("a session that says something has its whole time again, and a warning", () => {
  const { clock, told, touch } = watch("session");
  clock.advance(9000);
  touch();
  clock.advance(idleMs);
  expect(told).toEqual(["8000 warn undefined", "17000 warn undefined", "19000 end undefined"]);
});

it("contexts expire one by one while the session is kept alive", () => {
  const { clock, told, add, touch } = watch("context");
  add("a");
  clock.advance(1000);
  add("b");
  clock.advance(5000);
  touch();
  clock.advance(5000);
  expect(told).toEqual(["8000 warn a", "9000 warn b", "10000 end a", "11000 end b"]);
});

it("contexts do not expire where only the session does", () => {
  const { clock, told, add, touch } = watch("session");
  add("a");
  clock.advance(5000);
  touch();
  clock.advance(7999);
  expect(told).toEqual([]);
});

it("what is spoken is not idle, and neither is the session meanwhile", () => {
  const { clock, told, add } = watch("context");
  add("a", { busy: true });
  clock.advance(10 * idleMs);
  expect(told).toEqual([]);
});

it.each([{ isOpen: false }, { isQueued: true }])("a context with %o does not expire", (state) => {
  const { clock, told, add, touch } = watch("context");
  add("a", state);
  clock.advance(5000);
  touch();
  clock.advance(7999);
  expect(told).toEqual([]);
});

it("a watch that is stopped says nothing more, also if that is while it looks", () => {
  const { clock, told, watch: stopped, add, touch } = watch("context", () => stopped.stop());
  add("a");
  clock.advance(5000);
  touch();
  clock.advance(10 * idleMs);
  expect(told).toEqual(["8000 warn a", "10000 end a"]);
  expect(clock.pending).toBe(0);
});
