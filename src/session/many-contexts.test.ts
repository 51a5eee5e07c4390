import { describe, expect, it } from "vitest";
import { type MultiFrame, openMultiStream } from "../../test/support/multi-stream-input.ts";
import { createWatchedTone } from "../../test/support/server.ts";

const idleMs = 20_000;

const of = (frames: readonly { readonly frame: MultiFrame }[], id: string): MultiFrame[] =>
  frames.map(({ frame }) => frame).filter(({ contextId }) => contextId === id);

const bytesOf = (frames: readonly MultiFrame[]): number =>
  frames.reduce((sum, { audio }) => sum + Buffer.from(audio ?? "", "base64").length, 0);

/** What a frame is, in a word. */
const kind = ({ type, audio, isFinal, error }: MultiFrame): string =>
  type ?? (isFinal ? "final" : (error ?? (audio ? "audio" : "?")));

const kinds = (frames: readonly MultiFrame[]): string[] =>
  frames.map(kind).filter((each, index, all) => each !== "audio" || all[index - 1] !== "audio");

/** 16 kHz, two bytes, 10 ms a character, and a space before and after. */
const spokenBytes = (text: string): number => (text.trim().length + 2) * 10 * 32;

describe("a name that is used again while its old context is still read", () => {
  const old = "Onefortwo";

  async function openTwo(query = "") {
    const tone = createWatchedTone({ msPerChar: 10 });
    const stream = await openMultiStream(tone.engine, { query });
    // The reader stays with a frame of another context, so that one of the old one waits.
    stream.listen(0);
    void stream.say({ context_id: "z", text: "Heard first.", close_context: true });
    void stream.say({ context_id: "a", text: old, close_context: true });
    await stream.clock.pass(0);
    return stream;
  }

  it("loses none of the old audio when the new context is silent for too long", async () => {
    const stream = await openTwo();
    void stream.say({ context_id: "a", text: "Not yet due" });
    await stream.clock.pass(idleMs - 1);
    void stream.say({ context_id: "b", text: "" });
    await stream.clock.pass(1);
    stream.listen(Number.POSITIVE_INFINITY);
    await stream.clock.pass(0);
    expect(bytesOf(of(stream.frames, "a"))).toBe(spokenBytes(old));
    expect(kinds(of(stream.frames, "a"))).toEqual(["audio", "final"]);
    await stream.clock.pass(1000);
    void stream.say({ context_id: "b", text: "" });
    await stream.clock.pass(idleMs - 1000);
    expect(kinds(of(stream.frames, "a"))).toEqual(["audio", "final", "final"]);
  });

  async function openOneTooMany() {
    const stream = await openTwo();
    for (const context_id of ["b", "c", "d", "e", "f", "a"]) {
      void stream.say({ context_id, text: "Not yet due" });
    }
    await stream.clock.pass(0);
    stream.listen(Number.POSITIVE_INFINITY);
    await stream.clock.pass(0);
    return of(stream.frames, "a");
  }

  it("loses none of the old audio when the new context is one too many", async () => {
    expect(bytesOf(await openOneTooMany())).toBe(spokenBytes(old));
  });

  // The error and the final frame of the new context come at once: among the old one's audio.
  it("ends the old context before one too many of its name", async () => {
    expect(kinds(await openOneTooMany())).toEqual([
      "audio",
      "final",
      "max_active_conversations",
      "final",
    ]);
  });

  // The kept context does not know of the one whose last frames have not been read yet.
  it("lets the old context end before the kept one of its name speaks", async () => {
    const { engine } = createWatchedTone({ msPerChar: 10 });
    const stream = await openMultiStream(engine, { query: "ext=1" });
    void stream.say({ context_id: "a", text: "One" });
    await stream.clock.pass(0);
    stream.listen(0);
    void stream.say({ context_id: "a", close_context: true });
    await stream.clock.pass(0);
    stream.listen(1);
    await stream.clock.pass(0);
    void stream.say({ context_id: "a", text: "Two", flush: true });
    void stream.say({ type: "cancel", context_id: "a", keep: true });
    void stream.say({ context_id: "a", text: "Three", close_context: true });
    await stream.clock.pass(0);
    stream.listen(Number.POSITIVE_INFINITY);
    await stream.clock.pass(0);
    const told = kinds(of(stream.frames, "a")).filter((each) => each !== "warning");
    expect(told.slice(0, 3)).toEqual(["audio", "turn_end", "final"]);
  });

  it("sends the old final frame also when the new context is cancelled and kept", async () => {
    const stream = await openTwo("ext=1");
    void stream.say({ context_id: "a", text: "Something new." });
    void stream.say({ type: "cancel", context_id: "a", keep: true });
    await stream.clock.pass(0);
    stream.listen(Number.POSITIVE_INFINITY);
    await stream.clock.pass(0);
    expect(kinds(of(stream.frames, "a")).filter((each) => each === "final")).toHaveLength(1);
  });
});

