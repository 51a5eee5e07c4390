import { describe, expect, it, vi } from "vitest";
import { isAudio, openSession, settle, speakAll } from "../../test/support/session.ts";
import { createSimulatedEngine } from "../../test/support/simulated-engine.ts";
import { ManualClock } from "../clock.ts";
import type { Engine } from "../engine/synthesizer.ts";
import { createSpeechCache } from "../engine/stages/cache.ts";
import { createToneEngine } from "../engine/tone.ts";
import type { Event } from "../protocol/speech.ts";
import { Admission, type Playout } from "./admission.ts";

const msPerChar = 100;
const sampleRateHz = 16_000;
/** 20 sentences of 3 seconds. */
const minute = "A sentence of about three secs. ".repeat(20).trimEnd();
const sentAudioMs = (events: readonly Event[]): number =>
  events.filter(isAudio).reduce((sum, { samples }) => sum + samples / 16, 0);

/** A tone engine that remembers when each utterance is due. */
function createWatchedEngine(): Engine & { readonly dueAts: (number | undefined)[] } {
  const tone = createToneEngine({ msPerChar, sampleRateHz });
  const dueAts: (number | undefined)[] = [];
  return {
    ...tone,
    dueAts,
    synthesize(utterance, signal) {
      dueAts.push(utterance.dueAt);
      return tone.synthesize(utterance, signal);
    },
  };
}

async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    clock.advance(Math.min(500, ms - passed));
    await settle();
  }
}

describe("the lead of a listener", () => {
  it("holds a stream back that is far enough ahead, and what is made for it", async () => {
    const engine = createWatchedEngine();
    const { session, events, clock } = openSession(engine, {}, { leadMs: 10_000 });
    void session.accept(speakAll(minute));
    await settle();
    expect(sentAudioMs(events)).toBeGreaterThanOrEqual(10_000);
    expect(sentAudioMs(events)).toBeLessThanOrEqual(11_000);
    expect(engine.dueAts.length).toBeLessThan(6);
    await pass(clock, 5000);
    expect(sentAudioMs(events)).toBeGreaterThanOrEqual(15_000);
    expect(sentAudioMs(events)).toBeLessThanOrEqual(16_000);
    await pass(clock, 50_000);
    expect(events.at(-1)?.type).toBe("close");
    expect(clock.pending).toBe(0);
  });

  it.each([
    ["it has no bounds", {}, {}],
    ["nobody listens to what becomes a file", { playback: "file" }, { leadMs: 10_000 }],
  ] as const)("holds nothing back when %s", async (_, plan, parts) => {
    const { session, events } = openSession(createWatchedEngine(), plan, parts);
    await session.accept(speakAll(minute));
    await settle();
    expect(events.at(-1)?.type).toBe("close");
  });

  it("does not count when the server goes, or the client ends everything", async () => {
    const { session, events } = openSession(createWatchedEngine(), {}, { leadMs: 10_000 });
    void session.accept([
      { type: "text", context: "", text: minute },
      { type: "flush", context: "", minChars: 0 },
    ]);
    await settle();
    session.drain(30_000);
    await settle();
    expect(sentAudioMs(events)).toBeGreaterThan(60_000);

    const other = openSession(createWatchedEngine(), {}, { leadMs: 10_000 });
    void other.session.accept([
      { type: "text", context: "", text: minute },
      { type: "close_all", withinMs: 1500 },
    ]);
    await settle();
    expect(sentAudioMs(other.events)).toBeGreaterThan(60_000);
  });
});

describe("an utterance is due", () => {
  it("at once when it is waited for in silence, and later ones when all before is heard", async () => {
    const engine = createWatchedEngine();
    const clock = new ManualClock();
    const { session } = openSession(engine, {}, { leadMs: 4000, clock });
    clock.advance(1000);
    void session.accept([{ type: "text", context: "", text: `Hello there, ${minute}` }]);
    await settle();
    const [first, second, third] = engine.dueAts;
    expect(first).toBe(1000);
    // 13 characters are likely to take 65 ms each.
    expect(second).toBe(1000 + 13 * 65);
    // The first was heard as long as it is, and the second is likely to take as long as the first says.
    expect(third).toBeGreaterThan(1000 + 1500 + 31 * 65);
    session.abort();
  });

  it("never when it becomes a file", async () => {
    const engine = createWatchedEngine();
    const { session } = openSession(engine, { playback: "file" });
    await session.accept(speakAll(minute));
    await settle();
    expect(new Set(engine.dueAts)).toEqual(new Set([Number.POSITIVE_INFINITY]));
  });
});

