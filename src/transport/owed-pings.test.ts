import { expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { OwedPings } from "./owed-pings.ts";

function watch() {
  const clock = new ManualClock();
  const session = { busy: true };
  const pings: number[] = [];
  const owed = new OwedPings(200, clock, session, () => pings.push(clock.now()));
  return { clock, session, pings, owed };
}

it("whoever waits is pinged until there is nothing to wait for", () => {
  const { clock, session, pings, owed } = watch();
  owed.watch();
  clock.advance(650);
  session.busy = false;
  clock.advance(5000);
  expect(pings).toEqual([200, 400, 600]);
  expect(clock.pending).toBe(0);
});

it("the time until the next ping can be seen while there is one to come", () => {
  const { clock, session, owed } = watch();
  expect(owed.timers).toEqual([]);
  owed.watch();
  clock.advance(150);
  owed.onFrame();
  clock.advance(20);
  expect(owed.timers).toEqual([
    {
      name: "owed_ping",
      context: undefined,
      limitMs: 200,
      lastResetAt: 150,
      lastResetBy: "sent",
      leftMs: 180,
      isHeld: false,
    },
  ]);
  session.busy = false;
  clock.advance(400);
  expect(owed.timers).toEqual([]);
});

it("a frame is as good as a ping", () => {
  const { clock, pings, owed } = watch();
  owed.watch();
  clock.advance(150);
  owed.onFrame();
  clock.advance(199);
  expect(pings).toEqual([]);
  clock.advance(1);
  expect(pings).toEqual([350]);
  owed.stop();
  clock.advance(5000);
  expect(pings).toEqual([350]);
});

it("nobody is pinged who waits for nothing", () => {
  const { clock, session, owed } = watch();
  session.busy = false;
  owed.watch();
  expect(clock.pending).toBe(0);
});
