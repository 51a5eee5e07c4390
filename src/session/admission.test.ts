import { describe, expect, it } from "vitest";
import { settle } from "../../test/support/session.ts";
import { ManualClock } from "../clock.ts";
import { createToneEngine } from "../engine/tone.ts";
import { Admission, type AdmissionOptions, type Playout, type Seat } from "./admission.ts";

const voice = createToneEngine().voices[0]!;

const never = new AbortController().signal;
/** A listener who has nothing in hand. */
const inSilence: Playout = { inHandMs: 0 };

/** What a voice takes that has room for twenty listeners: 94 % of one processor. */
const forTwenty = { engine: 0.04, rest: 0.007 };

/** An admission for one processor whose voice takes 18.5 % of it with all that belongs to it: there is room for five listeners. */
function createAdmission(
  options: Partial<AdmissionOptions> = {},
  usual = { engine: 0.175, rest: 0.01 },
) {
  const clock = new ManualClock();
  let cpuMs = 0;
  const admission = new Admission({
    clock,
    cores: 1,
    cpuMs: () => cpuMs,
    refuses: true,
    ...options,
  });
  /** So much audio is made, in as much time. */
  const speak = (audioMs: number, shares = usual): void => {
    clock.advance(audioMs);
    cpuMs += audioMs * (shares.engine + shares.rest);
    admission.learn(voice, { chars: 10, speed: 1, audioMs, synthesisMs: audioMs * shares.engine });
  };
  for (let second = 0; second < 300; second += 1) speak(1000);
  const enter = async (playout = inSilence): Promise<Seat | string> => {
    try {
      return await admission.enter(voice, playout, never);
    } catch (error) {
      return error instanceof Error && "problem" in error ? JSON.stringify(error.problem) : "?";
    }
  };
  const fill = async (): Promise<Seat[]> => {
    const seats: Seat[] = [];
    for (let count = 0; count < 5; count += 1) seats.push((await enter()) as Seat);
    return seats;
  };
  /** Time in which the process does something else. */
  const idle = (ms: number, workMs: number): void => {
    clock.advance(ms);
    cpuMs += workMs;
  };
  return { clock, admission, enter, fill, speak, idle };
}

const busy = (retryAfterSeconds: number): string =>
  JSON.stringify({ code: "server_busy", details: { retryAfterSeconds } });

