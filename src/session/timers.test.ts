import { describe, expect, it } from "vitest";
import { createWatchedTone } from "../../test/support/server.ts";
import {
  openAccount,
  openSession,
  type SessionBench,
  settle,
  singleContextRules,
} from "../../test/support/session.ts";
import { ManualClock } from "../clock.ts";
import { createToneEngine } from "../engine/tone.ts";
import type { RunningTimer } from "../protocol/connections.ts";
import { type Command, defaultContext as context } from "../protocol/speech.ts";
import { Admission } from "./admission.ts";

const text: Command = { type: "text", context, text: "Words that are spoken at once. " };
const flush: Command = { type: "flush", context, minChars: 0 };

/** A timer of the context that a message began, with so much time left. */
const ofContext = (
  name: RunningTimer["name"],
  limitMs: number,
  leftMs: number,
  changes: Partial<RunningTimer> = {},
): RunningTimer => ({
  name,
  context,
  limitMs,
  leftMs,
  lastResetAt: 1000,
  lastResetBy: "message",
  isHeld: false,
  ...changes,
});

/** One second after the session was opened it is told something, and 100 ms later it is looked at. */
async function lookAt(bench: SessionBench, ...commands: Command[]): Promise<RunningTimer[]> {
  bench.clock.advance(1000);
  void bench.session.accept(commands);
  await settle();
  bench.clock.advance(100);
  await settle();
  return bench.session.timers;
}

describe("what a session waits for can be seen", () => {
  it("nothing, if there is nothing", async () => {
    const bench = openSession(createToneEngine());
    expect(await lookAt(bench, text)).toEqual([]);
  });

  it("the end of a token", async () => {
    const bench = openSession(
      createToneEngine(),
      {},
      { account: openAccount(10, { endsAt: 60_000 }) },
    );
    expect(await lookAt(bench)).toEqual([
      ofContext("token_time", 60_000, 58_900, {
        context: undefined,
        lastResetAt: 0,
        lastResetBy: "open",
      }),
    ]);
  });

  it("text that is too short, until its delay is over", async () => {
    const bench = openSession(createToneEngine(), { maxBufferDelayMs: 500 });
    expect(await lookAt(bench, { type: "text", context, text: "Hello. " })).toEqual([
      ofContext("buffer_delay", 500, 400),
    ]);
    bench.clock.advance(400);
    expect(bench.session.timers).toEqual([]);
  });

  it("a word that may still grow", async () => {
    const bench = openSession(createToneEngine(), { dispatch: "message" });
    expect(await lookAt(bench, { type: "text", context, text: "Hello" })).toEqual([
      ofContext("partial_word", 150, 50),
    ]);
  });

  it("a listener who has enough in hand", async () => {
    const bench = openSession(createToneEngine(), { maxFrameBytes: 9600 }, { leadMs: 500 });
    const [lead, ...others] = await lookAt(bench, text, flush);
    expect(lead).toMatchObject({ name: "lead", context, lastResetBy: "sent" });
    expect(lead!.leftMs).toBeLessThanOrEqual(lead!.limitMs);
    expect(lead!.leftMs).toBeGreaterThan(0);
    expect(others).toEqual([]);
  });

  it("room among those who listen", async () => {
    const clock = new ManualClock();
    const admission = new Admission({ clock, cores: 0.01, cpuMs: () => 0, refuses: true });
    const engine = createToneEngine();
    await admission.enter(engine.voices[0]!, { inHandMs: 0 }, new AbortController().signal);
    const bench = openSession(engine, {}, { clock, admission });
    expect(await lookAt(bench, text, flush)).toEqual([ofContext("room", 500, 400)]);
  });

  it("room among those of a key who speak", async () => {
    const account = openAccount(10, { acquire: () => new Promise(() => {}) });
    const bench = openSession(createToneEngine(), {}, { account, concurrencyQueueMs: 2000 });
    expect(await lookAt(bench, text, flush)).toEqual([ofContext("concurrency", 2000, 1900)]);
  });

  it("what is still spoken when the client has closed the socket", async () => {
    const tone = createWatchedTone();
    tone.hold();
    const bench = openSession(tone.engine);
    const ends: Command = { type: "close_all", withinMs: 1500 };
    expect(await lookAt(bench, text, ends)).toEqual([
      ofContext("close_grace", 1500, 1400, { context: undefined }),
    ]);
    tone.release();
    await settle();
  });

  it("whether anything begins after the last end", async () => {
    const bench = openSession(createToneEngine());
    expect(await lookAt(bench, text, { type: "close", context, quietMs: 4000 })).toEqual([
      ofContext("quiet", 4000, 3900, { context: undefined, lastResetBy: "speech" }),
    ]);
  });

  it("the close that follows an error", async () => {
    const rules = { ...singleContextRules, closeDelayMs: 800 };
    const bench = openSession(createToneEngine(), { rules });
    const reject: Command = { type: "reject", problem: { code: "invalid_message", details: {} } };
    expect(await lookAt(bench, reject)).toEqual([
      ofContext("close_delay", 800, 700, { context: undefined, lastResetBy: "sent" }),
    ]);
  });

  it("the end of a server that goes", async () => {
    const tone = createWatchedTone();
    tone.hold();
    const bench = openSession(tone.engine);
    expect(await lookAt(bench, text, flush)).toEqual([]);
    bench.session.drain(30_000);
    bench.clock.advance(1000);
    expect(bench.session.timers).toEqual([
      ofContext("drain", 30_000, 29_000, {
        context: undefined,
        lastResetAt: 1100,
        lastResetBy: "drain",
      }),
    ]);
    tone.release();
    await settle();
  });

  it("the silence of its client, which does not count while it is spoken to", async () => {
    const tone = createWatchedTone();
    tone.hold();
    const bench = openSession(tone.engine, { idleMs: 20_000 });
    expect(await lookAt(bench, text, flush)).toEqual([
      expect.objectContaining({ name: "inactivity", leftMs: 20_000, isHeld: true }),
    ]);
    tone.release();
    await settle();
  });
});
