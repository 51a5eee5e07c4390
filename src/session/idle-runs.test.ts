import { expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import type { TimerFiring, TimerReset } from "../protocol/connections.ts";
import { TimerQueue } from "../timer-queue.ts";
import type { Context } from "./context.ts";
import { IdleWatch } from "./idle-watch.ts";

const runs = 100_000;
const stepsPerRun = 25;
/** A timer may be as late as this, and never early. */
const maxLateMs = 250;
const limitsMs = [1000, 5000, 20_000, 180_000] as const;
const resets: readonly TimerReset[] = ["message", "speech", "ping"];

/** What a timer should know: when it was reset last, and by what. */
interface Expected {
  lastActiveAt: number;
  lastResetBy: TimerReset;
}

/** A context as far as its timer sees it. */
interface FakeContext extends Expected {
  readonly id: string;
  isOpen: boolean;
  busy: boolean;
  isQueued: boolean;
  isWarned: boolean;
}

/** Numbers from 0 to 1 that are the same for the same seed (a linear congruential generator). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** One session with contexts that come, speak, are named and fall silent, in any order. */
function run(seed: number): { readonly fired: number; readonly faults: readonly string[] } {
  const random = seededRandom(seed);
  const pick = <Item>(items: readonly Item[]): Item | undefined =>
    items[Math.floor(random() * items.length)];
  const limitMs = pick(limitsMs) ?? 20_000;
  const clock = new ManualClock();
  const timers = new TimerQueue(clock);
  const contexts = new Set<FakeContext>();
  const session: Expected = { lastActiveAt: 0, lastResetBy: "open" };
  /** What each was reset by last, as it was done here. */
  const known = new Map<string, Expected>();
  const faults: string[] = [];
  let fired = 0;
  let isOver = false;
  const owner = {
    get busy() {
      return [...contexts].some(({ busy }) => busy);
    },
  };

  const judge = (firing: TimerFiring, expected: Expected): void => {
    fired += 1;
    const lateMs = clock.now() - expected.lastActiveAt - limitMs;
    if (lateMs < 0) faults.push(`early by ${-lateMs} ms`);
    if (lateMs > maxLateMs) faults.push(`late by ${lateMs} ms`);
    if (firing.lastResetAt !== expected.lastActiveAt) faults.push("another time");
    if (firing.lastResetBy !== expected.lastResetBy) faults.push("another reset");
    if (firing.limitMs !== limitMs) faults.push("another limit");
  };
  const watch = new IdleWatch(
    limitMs,
    "context",
    clock,
    timers,
    owner,
    contexts as unknown as Iterable<Context>,
    {
      onWarning: () => {},
      onExpired: (context, firing) => {
        if (!context) {
          judge(firing, session);
          isOver = true;
          watch.stop();
          return;
        }
        judge(firing, known.get(context.id) ?? session);
        for (const each of contexts) if (each.id === context.id) contexts.delete(each);
      },
    },
  );
  const touch = (by: TimerReset, context?: FakeContext): void => {
    watch.touch(by, context);
    const expected = { lastActiveAt: clock.now(), lastResetBy: by };
    if (context) known.set(context.id, expected);
    else Object.assign(session, expected);
  };

  for (let step = 0; step < stepsPerRun && !isOver; step += 1) {
    const context = pick([...contexts]);
    const choice = random();
    if (choice < 0.15) {
      const id = `${step}`;
      contexts.add({
        id,
        isOpen: true,
        busy: false,
        isQueued: false,
        isWarned: false,
        lastActiveAt: clock.now(),
        lastResetBy: "open",
      });
      known.set(id, { lastActiveAt: clock.now(), lastResetBy: "open" });
    } else if (choice < 0.35) {
      touch(pick(resets) ?? "message", context);
      touch("message");
    } else if (choice < 0.45 && context) {
      context.busy = !context.busy;
      // Its speech has ended, as a session hears of it.
      if (!context.busy) {
        touch("speech", context);
        touch("speech");
      }
    } else {
      const isBusy = owner.busy;
      clock.advance(random() * limitMs * 1.2);
      // While anything is spoken the session's own timer is begun anew whenever it is looked at.
      if (isBusy && !isOver) touch("speech");
    }
  }
  watch.stop();
  if (clock.pending > 0) faults.push("a timer is left");
  return { fired, faults };
}

it(`no timer fires early or more than ${maxLateMs} ms late, and each says what reset it last`, () => {
  let fired = 0;
  for (let seed = 1; seed <= runs; seed += 1) {
    const result = run(seed);
    fired += result.fired;
    if (result.faults.length > 0)
      expect({ seed, faults: result.faults }).toEqual({ seed, faults: [] });
  }
  // Else nothing was shown.
  expect(fired).toBeGreaterThan(runs);
}, 120_000);