describe("admission", () => {
  it("lets eight files for each processor be made at the same time", async () => {
    const { clock, admission } = createAdmission({ cores: 2 });
    const outcomes = Array.from({ length: 17 }, () =>
      admission.enterFile(never).then(
        () => "in",
        () => "refused",
      ),
    );
    clock.advance(10_000);
    expect((await Promise.all(outcomes)).filter((outcome) => outcome === "refused")).toEqual([
      "refused",
    ]);
    const all = createAdmission({ refuses: false });
    const seats = Array.from({ length: 100 }, () => all.admission.enterFile(never));
    expect(await Promise.all(seats)).toHaveLength(100);
  });

  it("lets in as many listeners as the processors can speak to, and no more", async () => {
    const { clock, admission, enter, fill } = createAdmission();
    await fill();
    expect(admission.load).toBeCloseTo(0.925, 2);
    const sixth = enter();
    clock.advance(500);
    expect(await sixth).toBe(busy(1));
    expect(admission.listeners).toBe(5);
    expect(clock.pending).toBe(0);
  });

  it("promises somewhat more while those who may be owed more leave room for it", async () => {
    const { clock, enter } = createAdmission({}, forTwenty);
    const plenty = { inHandMs: 10_000 };
    const seats: Seat[] = [];
    for (let count = 0; count < 20; count += 1) seats.push((await enter(plenty)) as Seat);
    const isBusy = async (): Promise<boolean> => {
      const newcomer = enter(plenty);
      clock.advance(500);
      return typeof (await newcomer) === "string";
    };
    // All of them may go on for ever.
    expect(await isBusy()).toBe(true);
    for (const seat of seats.slice(17)) seat.leave(clock.now() + 60_000, true);
    expect(await isBusy()).toBe(false);
    expect(await isBusy()).toBe(false);
    // The 23rd would be 108 %.
    for (const seat of seats.slice(0, 17)) seat.leave(clock.now() + 60_000, true);
    expect(await isBusy()).toBe(true);
  });

  it("lets nobody in while those who have little in hand take three quarters of the processors", async () => {
    const { clock, admission, enter } = createAdmission({}, forTwenty);
    const playouts = Array.from({ length: 16 }, () => ({ inHandMs: 2999 }));
    for (const playout of playouts) expect(await enter(playout)).toBeTypeOf("object");
    expect(admission.load).toBeCloseTo(0.75, 2);
    const early = enter();
    clock.advance(500);
    expect(await early).toBe(busy(1));
    playouts[0]!.inHandMs = 3000;
    expect(await enter()).toBeTypeOf("object");
  });

  it("takes who has left for one in need if more may come, and not when all was sent", async () => {
    const { clock, enter } = createAdmission({}, forTwenty);
    const seats: Seat[] = [];
    for (let count = 0; count < 16; count += 1) seats.push((await enter()) as Seat);
    seats[0]?.leave(clock.now() + 1000, false);
    const early = enter();
    clock.advance(500);
    expect(await early).toBe(busy(1));
    seats[0]?.leave(clock.now() + 1000, true);
    expect(await enter()).toBeTypeOf("object");
  });

  it("promises no more than usual for a while after somebody ran dry, nor to a voice that takes much", async () => {
    const plenty = { inHandMs: 10_000 };
    const fillTo = async (count: number, { clock, enter }: ReturnType<typeof createAdmission>) => {
      for (let entered = 0; entered < count; entered += 1) {
        const seat = (await enter(plenty)) as Seat;
        // What the rest are still to be sent leaves room.
        if (entered < 5) seat.leave(clock.now() + 60_000, true);
      }
    };
    const cheap = createAdmission({}, forTwenty);
    await fillTo(19, cheap);
    cheap.admission.onStrain();
    cheap.clock.advance(5000);
    const early = cheap.enter(plenty);
    cheap.clock.advance(500);
    expect(await early).toBe(busy(55));
    cheap.clock.advance(4500);
    expect(await cheap.enter(plenty)).toBeTypeOf("object");
    expect(await cheap.enter(plenty)).toBeTypeOf("object");
    const dear = createAdmission({}, { engine: 0.05, rest: 0.01 });
    await fillTo(15, dear);
    expect(dear.admission.load).toBeCloseTo(0.9, 2);
    const sixteenth = dear.enter(plenty);
    dear.clock.advance(500);
    expect(await sixteenth).toBe(busy(60));
  });

  it("counts a listener until all was heard, and says how long that takes", async () => {
    const { clock, admission, enter, fill } = createAdmission();
    const [first] = await fill();
    first?.leave(clock.now() + 4500, true);
    const early = enter();
    clock.advance(500);
    expect(await early).toBe(busy(4));
    clock.advance(3750);
    const late = enter();
    clock.advance(249);
    expect(admission.listeners).toBe(5);
    clock.advance(1);
    expect(await late).toBeTypeOf("object");
  });

  it("turns others away while many wait for room, until nobody had to for a second", async () => {
    const { clock, admission, enter, fill } = createAdmission();
    const seats = await fill();
    const waitInVain = async (count: number): Promise<void> => {
      const waiting = Array.from({ length: count }, () => enter());
      clock.advance(499);
      const isFull = count >= 4;
      expect(admission.turnAway()?.code).toBe(isFull ? "server_busy" : undefined);
      if (isFull) expect(() => admission.expect()).toThrow(/as many listeners as it can/);
      clock.advance(1);
      expect(await Promise.all(waiting)).toEqual(waiting.map(() => busy(1)));
    };
    await waitInVain(3);
    expect(admission.turnAway()).toBeUndefined();
    await waitInVain(4);
    const enterLate = async (afterMs: number): Promise<void> => {
      clock.advance(afterMs);
      const late = enter();
      seats.shift()?.leave(clock.now(), true);
      expect(await late).toBeTypeOf("object");
    };
    await enterLate(900);
    await enterLate(900);
    const typing = Array.from({ length: 4 }, () => admission.expect());
    expect(admission.turnAway()).toMatchObject({ code: "server_busy" });
    for (const arrive of typing) arrive();
    clock.advance(1000);
    for (let count = 0; count < 9; count += 1) admission.expect();
    expect(admission.turnAway()).toBeUndefined();
  });

  it("turns nobody away where nobody is refused", async () => {
    const { admission, enter } = createAdmission({ refuses: false });
    for (let count = 0; count < 50; count += 1) {
      admission.expect();
      expect(await enter()).toBeTypeOf("object");
    }
    expect(admission.turnAway()).toBeUndefined();
  });

  it("tells who is turned away when the next has heard all", async () => {
    const { clock, admission, enter, fill } = createAdmission();
    const [first, second] = await fill();
    const refused = enter();
    clock.advance(500);
    expect(await refused).toBe(busy(1));
    first?.leave(clock.now() + 100, true);
    second?.leave(clock.now() + 4000, true);
    for (let count = 0; count < 4; count += 1) admission.expect();
    clock.advance(900);
    expect(admission.turnAway()).toMatchObject({ details: { retryAfterSeconds: 4 } });
  });

  it("lets those in who wait, in their order, as soon as there is room", async () => {
    const { clock, enter, fill } = createAdmission();
    const seats = await fill();
    const entered: string[] = [];
    const waiting = ["one", "two", "three"].map(async (name) => {
      if (typeof (await enter()) === "object") entered.push(name);
    });
    await settle();
    seats[0]?.leave(clock.now(), true);
    seats[1]?.leave(clock.now() + 100, true);
    await settle();
    expect(entered).toEqual(["one"]);
    clock.advance(100);
    await settle();
    expect(entered).toEqual(["one", "two"]);
    clock.advance(400);
    await Promise.all(waiting);
    expect(entered).toEqual(["one", "two"]);
    expect(clock.pending).toBe(0);
  });

  it("gives a seat back in the middle of an answer, also when there is no room, and not later", async () => {
    const { clock, admission, enter, fill } = createAdmission();
    const [seat] = await fill();
    seat?.leave(clock.now() + 100, true);
    clock.advance(99);
    expect(seat?.resume()).toBe(true);
    clock.advance(10_000);
    expect(admission.listeners).toBe(5);
    seat?.leave(clock.now(), true);
    expect(admission.listeners).toBe(4);
    await enter();
    clock.advance(10_000);
    expect(seat?.resume()).toBe(true);
    expect(admission.listeners).toBe(6);
    seat?.leave(clock.now(), true);
    clock.advance(10_001);
    expect(seat?.resume()).toBe(false);
    expect(admission.listeners).toBe(5);
  });

  it("gives the seat of who went while waiting to the next", async () => {
    const { clock, admission, enter, fill } = createAdmission();
    const seats = await fill();
    const owner = new AbortController();
    const gone = admission.enter(voice, inSilence, owner.signal).catch(() => "gone");
    const next = enter();
    await settle();
    owner.abort();
    seats[0]?.leave(clock.now(), true);
    expect(await gone).toBe("gone");
    expect(await next).toBeTypeOf("object");
    expect(admission.listeners).toBe(5);
  });

  it("always speaks to one listener, whatever that costs", async () => {
    const { admission, enter, speak, clock } = createAdmission();
    for (let second = 0; second < 100; second += 1) speak(1000, { engine: 3, rest: 1 });
    expect(await enter()).toBeTypeOf("object");
    const second = enter();
    clock.advance(500);
    expect(await second).toBe(busy(1));
    expect(admission.load).toBeGreaterThan(1);
  });

  it("promises less when listeners nearly ran dry, once in a while, and more again with time", async () => {
    const { clock, admission, enter } = createAdmission();
    for (let count = 0; count < 10; count += 1) admission.onStrain();
    for (let count = 0; count < 4; count += 1) expect(await enter()).toBeTypeOf("object");
    const fifth = enter();
    clock.advance(500);
    expect(await fifth).toBe(busy(1));
    clock.advance(40_000);
    expect(await enter()).toBeTypeOf("object");
  });

  it("takes nobody new while an engine is behind with what is wanted at once, and others meanwhile", async () => {
    const { clock, admission, enter } = createAdmission();
    await enter();
    const soon = enter();
    const asked = clock.now();
    clock.advance(101);
    expect(await soon).toBeTypeOf("object");
    admission.onDispatched(voice, asked, 100);
    const other = { ...voice, engine: "another" };
    expect(await admission.enter(other, inSilence, never)).toBeTypeOf("object");
    const waiting = enter();
    clock.advance(100);
    await settle();
    expect(admission.listeners).toBe(3);
    clock.advance(1);
    expect(await waiting).toBeTypeOf("object");
    // Far behind: who waits is refused, but not for longer than a second.
    admission.onDispatched(voice, clock.now() - 60_000, 100);
    const refused = enter();
    clock.advance(500);
    expect(await refused).toBe(busy(1));
    clock.advance(750);
    expect(await enter()).toBeTypeOf("object");
    expect(clock.pending).toBe(0);
  });

  it("does not take an engine for behind that needs long for each utterance, nor for what can wait", async () => {
    const { clock, admission, enter } = createAdmission();
    await enter();
    // 3000 ms of audio take 525 ms.
    admission.onDispatched(voice, clock.now() - 1500, 3000);
    expect(await enter()).toBeTypeOf("object");
    admission.onDispatched(voice, Number.POSITIVE_INFINITY, 3000);
    expect(await enter()).toBeTypeOf("object");
    admission.onDispatched(voice, clock.now() - 1600, 3000);
    const refused = enter();
    clock.advance(500);
    expect(await refused).toBe(busy(1));
  });

  it("takes nothing for the cost of speech that the process did when nobody was spoken to", async () => {
    const { clock, admission, enter, idle, speak } = createAdmission();
    idle(3_600_000, 72_000);
    const seat = await enter();
    speak(1000);
    speak(1000);
    expect(admission.load).toBeCloseTo(0.185, 2);
    // A pause in which others want something of the process.
    idle(20_000, 20_000);
    speak(1000);
    speak(1000);
    expect(admission.load).toBeCloseTo(0.185, 2);
    if (typeof seat === "object") seat.leave(clock.now(), true);
  });

  it("forgets a waiter that goes, at once", async () => {
    const { clock, admission, enter, fill } = createAdmission();
    const [first] = await fill();
    const owner = new AbortController();
    const gone = admission.enter(voice, inSilence, owner.signal).catch(() => "gone");
    const next = enter();
    owner.abort();
    expect(await gone).toBe("gone");
    first?.leave(clock.now(), true);
    expect(await next).toBeTypeOf("object");
    expect(clock.pending).toBe(0);
  });

  it("keeps nothing of listeners who have heard all, if it refuses nobody", async () => {
    const { clock, admission } = createAdmission({ refuses: false });
    for (let count = 0; count < 1000; count += 1) {
      (await admission.enter(voice, inSilence, never)).leave(clock.now() + 10, true);
      clock.advance(1);
    }
    expect(admission.listeners).toBe(10 - 1);
  });

  it("refuses nobody if it is not to", async () => {
    const { admission, enter } = createAdmission({ refuses: false });
    for (let count = 0; count < 100; count += 1) expect(await enter()).toBeTypeOf("object");
    expect(admission.listeners).toBe(100);
  });

  it("knows no more than what an ordinary voice costs before anything was spoken", async () => {
    const clock = new ManualClock();
    const admission = new Admission({ clock, cores: 1, cpuMs: () => 0, refuses: true });
    const plenty = { inHandMs: 10_000 };
    for (let count = 0; count < 13; count += 1) await admission.enter(voice, plenty, never);
    const one = admission.enter(voice, inSilence, never);
    clock.advance(500);
    await expect(one).rejects.toMatchObject({ problem: { code: "server_busy" } });
  });
});
