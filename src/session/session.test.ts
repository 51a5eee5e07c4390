import { describe, expect, it } from "vitest";
import { createWatchedTone } from "../../test/support/server.ts";
import { isAudio, openAccount, openSession, settle, speakAll } from "../../test/support/session.ts";
import { SpeechError } from "../protocol/problems.ts";

const context = "";
const typesOf = (events: readonly { type: string }[]): string[] => events.map(({ type }) => type);

describe("a session", () => {
  it("speaks a text, then sends the final event, then closes", async () => {
    const { session, events, ended } = openSession(createWatchedTone().engine);
    await session.accept(speakAll("One clause, and one more."));
    await ended;
    const types = typesOf(events);
    expect(new Set(types.slice(0, -2))).toEqual(new Set(["audio"]));
    expect(types.slice(-2)).toEqual(["final", "close"]);
    expect(events.at(-1)).toEqual({ type: "close", problem: undefined });
  });

  it("ends a context without text with its final event alone", async () => {
    const { session, events, ended } = openSession(createWatchedTone().engine);
    await session.accept([
      { type: "configure", context, configuration: {}, opens: true },
      { type: "close", context },
      { type: "end" },
    ]);
    await ended;
    expect(typesOf(events)).toEqual(["final", "close"]);
  });

  it("keeps the audio of contexts apart and in the order of their text", async () => {
    const { session, events, ended } = openSession(createWatchedTone().engine);
    const texts = { a: "First sentence of a. Second sentence of a.", b: "Only b." };
    await session.accept([
      { type: "text", context: "a", text: texts.a },
      { type: "text", context: "b", text: texts.b },
      { type: "close", context: "a" },
      { type: "close", context: "b" },
      { type: "end" },
    ]);
    await ended;
    for (const [name, text] of Object.entries(texts)) {
      const own = events.filter((event) => "context" in event && event.context === name);
      const spelled = own
        .filter(isAudio)
        .flatMap(({ alignment }) => alignment?.original.chars ?? []);
      expect(spelled.join("").trimEnd()).toBe(text);
      expect(typesOf(own).indexOf("final")).toBe(own.length - 1);
    }
  });

  it("synthesizes at most two utterances ahead of a reader that has stopped", async () => {
    const tone = createWatchedTone();
    const { session } = openSession(tone.engine);
    const reader = session.events()[Symbol.asyncIterator]();
    await session.accept([{ type: "text", context, text: "A sentence. ".repeat(350) }]);
    void reader.next();
    await settle();
    expect(tone.begun.length).toBeLessThanOrEqual(3);
    session.abort();
  });

  it("takes no further message while too much text waits, and goes on when it is spoken", async () => {
    const tone = createWatchedTone();
    tone.hold();
    const { session } = openSession(tone.engine);
    let accepted = false;
    const accepting = (async () => {
      await session.accept([{ type: "text", context, text: "Some words to say. ".repeat(60_000) }]);
      accepted = true;
    })();
    await settle();
    expect(accepted).toBe(false);
    tone.release();
    await accepting;
    session.abort();
  });

  it("says so when the limit is reached, and gives the lease back afterwards", async () => {
    const account = openAccount(1);
    const tone = createWatchedTone();
    tone.hold();
    const first = openSession(tone.engine, {}, { account });
    await first.session.accept(speakAll("First."));
    const second = openSession(tone.engine, {}, { account });
    await second.session.accept(speakAll("Second."));
    await second.ended;
    const problem = { code: "too_many_concurrent_requests", details: { active: 1, limit: 1 } };
    expect(second.events).toEqual([
      { type: "error", problem },
      { type: "close", problem },
    ]);
    tone.release();
    await first.ended;
    expect(account.concurrency.active).toBe(0);
  });

  it("tells a failing engine as an error, and the cause to the log only", async () => {
    const tone = createWatchedTone();
    const { session, events, ended, faults } = openSession(tone.engine);
    const failure = new SpeechError("engine_failed", {}, new Error("the cause"));
    tone.failWith(failure);
    await session.accept(speakAll("It fails."));
    await ended;
    expect(events).toEqual([
      { type: "error", problem: { code: "engine_failed", details: {} } },
      { type: "close", problem: { code: "engine_failed", details: {} } },
    ]);
    expect(faults).toEqual([failure]);
  });

  it("stops all work and says nothing more when the client has gone", async () => {
    const tone = createWatchedTone();
    tone.hold();
    const { session, events, ended, clock, account } = openSession(tone.engine, { idleMs: 20_000 });
    await session.accept([{ type: "text", context, text: "Held up. " }]);
    await session.accept([{ type: "flush", context, minChars: 0 }]);
    await settle();
    session.abort();
    await ended;
    await settle();
    expect(tone.aborted).toEqual(tone.begun);
    expect(events).toEqual([]);
    expect(clock.pending).toBe(0);
    expect(account.concurrency.active).toBe(0);
  });
});

describe("the credential", () => {
  const admit = async (credential: { value: string } | undefined) =>
    credential?.value === "good"
      ? openAccount()
      : ({
          code: credential ? "invalid_api_key" : "authentication_required",
          details: {},
        } as const);

  it("of the request is checked without a message", async () => {
    const credential = { kind: "key", value: "bad" } as const;
    const { events, ended } = openSession(createWatchedTone().engine, { credential }, { admit });
    await ended;
    expect(typesOf(events)).toEqual(["error", "close"]);
  });

  it("of the request makes the one of the message unimportant", async () => {
    const credential = { kind: "key", value: "good" } as const;
    const { session, events, ended } = openSession(
      createWatchedTone().engine,
      { credential },
      { admit },
    );
    await session.accept([{ type: "authenticate", credential: undefined }, ...speakAll("In.")]);
    await ended;
    expect(events.at(-1)).toEqual({ type: "close", problem: undefined });
  });

  it("is asked of the first message, before the voice is looked at", async () => {
    const problem = { code: "voice_not_found", details: { voiceId: "x" } } as const;
    const { session, events, ended } = openSession(
      createWatchedTone().engine,
      { voice: problem },
      { admit },
    );
    await session.accept([{ type: "authenticate", credential: undefined }, ...speakAll("Out.")]);
    await ended;
    expect(events[0]).toEqual({
      type: "error",
      problem: { code: "authentication_required", details: {} },
    });
  });
});