describe("many speakers of one engine", () => {
  /** When the first audio of somebody with a word to say comes beside 16 who say much. */
  async function firstAudioMs(scheduling: "deadline" | "arrival"): Promise<number> {
    const clock = new ManualClock();
    const engine = createSimulatedEngine({
      clock,
      workers: 1,
      realTimeFactor: 0.02,
      sampleRateHz,
      msPerChar,
      scheduling,
    });
    const others = Array.from({ length: 16 }, () => openSession(engine, {}, { clock }));
    for (const { session } of others) void session.accept(speakAll(minute));
    await pass(clock, 2000);
    const { session, events } = openSession(engine, {}, { clock });
    const askedAt = clock.now();
    void session.accept(speakAll("Hello."));
    while (!events.some(isAudio)) await pass(clock, 10);
    const waitedMs = clock.now() - askedAt;
    for (const other of others) other.session.abort();
    return waitedMs;
  }

  it("let somebody new speak first, where first come, first served makes it wait", async () => {
    const byDeadline = await firstAudioMs("deadline");
    expect(byDeadline).toBeLessThan(0.2 * (await firstAudioMs("arrival")));
  });

  it("never run dry before one who has more in hand is spoken to", async () => {
    const clock = new ManualClock();
    const options = { workers: 1, realTimeFactor: 0.1, sampleRateHz, msPerChar };
    const engine = createSimulatedEngine({ clock, ...options });
    const sessions = Array.from({ length: 8 }, () =>
      openSession(engine, {}, { clock, leadMs: 10_000 }),
    );
    for (const { session } of sessions) void session.accept(speakAll(minute));
    // After the first clauses everybody has been heard without a gap, or the engine is too slow.
    await pass(clock, 5000);
    for (let second = 0; second < 40; second += 1) {
      const before = sessions.map(({ events }) => sentAudioMs(events));
      await pass(clock, 1000);
      const slowest = Math.min(...sessions.map(({ events }) => sentAudioMs(events)));
      expect(slowest).toBeGreaterThan(Math.min(second * 1000, 55_000));
      expect(before.every((ms, index) => ms <= sentAudioMs(sessions[index]?.events ?? []))).toBe(
        true,
      );
    }
  });
});

describe("the seat of a speaker", () => {
  const engine = createToneEngine({ msPerChar, sampleRateHz });
  const openSeated = () => {
    const clock = new ManualClock();
    const admission = new Admission({ clock, cores: 1, cpuMs: () => 0, refuses: true });
    return { admission, ...openSession(engine, {}, { clock, admission }) };
  };
  const flush = { type: "flush", context: "", minChars: 0 } as const;

  it("is kept until all was heard, and by a context that goes on before", async () => {
    const { admission, session, clock } = openSeated();
    await session.accept([{ type: "text", context: "", text: "Hello there. " }, flush]);
    await settle();
    expect(admission.listeners).toBe(1);
    clock.advance(1000);
    await session.accept([{ type: "text", context: "", text: "And more. " }, flush]);
    await settle();
    expect(admission.listeners).toBe(1);
    clock.advance(1400);
    expect(admission.listeners).toBe(1);
    clock.advance(200);
    expect(admission.listeners).toBe(0);
  });

  it("knows what its listener has in hand, and whether more may come", async () => {
    const { admission, session, clock } = openSeated();
    const enter = admission.enter.bind(admission);
    const playouts: Playout[] = [];
    const ends: boolean[] = [];
    vi.spyOn(admission, "enter").mockImplementation(async (voice, playout, signal) => {
      playouts.push(playout);
      const seat = await enter(voice, playout, signal);
      const leave = (heardAt: number, isOver: boolean): void => {
        ends.push(isOver);
        seat.leave(heardAt, isOver);
      };
      return { ...seat, leave };
    });
    await session.accept([{ type: "text", context: "", text: "Hello there. " }, flush]);
    await settle();
    const inHandMs = playouts[0]?.inHandMs ?? 0;
    expect(inHandMs).toBeGreaterThan(1000);
    clock.advance(400);
    expect(playouts[0]?.inHandMs).toBe(inHandMs - 400);
    expect(ends).toEqual([false]);
    await session.accept(speakAll("And more."));
    await settle();
    expect(ends).toEqual([false, true]);
    expect(playouts).toHaveLength(1);
  });

  it("is free at once when its listener goes or does not listen any more", async () => {
    const cancel = { type: "cancel", context: "", playedMs: undefined, keep: false } as const;
    for (const end of ["abort", "cancel"] as const) {
      const { admission, session } = openSeated();
      await session.accept(speakAll(minute).slice(0, 1));
      await settle();
      expect(admission.listeners).toBe(1);
      if (end === "abort") session.abort();
      else await session.accept([cancel]);
      await settle();
      expect(admission.listeners).toBe(0);
    }
  });

  it("is not taken by what becomes a file", async () => {
    const clock = new ManualClock();
    const { admission } = openSeated();
    const { session } = openSession(engine, { playback: "file" }, { clock, admission });
    void session.accept(speakAll(minute));
    expect(admission.listeners).toBe(0);
    await settle();
    expect(admission.listeners).toBe(0);
  });
});

