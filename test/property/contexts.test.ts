import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Profile } from "../../src/dialect/elevenlabs/compatibility.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import {
  type MultiFrame,
  type MultiStream,
  openMultiStream,
} from "../support/multi-stream-input.ts";
import { createWatchedTone, type WatchedTone } from "../support/server.ts";
import { ContextModel, type Expected } from "./context-model.ts";
import { type Course, courses, type Step } from "./courses.ts";

const scale = Math.max(1, Number(process.env["PROPERTY_RUNS"] ?? 1));
const idleMs = 20_000;

const maxContexts = 5;

interface Setting {
  readonly profile: Profile;
  readonly isExtended: boolean;
  readonly discards: boolean;
  readonly msPerChar: number;
}

/** One course on one session, with the model beside it. */
class Run {
  readonly model: ContextModel;
  readonly stream: MultiStream;
  readonly #setting: Setting;
  readonly #tone: WatchedTone;
  #isHeld = false;
  #isListening = true;
  /** The session ends with its last context, which may take its time. */
  #isEnding = false;

  static async open(course: Course, setting: Setting): Promise<Run> {
    const { profile, msPerChar } = setting;
    const tone = createWatchedTone({ msPerChar });
    const query = new URLSearchParams(course.query).toString();
    return new Run(setting, tone, await openMultiStream(tone.engine, { profile, query }));
  }

  constructor(setting: Setting, tone: WatchedTone, stream: MultiStream) {
    const { profile } = setting;
    this.#setting = setting;
    this.#tone = tone;
    this.stream = stream;
    this.model = new ContextModel({
      ...setting,
      idleMs,
      emptyMessageOpens: profile === "observed",
    });
  }

  get now(): number {
    return this.stream.clock.now();
  }

  /** What is said after the error is ignored, also while the connection is still open. */
  get #isOver(): boolean {
    const { closed, frames } = this.stream;
    return closed !== undefined || frames.some(({ frame }) => frame.error !== undefined);
  }

  async take(step: Step): Promise<void> {
    if (this.#isOver) return;
    switch (step.does) {
      case "say":
        return this.#say(step);
      case "cancel":
        return this.#cancel(step);
      case "wait":
        return this.#wait(step.ms);
      case "listen":
        this.#isListening = step.frames === Number.POSITIVE_INFINITY;
        this.stream.listen(step.frames);
        return this.#pass(0);
      case "hold":
        this.#isHeld = true;
        return this.#tone.hold();
      case "release":
        return this.#release();
    }
  }

  /** Everything that was held up goes on. */
  async flow(): Promise<void> {
    this.#isListening = true;
    this.stream.listen(Number.POSITIVE_INFINITY);
    await this.#release();
  }

  async finish(closesSocket: boolean): Promise<void> {
    await this.flow();
    const { stream, model } = this;
    if (closesSocket && !this.#isOver) {
      const closesContexts = this.#setting.profile === "kind";
      model.closeSocket(this.now, stream.frames.length, closesContexts);
      this.#isEnding = true;
      void stream.say({ close_socket: true });
    }
    // The last message of all may be followed by speech in real time.
    for (let waits = 0; waits < 20 && !stream.closed; waits += 1) {
      await stream.clock.pass(idleMs / 2);
      this.#look();
    }
  }

  async #say({ name, members }: Extract<Step, { does: "say" }>): Promise<void> {
    const message = name === null ? members : { context_id: name, ...members };
    if (this.#isOneTooMany(name, members)) return;
    this.model.say({ at: this.now, message: { ...members } }, name, this.stream.frames.length);
    void this.stream.say(message);
    await this.#pass(0);
  }

  /** The profile `observed` counts every context until its final frame, and closes the socket. */
  #isOneTooMany(name: string | null, members: object): boolean {
    const { model } = this;
    if (this.#setting.profile === "kind" || model.open(name) || !model.opens({ ...members })) {
      return false;
    }
    const isThere = ({ last }: Expected): boolean => !last || last.doneAt > this.now;
    return model.contexts.filter(isThere).length >= maxContexts;
  }

  async #cancel({ name, keep, playedMs }: Extract<Step, { does: "cancel" }>): Promise<void> {
    if (!this.#setting.isExtended) return;
    const isKept = keep && this.model.open(name) !== undefined;
    this.model.cancel(name, isKept, this.now, this.stream.frames.length);
    const played = playedMs === undefined ? {} : { played_ms: playedMs };
    void this.stream.say({ type: "cancel", context_id: name, keep: isKept, ...played });
    await this.#pass(0);
  }

  async #wait(ms: number): Promise<void> {
    // Whether a context has expired cannot be known while nobody listens.
    const { contexts, sessionQuietSince } = this.model;
    const quiet = contexts.flatMap(({ last, lastNamedAt }) => (last ? [] : lastNamedAt));
    if (!this.#isListening && Math.min(sessionQuietSince, ...quiet) + idleMs <= this.now + ms) {
      this.#isListening = true;
      this.stream.listen(Number.POSITIVE_INFINITY);
      await this.#pass(0);
    }
    await this.#pass(ms);
  }

  async #release(): Promise<void> {
    this.#isHeld = false;
    this.#tone.release();
    await this.#pass(0);
  }

  async #pass(ms: number): Promise<void> {
    await this.stream.clock.pass(ms);
    this.#look();
  }

  #look(): void {
    const { model, stream, now } = this;
    expectNone(model.attribute(stream.frames));
    for (const context of model.contexts) expectNotEarly(model, context);
    model.forgetBlank(now);
    if (this.#isOver || this.#isHeld || !this.#isListening) return;
    // What is due has happened, unless real time still keeps something going.
    const isSpeaking = stream.session.busy;
    if (isSpeaking) return;
    if (!this.#isEnding) expectNotDue(model.sessionQuietSince + idleMs, now);
    for (const context of model.contexts) {
      if (context.end !== "none" || context.last) continue;
      expectNotDue(model.quietSince(context) + idleMs, now);
    }
  }
}

