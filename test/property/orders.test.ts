import { neutralSettings } from "../../src/protocol/voice.ts";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEncoderThreads, type EncoderThreads } from "../../src/audio/encoder-threads.ts";
import { models } from "../../src/catalogue.ts";
import { ManualClock, systemClock } from "../../src/clock.ts";
import { TimerQueue } from "../../src/timer-queue.ts";
import {
  createConfigurationReader,
  defaultScheduleChars,
} from "../../src/dialect/elevenlabs/messages.ts";
import { createSocketCodec } from "../../src/dialect/elevenlabs/socket-codec.ts";
import { StreamInputReader } from "../../src/dialect/elevenlabs/stream-input.ts";
import type { TimeBase } from "../../src/dialect/elevenlabs/wire-alignment.ts";
import type { SocketCodec } from "../../src/protocol/dialect.ts";
import { noConnection } from "../../src/protocol/observer.ts";
import type { Event, SessionPlan } from "../../src/protocol/speech.ts";
import { Session } from "../../src/session/session.ts";
import { createWatchedTone } from "../support/server.ts";
import { freely, openAccount, singleContextRules } from "../support/session.ts";
import { conversation } from "./client-messages.ts";
import { turns, until } from "./until.ts";

const numRuns = 1500 * Math.max(1, Number(process.env["PROPERTY_RUNS"] ?? 1));

/** What happens to a session besides the messages of its client. */
type Step =
  | { readonly does: "say" }
  | { readonly does: "wait"; readonly ms: number }
  | { readonly does: "turn"; readonly count: number }
  | { readonly does: "listen"; readonly events: number }
  | { readonly does: "hold" | "release" | "fail" | "heal" | "drain" | "abort" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.constant<Step>({ does: "say" }) },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(0, 1, 149, 150, 5000, 25_000)
      .map((ms): Step => ({ does: "wait", ms })),
  },
  {
    weight: 6,
    arbitrary: fc.integer({ min: 1, max: 5 }).map((count): Step => ({ does: "turn", count })),
  },
  {
    weight: 6,
    arbitrary: fc.integer({ min: 1, max: 5 }).map((events): Step => ({ does: "listen", events })),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom("hold", "release", "heal").map((does): Step => ({ does })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("fail", "drain", "abort").map((does): Step => ({ does })),
  },
);

interface Course {
  readonly dispatch: SessionPlan["dispatch"];
  readonly alignment: SessionPlan["alignment"];
  readonly limit: number;
  readonly keyInHead: boolean;
  readonly said: readonly (string | Buffer)[];
  readonly steps: readonly Step[];
}

const course: fc.Arbitrary<Course> = fc.record({
  dispatch: fc.constantFrom("schedule", "message"),
  alignment: fc.constantFrom("utterance", "frame"),
  limit: fc.constantFrom(1, 1, 1, 0),
  keyInHead: fc.boolean(),
  said: conversation(30).map(({ messages }) => messages.map(({ data }) => data)),
  steps: fc.array(step, { minLength: 5, maxLength: 60 }),
});

const createCodec = (timeBase: TimeBase): SocketCodec =>
  createSocketCodec(new StreamInputReader(createConfigurationReader(neutralSettings, false)), {
    timeBase,
    namesContexts: false,
    duplicateSpellings: false,
    errorsNameContext: false,
    traceId: undefined,
    extension: undefined,
  });