it("audio that comes nearly late, though it was asked for in time, is a strain", async () => {
  const clock = new ManualClock();
  // A sentence takes nearly as long to make as to hear.
  const options = { workers: 1, realTimeFactor: 0.95, sampleRateHz, msPerChar };
  const engine = createSimulatedEngine({ clock, ...options });
  const admission = new Admission({ clock, cores: 1, cpuMs: () => 0, refuses: true });
  const onStrain = vi.spyOn(admission, "onStrain");
  const { session } = openSession(engine, {}, { clock, admission });
  void session.accept(speakAll(minute));
  await pass(clock, 4000);
  expect(onStrain).not.toHaveBeenCalled();
  await pass(clock, 20_000);
  expect(onStrain).toHaveBeenCalled();
  session.abort();
});

describe("speech that is in a cache", () => {
  const costly = (): Engine => {
    const tone = createToneEngine({ msPerChar, sampleRateHz });
    const engine: Engine = {
      ...tone,
      async *synthesize(utterance, signal) {
        for await (const pcm of tone.synthesize(utterance, signal)) {
          yield { ...pcm, synthesisMs: pcm.samples.length / 160 };
        }
      },
    };
    return { ...engine, ...createSpeechCache(1_000_000).wrap(engine) };
  };

  it("costs its listener's turn nothing, and does not make its voice look cheap", async () => {
    const clock = new ManualClock();
    const engine = costly();
    const [voice] = engine.voices;
    const admission = new Admission({ clock, cores: 1, cpuMs: () => 0, refuses: true });
    const say = async (): Promise<readonly Event[]> => {
      const { session, events } = openSession(engine, {}, { clock, admission });
      void session.accept(speakAll("Hello there."));
      await settle();
      clock.advance(5000);
      return events;
    };
    const first = await say();
    const learned = voice && admission.rates.realTimeFactor(voice);
    expect(learned).toBeGreaterThan(0.05);
    const second = await say();
    expect(voice && admission.rates.realTimeFactor(voice)).toBe(learned);
    expect(second.filter(isAudio)).toEqual(first.filter(isAudio));
    expect(first.find(({ type }) => type === "final")).toMatchObject({
      turn: { synthesisMs: 140 },
    });
    expect(second.find(({ type }) => type === "final")).toMatchObject({ turn: { synthesisMs: 0 } });
  });

  it("is not kept for a client who wants nothing kept", async () => {
    const engine = costly();
    for (const retention of ["private", "private", "history", "usage"] as const) {
      const { session, events } = openSession(engine, { retention });
      await session.accept(speakAll("Hello there."));
      await settle();
      const final = events.find(({ type }) => type === "final");
      expect(final).toMatchObject({ turn: { synthesisMs: retention === "usage" ? 0 : 140 } });
    }
  });
});