const expectNone = (strays: readonly MultiFrame[]): void => expect(strays).toEqual([]);

/** Whatever is due has happened. */
const expectNotDue = (at: number, now: number): void => expect(at).toBeGreaterThan(now);

/** A context that its client has not ended ends after the whole time of silence. */
function expectNotEarly(model: ContextModel, context: Expected): void {
  const { last, end, frames } = context;
  if (!last || end !== "none") return;
  const before = {
    ...context,
    frames: frames.filter(({ at, frame }) => at < last.at || frame.audio),
  };
  expect(last.at).toBeGreaterThanOrEqual(model.quietSince(before) + idleMs);
}

interface Speech {
  readonly audio: Buffer;
  readonly chars: string;
  readonly starts: readonly number[];
  readonly durations: readonly number[];
  readonly spoken: string;
}

function speechOf(frames: Expected["frames"]): Speech {
  const all = frames.map(({ frame }) => frame);
  const alignments = all.flatMap(({ alignment }) => alignment ?? []);
  const normalized = all.flatMap(({ normalizedAlignment }) => normalizedAlignment ?? []);
  return {
    audio: Buffer.concat(all.map(({ audio }) => Buffer.from(audio ?? "", "base64"))),
    chars: alignments.flatMap(({ chars }) => chars).join(""),
    starts: alignments.flatMap(({ charStartTimesMs }) => charStartTimesMs),
    durations: alignments.flatMap(({ charDurationsMs }) => charDurationsMs),
    spoken: normalized.flatMap(({ chars }) => chars).join(""),
  };
}

/** What is heard of a context when its client says the same things at the same times to it alone. */
async function speakAlone({ said, openedAt }: Expected, course: Course, setting: Setting) {
  const { profile, msPerChar } = setting;
  const query = new URLSearchParams({ ...course.query, x_discard_on_close: "false" }).toString();
  const plan = { idleMs: undefined };
  const stream = await openMultiStream(createToneEngine({ msPerChar }), { profile, query, plan });
  let now = openedAt;
  for (const { at, message } of said) {
    await stream.clock.pass(at - now);
    now = at;
    void stream.say({ ...message, context_id: "alone" });
  }
  await stream.clock.pass(2 * idleMs);
  const frames = stream.frames.filter(({ frame }) => frame.contextId === "alone");
  stream.session.abort();
  expect(stream.clock.pending).toBe(0);
  return speechOf(frames);
}

async function expectSpoken(context: Expected, course: Course, setting: Setting): Promise<void> {
  const heard = speechOf(context.frames);
  const alone = await speakAlone(context, course, setting);
  if (context.mayBeCut || !context.last) {
    expect(alone.audio.subarray(0, heard.audio.length).equals(heard.audio)).toBe(true);
    expect(alone.chars.startsWith(heard.chars)).toBe(true);
    return;
  }
  expect(heard.audio.equals(alone.audio)).toBe(true);
  expect({ ...heard, audio: undefined }).toEqual({ ...alone, audio: undefined });
}

