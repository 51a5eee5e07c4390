import { expect, it } from "vitest";
import { settle } from "../../test/support/session.ts";
import { ManualClock } from "../clock.ts";
import { Pacer } from "./pacer.ts";

/** A pacer and what has happened to the one who waits at it. */
function waitAt(
  wait: (pacer: Pacer) => Promise<void> | undefined,
  prepare: (pacer: Pacer) => void,
) {
  const clock = new ManualClock();
  const pacer = new Pacer("", clock);
  prepare(pacer);
  const waiter = { isThrough: false };
  void (async () => {
    await wait(pacer);
    waiter.isThrough = true;
  })();
  return { clock, pacer, waiter };
}

it("a free pacer lets any amount of audio through", async () => {
  const { waiter } = waitAt(
    (pacer) => pacer.ready(),
    (pacer) => pacer.onAudio(1_000_000),
  );
  await settle();
  expect(waiter.isThrough).toBe(true);
});

it("a free pacer with a lead lets through what its listener may have in hand", async () => {
  const clock = new ManualClock();
  const pacer = new Pacer("", clock, 10_000);
  pacer.onAudio(10_000);
  expect(pacer.ready()).toBeUndefined();
  pacer.onAudio(500);
  const early = pacer.ready();
  expect(early).toBeDefined();
  clock.advance(499);
  expect(await Promise.race([early, settle().then(() => "waits")])).toBe("waits");
  clock.advance(1);
  await early;
  pacer.onAudio(60_000);
  pacer.release();
  expect(pacer.ready()).toBeUndefined();
  expect(clock.pending).toBe(0);
});

it("a pacer knows when its listener runs dry, and for how long it was", () => {
  const clock = new ManualClock();
  const pacer = new Pacer("", clock);
  expect(pacer.runsDryAt).toBe(0);
  expect(pacer.onAudio(1000)).toBe(0);
  clock.advance(400);
  expect(pacer.onAudio(1000)).toBe(0);
  expect(pacer.runsDryAt).toBe(2000);
  clock.advance(1900);
  expect(pacer.runsDryAt).toBe(2300);
  expect(pacer.onAudio(1000)).toBe(300);
  expect(pacer.heardAt).toBe(3300);
});

it("a pacer in real time keeps two seconds ahead of what was heard", async () => {
  const { clock, waiter } = waitAt(
    (pacer) => pacer.ready(),
    (pacer) => {
      pacer.onAudio(5000);
      pacer.set("realtime");
    },
  );
  clock.advance(2999);
  await settle();
  expect(waiter.isThrough).toBe(false);
  clock.advance(1);
  await settle();
  expect(waiter.isThrough).toBe(true);
  expect(clock.pending).toBe(0);
});

it("a pacer lets go at once of whoever waits when its pace is free again", async () => {
  const { clock, pacer, waiter } = waitAt(
    (pacer) => pacer.ready(),
    (pacer) => {
      pacer.onAudio(60_000);
      pacer.set("realtime");
    },
  );
  await settle();
  pacer.set("free");
  await settle();
  expect(waiter.isThrough).toBe(true);
  expect(clock.pending).toBe(0);
});

it("a held pacer waits for another pace, however much time passes", async () => {
  const { clock, pacer, waiter } = waitAt(
    (pacer) => pacer.awake(),
    (pacer) => pacer.set("held"),
  );
  clock.advance(3_600_000);
  await settle();
  expect(waiter.isThrough).toBe(false);
  pacer.set("realtime");
  await settle();
  expect(waiter.isThrough).toBe(true);
});

it("a pacer that is held while audio waits lets it through when it is not held any more", async () => {
  const { clock, pacer, waiter } = waitAt(
    (pacer) => pacer.ready(),
    (pacer) => {
      pacer.onAudio(2001);
      pacer.set("realtime");
    },
  );
  await settle();
  pacer.set("held");
  await settle();
  expect(clock.pending).toBe(0);
  pacer.set("free");
  await settle();
  expect(waiter.isThrough).toBe(true);
});

it("a released pacer holds nobody, whatever its pace", async () => {
  const { clock, pacer, waiter } = waitAt(
    (pacer) => pacer.ready(),
    (pacer) => {
      pacer.onAudio(60_000);
      pacer.set("held");
    },
  );
  await settle();
  pacer.release();
  await settle();
  expect(waiter.isThrough).toBe(true);
  await pacer.awake();
  expect(clock.pending).toBe(0);
});

it("a pacer in real time counts only time in which there was audio to hear", async () => {
  const { waiter } = waitAt(
    (pacer) => pacer.ready(),
    () => {},
  );
  await settle();
  expect(waiter.isThrough).toBe(true);

  const clock = new ManualClock();
  const pacer = new Pacer("", clock);
  pacer.set("realtime");
  pacer.onAudio(100);
  clock.advance(3_600_000);
  pacer.onAudio(60_000);
  const late = pacer.ready();
  expect(await Promise.race([late, settle().then(() => "waits")])).toBe("waits");
});
