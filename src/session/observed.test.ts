import { describe, expect, it } from "vitest";
import { subjectOfSocket } from "../../test/support/connections.ts";
import { RecordingObserver } from "../../test/support/recording-observer.ts";
import { createWatchedTone } from "../../test/support/server.ts";
import {
  openAccount,
  openSession,
  type SessionBench,
  settle,
  singleContextRules,
  speakAll,
} from "../../test/support/session.ts";
import { createSimulatedEngine } from "../../test/support/simulated-engine.ts";
import { ManualClock } from "../clock.ts";
import type { Engine } from "../engine/synthesizer.ts";
import type { ConnectionObserver } from "../protocol/observer.ts";
import type { SessionPlan, SessionRules } from "../protocol/speech.ts";

interface Watched extends SessionBench {
  readonly observer: RecordingObserver;
}

function connect(observer: RecordingObserver): ConnectionObserver {
  const connection = observer.connection(subjectOfSocket());
  observer.told.length = 0;
  return connection;
}

function watch(
  engine: Engine,
  changes: Partial<SessionPlan> = {},
  parts: Parameters<typeof openSession>[2] = {},
): Watched {
  const observer = new RecordingObserver();
  return { observer, ...openSession(engine, changes, { ...parts, observer: connect(observer) }) };
}

const single = ["opened", "text", "speaking"].map((what) => `context ${what}`);

describe("the observer of a session", () => {
  it("is told of a context and its utterances, in order", async () => {
    const { observer, session, ended } = watch(createWatchedTone().engine);
    await session.accept(speakAll("Hello."));
    await ended;
    expect(observer.course).toEqual([
      ...single,
      "utterance begun",
      "utterance dispatched",
      "utterance firstAudio",
      "context firstAudio",
      "utterance synthesized",
      "utterance ended",
      "context paused",
      "context ended",
    ]);
    expect(observer.detailsOf("utterance", "begun")).toEqual([["Hello.".length]]);
    // The tone engine puts silence around a text, 40 ms for each of its characters.
    expect(observer.detailsOf("utterance", "synthesized")).toEqual([[320, undefined]]);
    const [[outcome, turn] = []] = observer.detailsOf("context", "ended");
    expect(outcome).toBe("complete");
    expect(turn).toMatchObject({ characters: 6, audioMs: 320 });
  });

  it("is told how long the first audio took and the utterance waited", async () => {
    const clock = new ManualClock();
    const voice = { clock, workers: 1, sampleRateHz: 16_000, msPerChar: 40, realTimeFactor: 1 };
    const engine = createSimulatedEngine(voice);
    const [first, second] = [watch(engine, {}, { clock }), watch(engine, {}, { clock })];
    await first.session.accept(speakAll("Ten chars."));
    await second.session.accept(speakAll("Ten more.."));
    await settle();
    clock.advance(400);
    await settle();
    clock.advance(400);
    await settle();
    expect(first.observer.detailsOf("utterance", "dispatched")).toEqual([[0]]);
    expect(first.observer.detailsOf("context", "firstAudio")).toEqual([[400]]);
    expect(second.observer.detailsOf("utterance", "dispatched")).toEqual([[400]]);
    expect(second.observer.detailsOf("context", "firstAudio")).toEqual([[800]]);
  });

  it("is told when a listener runs dry, and for how long", async () => {
    const clock = new ManualClock();
    const voice = { clock, workers: 1, sampleRateHz: 16_000, msPerChar: 40, realTimeFactor: 3 };
    const { observer, session } = watch(createSimulatedEngine(voice), {}, { clock });
    await session.accept(speakAll("The first sentence. The other one."));
    await settle();
    for (let step = 0; step < 100; step += 1) {
      clock.advance(100);
      await settle();
    }
    const underruns = observer.detailsOf("context", "underrun");
    expect(underruns.length).toBe(1);
    expect(Number(underruns[0]?.[0])).toBeGreaterThan(500);
    expect(observer.course.at(-1)).toBe("context ended");
  });

  it("is told of what a client stops: nothing is left open", async () => {
    const tone = createWatchedTone();
    const { observer, session } = watch(tone.engine);
    tone.hold();
    await session.accept([
      { type: "text", context: "", text: "One sentence. ".repeat(30) },
      { type: "flush", context: "", minChars: 0 },
    ]);
    await settle();
    const begun = observer.detailsOf("utterance", "begun").length;
    expect(begun).toBe(2);
    await session.accept([{ type: "cancel", context: "", playedMs: undefined, keep: false }]);
    tone.release();
    await settle();
    expect(observer.detailsOf("utterance", "ended").length).toBe(begun);
    expect(observer.detailsOf("context", "paused").length).toBe(1);
    expect(observer.detailsOf("context", "ended").map(([outcome]) => outcome)).toEqual([
      "cancelled",
    ]);
  });

  it("is told once of a context whose client has gone", async () => {
    const { observer, session } = watch(createWatchedTone().engine);
    await session.accept([
      { type: "text", context: "a", text: "Text that waits for more" },
      { type: "text", context: "b", text: " " },
    ]);
    session.abort();
    session.abort();
    await settle();
    expect(observer.detailsOf("context", "ended").map(([outcome]) => outcome)).toEqual([
      "cancelled",
      "unused",
    ]);
  });

  it("is told of contexts that are refused, and of those that fail", async () => {
    const tone = createWatchedTone();
    const rules: SessionRules = { ...singleContextRules, failure: "context", maxContexts: 1 };
    const { observer, session } = watch(tone.engine, { rules });
    tone.failWith(new Error("broken"), "Fails");
    await session.accept([
      { type: "text", context: "a", text: "Fails." },
      { type: "text", context: "b", text: "One too many." },
      { type: "flush", context: "a", minChars: 0 },
    ]);
    await settle();
    expect(observer.detailsOf("connection", "refused")).toEqual([
      ["too_many_contexts"],
      ["internal_error"],
    ]);
    expect(observer.detailsOf("context", "ended").map(([outcome]) => outcome)).toEqual([
      "unused",
      "failed",
    ]);
  });

  it("is not told that somebody speaks who is not let in", async () => {
    const account = openAccount(0);
    const { observer, session, ended } = watch(createWatchedTone().engine, {}, { account });
    await session.accept(speakAll("Hello."));
    await ended;
    expect(observer.course).toEqual(["context opened", "context text", "context ended"]);
  });
});