describe("a session that is drained", () => {
  it("speaks what was held back for a newer context", async () => {
    const tone = createWatchedTone({ msPerChar: 100 });
    const stream = await openMultiStream(tone.engine);
    tone.hold();
    for (let index = 0; index < 8; index += 1) {
      const context_id = `c${index}`;
      void stream.say({ context_id, text: `Number ${index}.`, close_context: true });
    }
    await stream.clock.pass(0);
    stream.session.drain(30_000);
    tone.release();
    await stream.clock.pass(10_000);
    expect(stream.closed?.code).toBe(1001);
    expect(stream.frames.filter(({ frame }) => frame.isFinal)).toHaveLength(8);
  });
});

describe("silence", () => {
  it("of a whole socket ends it no later because a context has ended meanwhile", async () => {
    const stream = await openMultiStream(createWatchedTone().engine);
    void stream.say({ context_id: "a", text: "Not yet due" });
    await stream.clock.pass(5000);
    void stream.say({ text: "" });
    await stream.clock.pass(idleMs);
    expect(stream.closed).toEqual({ code: 1008, at: 25_000 });
  });

  it("that ends the last context and with it the session leaves no timer behind", async () => {
    const stream = await openMultiStream(createWatchedTone().engine, { profile: "observed" });
    void stream.say({ context_id: "a", text: "Not yet due" });
    await stream.clock.pass(1000);
    void stream.say({ close_socket: true });
    await stream.clock.pass(idleMs + 800);
    expect(stream.closed?.code).toBe(1000);
    expect(stream.clock.pending).toBe(0);
  });
});

describe("text that waits at most for a time", () => {
  it("is not said to be flushed again and again when it is a space", async () => {
    const stream = await openMultiStream(createWatchedTone().engine, {
      query: "ext=1&max_buffer_delay_ms=1000",
    });
    void stream.say({ context_id: "a", text: "Hello.", flush: true });
    void stream.say({ context_id: "a", text: " " });
    await stream.clock.pass(5000);
    const codes = stream.frames.map(({ frame }) => frame.code).filter(Boolean);
    expect(codes).not.toContain("auto_flushed");
    stream.session.abort();
    expect(stream.clock.pending).toBe(0);
  });
});

// Of two spaces where pieces of text meet the second is not spoken, and is missing here too.
describe("what was heard of a context", () => {
  it.each([
    ["cancelled in the middle", 500],
    ["cancelled at its end", 5000],
  ])("has every character of its text once: %s", async (_name, ms) => {
    const tone = createWatchedTone({ msPerChar: 10 });
    const stream = await openMultiStream(tone.engine, { query: "ext=1&segments=true" });
    for (const text of [" Hello", " there,", " world."]) {
      void stream.say({ context_id: "a", text, flush: true });
    }
    await stream.clock.pass(0);
    void stream.say({ type: "cancel", context_id: "a", played_ms: ms });
    await stream.clock.pass(0);
    const cut = of(stream.frames, "a").find(({ type }) => type === "cancelled");
    expect(`${cut?.text_spoken}${cut?.text_remaining}`).toBe("Hello there, world.");
    const segments = of(stream.frames, "a").filter(({ type }) => type === "segment_start");
    expect(segments.map(({ text }) => text).join("")).toBe("Hello there, world.");
  });
});

describe("a part of a word in auto_mode", () => {
  it("is spoken after its time also when a generation was to be tried", async () => {
    const tone = createWatchedTone();
    const stream = await openMultiStream(tone.engine, { query: "auto_mode=true" });
    void stream.say({ context_id: "a", text: "Hel", try_trigger_generation: true });
    await stream.clock.pass(150);
    expect(tone.begun).toEqual(["Hel"]);
  });
});