/** Runs one course of things and hears the session out. */
async function run(course: Course, encoders: EncoderThreads) {
  const clock = new ManualClock();
  const tone = createWatchedTone({ msPerChar: 1 });
  const [voice] = tone.engine.voices;
  const [model] = models;
  if (!voice || !model) throw new Error("There is a voice and a model");
  const plan: SessionPlan = {
    credential: course.keyInHead ? { kind: "key", value: "good" } : undefined,
    voice,
    model,
    format: { encoding: "pcm_s16le", container: "raw", sampleRateHz: voice.sampleRateHz },
    settings: neutralSettings,
    dispatch: course.dispatch,
    scheduleChars: defaultScheduleChars,
    markup: course.dispatch === "message" ? "ssml" : "none",
    normalization: "auto",
    alignment: course.alignment,
    idleMs: 20_000,
    maxFrameBytes: 40_000,
    maxBufferDelayMs: undefined,
    rules: singleContextRules,
    details: undefined,
    warnings: [],
    playback: "live",
    retention: "none",
  };
  const account = openAccount(course.limit);
  const parts = {
    clock,
    timers: new TimerQueue(clock),
    synthesizer: tone.engine,
    encoders,
    ...freely(clock),
    admit: () => Promise.resolve(account),
    resolveDictionaries: () => Promise.resolve({ rules: [], found: [], missing: [] }),
  };
  const session = new Session(plan, parts, {
    account,
    address: "127.0.0.1",
    observer: noConnection,
    onFault: () => {},
    onWarning: () => {},
    onTurn: () => {},
  });
  const codec = createCodec("chunk");

  const events: Event[] = [];
  const frames: (string | Uint8Array | undefined)[] = [];
  let toHear = 0;
  let isOver = false;
  let isAborted = false;
  let hearMore = (): void => {};
  const hearing = (async () => {
    for await (const event of session.events()) {
      // Once aborted nothing more may be told; what was told before counts as heard.
      events.push(event);
      frames.push(
        event.type === "close"
          ? JSON.stringify(codec.close(event.problem))
          : codec.encode(event, (sizeBytes) => Buffer.alloc(sizeBytes))[0]?.data,
      );
      toHear -= 1;
      while (toHear <= 0) {
        await new Promise<void>((resolve) => {
          hearMore = resolve;
        });
      }
    }
    isOver = true;
  })();

  let accepting = Promise.resolve();
  const say = (data: string | Buffer): void => {
    accepting = accepting.then(() => session.accept(codec.decode(data)));
  };
  const said = [...course.said];
  const listen = (count: number): void => {
    toHear = Math.max(0, toHear) + count;
    hearMore();
  };

  for (const each of course.steps) {
    switch (each.does) {
      case "say": {
        const data = said.shift();
        if (data !== undefined) say(data);
        break;
      }
      case "wait":
        clock.advance(each.ms);
        break;
      case "turn":
        await turns(each.count);
        break;
      case "listen":
        listen(each.events);
        break;
      case "hold":
        tone.hold();
        break;
      case "release":
        tone.release();
        break;
      case "fail":
        tone.failWith(new Error("the engine broke"));
        break;
      case "heal":
        tone.failWith(undefined);
        break;
      case "drain":
        session.drain(0);
        break;
      case "abort":
        session.abort();
        isAborted = true;
        break;
    }
  }
  tone.release();
  say('{"text":""}');
  listen(Number.POSITIVE_INFINITY);
  await until(() => isOver, "the session ends");
  await hearing;
  await accepting;
  // A lease is given back in the turn after the last event.
  await until(
    () => account.concurrency.active === 0 && !session.busy,
    "nothing is spoken any more",
  );
  return { clock, events, frames, isAborted };
}

describe("any order of messages, waits, failures and ends", () => {
  let encoders: EncoderThreads;
  beforeAll(() => {
    encoders = createEncoderThreads({ clock: systemClock, size: 1 });
  });
  afterAll(() => encoders.close());

  it("ends in order and leaves nothing behind", async () => {
    await fc.assert(
      fc.asyncProperty(course, async (course) => {
        const { clock, events, frames, isAborted } = await run(course, encoders);
        const types = events.map(({ type }) => type);
        expect(types.filter((type) => type === "final").length).toBeLessThanOrEqual(1);
        expect(types.filter((type) => type === "error").length).toBeLessThanOrEqual(1);
        const finalAt = types.indexOf("final");
        if (finalAt >= 0) expect(types.lastIndexOf("audio")).toBeLessThan(finalAt);
        const closeAt = types.indexOf("close");
        if (!isAborted) expect(closeAt).toBeGreaterThanOrEqual(0);
        if (closeAt >= 0) expect(closeAt).toBe(types.length - 1);
        const last = events.at(-1);
        const beforeLast = events.at(-2);
        if (last?.type === "close" && last.problem === undefined) {
          expect(beforeLast?.type).toBe("final");
        }
        if (beforeLast?.type === "error") {
          expect(last).toEqual({ type: "close", problem: beforeLast.problem });
        }
        expect(frames.every((frame) => frame !== undefined && frame.length > 0)).toBe(true);
        expect(clock.pending).toBe(0);
      }),
      { numRuns },
    );
  }, 300_000);
});

describe("a message that ends in a part of a word", () => {
  it("leaves no timer behind when it is refused for too many streams", async () => {
    const encoders = createEncoderThreads({ clock: systemClock, size: 1 });
    try {
      const { clock, events } = await run(
        {
          dispatch: "message",
          alignment: "utterance",
          limit: 0,
          keyInHead: true,
          said: ['{"text":"Two wor"}'],
          steps: [{ does: "say" }, { does: "turn", count: 5 }],
        },
        encoders,
      );
      expect(events.map(({ type }) => type)).toEqual(["error", "close"]);
      expect(clock.pending).toBe(0);
    } finally {
      await encoders.close();
    }
  });
});

describe("the codec of stream-input", () => {
  it("never throws, whatever comes", () => {
    fc.assert(
      fc.property(conversation(30), fc.uint8Array({ maxLength: 200 }), ({ messages }, bytes) => {
        const codec = createCodec("context");
        for (const data of [...messages.map(({ data }) => data), bytes]) {
          const commands = codec.decode(data);
          expect(Array.isArray(commands)).toBe(true);
        }
      }),
      { numRuns },
    );
  });

  it("says nothing more after its end", () => {
    fc.assert(
      fc.property(conversation(30), ({ messages }) => {
        const codec = createCodec("chunk");
        const ends = messages
          .map(({ data }) => codec.decode(data))
          .map((commands) => commands.some(({ type }) => type === "end" || type === "reject"));
        const endAt = ends.indexOf(true);
        expect(ends.filter(Boolean).length).toBeLessThanOrEqual(1);
        const late = codec.decode('{"text":"more"}').map(({ type }) => type);
        if (endAt >= 0) expect(late.filter((type) => type !== "late")).toEqual([]);
      }),
      { numRuns },
    );
  });
});