/** `isCutOff`: the session has ended before its contexts, of which no final frame tells. */
function expectTold(
  { frames, last, end, finals, text, flushes }: Expected,
  isCutOff: boolean,
): void {
  const all = frames.map(({ frame }) => frame);
  const ofType = (type: string) => all.filter((frame) => frame.type === type);
  expect(ofType("turn_end").length).toBe(last ? 1 : 0);
  const mayLackFinal = isCutOff && last?.frame.reason === "idle_timeout";
  if (!mayLackFinal) expect(finals).toBe(last && end !== "kept" ? 1 : 0);
  const acknowledged = ofType("flush_done").map(({ flush_id }) => flush_id);
  expect(acknowledged).toEqual(acknowledged.map((_, index) => index + 1));
  const segments = ofType("segment_start");
  for (const { text: segment = "", text_offset: from = 0 } of segments) {
    expect(text.startsWith(segment, from)).toBe(true);
  }
  const spoken = segments.map(({ text }) => text).join("");
  expect(text.trimStart().startsWith(spoken)).toBe(true);
  const isComplete = last?.frame.reason === "complete";
  if (isComplete) {
    expect(acknowledged).toHaveLength(flushes);
    expect(spoken.trim()).toBe(text.trim());
    expect(ofType("cancelled")).toEqual([]);
  }
  if (last?.frame.reason !== "cancelled" || end === "closed") return;
  const [cut] = ofType("cancelled");
  expect(`${cut?.text_spoken}${cut?.text_remaining}`.trim()).toBe(text.trim());
}

async function expectGood(course: Course, setting: Setting): Promise<void> {
  const run = await Run.open(course, setting);
  for (const step of course.steps) await run.take(step);
  await run.finish(course.closesSocket);
  const { stream, model } = run;
  const errors = stream.frames.flatMap(({ frame }) => frame.error ?? []);
  if (errors.length > 0) expect(errors).toEqual(["input_timeout_exceeded"]);
  expect(stream.closed?.code).toBe(errors.length > 0 ? 1008 : 1000);
  if (errors.length > 0) {
    const delayMs = setting.profile === "observed" ? 800 : 0;
    expect(stream.closed?.at).toBe(model.sessionQuietSince + idleMs + delayMs);
  }
  for (const context of model.contexts) {
    const { last, end, finals, framesAtEnd, name, text } = context;
    const isDropped = name === null && text.trim() === "";
    if (end === "closed" && !isDropped) expect(finals).toBe(1);
    if (last && end !== "none")
      expect(stream.frames.indexOf(last)).toBeGreaterThanOrEqual(framesAtEnd);
    if (setting.isExtended) expectTold(context, errors.length > 0);
    await expectSpoken(context, course, setting);
  }
  expect(stream.unread).toBe(0);
  expect(stream.clock.pending).toBe(0);
  expect(stream.account.concurrency.active).toBe(0);
  expect(stream.session.busy).toBe(false);
}

interface Way {
  readonly name: string;
  readonly setting: Setting;
  readonly query?: Readonly<Record<string, string>>;
  readonly runs: number;
}

const details = { ext: "1", segments: "true", boundaries: "word,sentence" };
const kind = { profile: "kind", isExtended: false, discards: false, msPerChar: 1 } as const;

const ways: readonly Way[] = [
  { name: "as a vendor's client hears it", setting: kind, runs: 1000 },
  { name: "with details", setting: { ...kind, isExtended: true }, query: details, runs: 1000 },
  {
    name: "with details and text that waits for 300 ms at most",
    setting: { ...kind, isExtended: true },
    query: { ...details, max_buffer_delay_ms: "300" },
    runs: 400,
  },
  { name: "at the speed of a voice", setting: { ...kind, msPerChar: 60 }, runs: 100 },
  {
    name: "where closing discards",
    setting: { ...kind, discards: true },
    query: { x_discard_on_close: "true" },
    runs: 400,
  },
  { name: "as the hosted service behaves", setting: { ...kind, profile: "observed" }, runs: 800 },
];

describe("any course of messages, pauses and slow readers over five names", () => {
  it.each(ways)(
    "gives every context its speech and one end: $name",
    async ({ setting, query, runs }) => {
      await fc.assert(
        fc.asyncProperty(courses(query), (course) => expectGood(course, setting)),
        { numRuns: runs * scale },
      );
    },
    300_000,
  );
});