describe("the inactivity timer", () => {
  const idleMs = 20_000;
  const expired = {
    type: "close",
    problem: { code: "input_timeout", details: { seconds: 20 } },
  };

  it("ends a session after the last message", async () => {
    const { session, clock, events, ended } = openSession(createWatchedTone().engine, { idleMs });
    clock.advance(19_000);
    await session.accept([{ type: "text", context, text: " " }]);
    clock.advance(19_999);
    expect(events).toEqual([]);
    clock.advance(1);
    await ended;
    expect(events.at(-1)).toEqual(expired);
  });

  it("stands still while anything is spoken, and starts anew afterwards", async () => {
    const tone = createWatchedTone();
    tone.hold();
    const { session, clock, events, ended } = openSession(tone.engine, { idleMs });
    await session.accept([
      { type: "text", context, text: "Spoken for long." },
      { type: "flush", context, minChars: 0 },
    ]);
    clock.advance(10 * idleMs);
    await settle();
    expect(events).toEqual([]);
    tone.release();
    await settle();
    clock.advance(idleMs - 1);
    await settle();
    expect(new Set(typesOf(events))).toEqual(new Set(["audio"]));
    clock.advance(1);
    await ended;
    expect(events.at(-1)).toEqual(expired);
  });
});

describe("draining", () => {
  const goingAway = { type: "close", problem: { code: "shutting_down", details: {} } };

  it("closes an idle session at once", async () => {
    const { session, events, ended } = openSession(createWatchedTone().engine);
    await session.accept([{ type: "text", context, text: "Not yet due" }]);
    session.drain(0);
    await ended;
    expect(events).toEqual([goingAway]);
  });

  it("lets what was dispatched be spoken, and nothing else", async () => {
    const tone = createWatchedTone();
    tone.hold();
    const { session, events, ended } = openSession(tone.engine);
    await session.accept([
      { type: "text", context, text: "Dispatched. " },
      { type: "flush", context, minChars: 0 },
      { type: "text", context, text: "Buffered. " },
    ]);
    session.drain(0);
    await session.accept([{ type: "text", context, text: "Too late. " }]);
    tone.release();
    await ended;
    expect(tone.begun).toEqual(["Dispatched. "]);
    expect(events.at(-1)).toEqual(goingAway);
  });

  it("lets a stream that the client has ended end as the client expects", async () => {
    const tone = createWatchedTone();
    tone.hold();
    const { session, events, ended } = openSession(tone.engine);
    await session.accept(speakAll("The last words."));
    session.drain(0);
    tone.release();
    await ended;
    expect(events.at(-1)).toEqual({ type: "close", problem: undefined });
  });
});

describe("text that is spoken message by message", () => {
  it("holds back a part of a word until it is whole or nothing follows", async () => {
    const tone = createWatchedTone();
    const { session, clock } = openSession(tone.engine, { dispatch: "message" });
    for (const text of ["Hel", "lo", " wor", "ld. ", "And th", "en"]) {
      await session.accept([{ type: "text", context, text }]);
      await settle();
    }
    expect(tone.begun).toEqual(["Hello ", "world. ", "And "]);
    clock.advance(149);
    await settle();
    expect(tone.begun).toHaveLength(3);
    clock.advance(1);
    await settle();
    expect(tone.begun).toEqual(["Hello ", "world. ", "And ", "then"]);
  });

  it("does not cut a number at its point", async () => {
    const tone = createWatchedTone();
    const { session } = openSession(tone.engine, { dispatch: "message" });
    for (const text of ["It is 3.", "14 now. "]) {
      await session.accept([{ type: "text", context, text }]);
      await settle();
    }
    expect(tone.begun).toEqual(["It is ", "3.14 now. "]);
  });
});

describe("a text with markup", () => {
  const text =
    'One two. <break time="0.5s"/> <phoneme alphabet="ipa" ph="a b">three</phoneme> four.';

  it("pauses at breaks, does not speak tags, and has every character once", async () => {
    const tone = createWatchedTone();
    const { session, events, ended } = openSession(tone.engine, { markup: "ssml" });
    await session.accept(speakAll(text));
    await ended;
    const audio = events.filter(isAudio);
    const spelled = audio.flatMap(({ alignment }) => alignment?.original.chars ?? []).join("");
    expect(spelled.trimEnd()).toBe(text);
    const spoken = audio.flatMap(({ alignment }) => alignment?.normalized.chars ?? []).join("");
    expect(spoken).toBe(" One two.  .  AA1 B four. ");
    expect(tone.begun).toEqual(["One two. ", text.slice(text.indexOf("<phoneme"))]);
    const heardSamples = audio.reduce((sum, { bytes }) => sum + bytes.length / 2, 0);
    const perChar = 16 * 40;
    expect(heardSamples).toBe((" One two. ".length + " AA1 B four. ".length) * perChar + 8000);
  });

  it("is text where markup is not asked for", async () => {
    const tone = createWatchedTone();
    const { session, ended } = openSession(tone.engine);
    await session.accept(speakAll(text));
    await ended;
    expect(tone.begun.join("")).toBe(text);
  });
});
