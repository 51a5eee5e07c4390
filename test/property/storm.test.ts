import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/synthesizer.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import {
  type MultiFrame,
  type MultiStream,
  openMultiStream,
} from "../support/multi-stream-input.ts";
import { startServer, testKey } from "../support/server.ts";
import { createSimulatedEngine } from "../support/simulated-engine.ts";
import { SteppingClock } from "../support/stepping-clock.ts";
import { openStreamInput } from "../support/stream-input.ts";

/** Low, so that hours of speech are a few megabytes. */
const sampleRateHz = 1000;
const bytesPerMs = 2;
const msPerChar = 60;
const turnMs = 200;
const interruptions = 10_000;
/** A listener in real time has this much in hand. */
const leadMs = 2000;

const long =
  "Well, let me think about that for a moment, because there is a lot to say about it. " +
  "First of all, nobody ever listens to the end of an answer like this one. ".repeat(3);
const short = "Yes, of course. I will see to it now.";
/** Too long to be sent before the next turn, and short enough for all of them to be sent. */
const middling = "Yes, of course. I will see to it now, if you want me to.";
/** One utterance, for which the engine needs 198 ms. */
const nearlyATurn = "Yes of course I will see to it. ";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** What has been heard of a context whose final frame is still to come. */
interface Heard {
  readonly openedAt: number;
  closedAt: number;
  firstAudioAt: number;
  sentMs: number;
}

/** Counts what a storm brings; forgets each context with its final frame. */
class Ledger {
  readonly live = new Map<string, Heard[]>();
  finals = 0;
  errors = 0;
  strays = 0;
  mostLive = 0;
  /** Of the contexts that spoke while they were the newest one. */
  longestWaitMs = 0;
  spoken = 0;
  /** How far a context was ahead of real time when audio of it was sent after its close. */
  furthestAheadMs = 0;

  open(id: string, now: number): void {
    const heard = { openedAt: now, closedAt: Infinity, firstAudioAt: Infinity, sentMs: 0 };
    this.live.set(id, [...(this.live.get(id) ?? []), heard]);
    this.mostLive = Math.max(this.mostLive, this.live.size);
  }

  close(id: string, now: number): void {
    const heard = this.live.get(id)?.at(-1);
    if (heard) heard.closedAt = now;
  }

  take(frame: MultiFrame, at: number): void {
    if (frame.error !== undefined) this.errors += 1;
    const { contextId: id, audio, isFinal } = frame;
    if (!id || (!audio && !isFinal)) return;
    const [oldest, ...others] = this.live.get(id) ?? [];
    if (!oldest) this.strays += 1;
    else if (audio) this.#takeAudio(oldest, Buffer.byteLength(audio, "base64"), at);
    else if (others.length > 0) this.live.set(id, others);
    else this.live.delete(id);
    if (isFinal) this.finals += 1;
  }

  #takeAudio(heard: Heard, bytes: number, at: number): void {
    if (heard.firstAudioAt === Infinity) {
      heard.firstAudioAt = at;
      this.spoken += 1;
      if (heard.closedAt === Infinity) {
        this.longestWaitMs = Math.max(this.longestWaitMs, at - heard.openedAt);
      }
    }
    if (at > heard.closedAt) {
      const aheadMs = heard.sentMs - (at - heard.firstAudioAt);
      this.furthestAheadMs = Math.max(this.furthestAheadMs, aheadMs);
    }
    heard.sentMs += bytes / bytesPerMs;
  }
}

interface Storm {
  readonly engine: Engine;
  readonly clock: SteppingClock;
  readonly text: string;
  /** What the first turn says instead. */
  readonly opening?: string;
  readonly query?: string;
  readonly turns?: number;
  /** Names are used again after so many turns; never, if undefined. */
  readonly names?: number;
  /** How a turn is interrupted. */
  readonly interrupt?: (id: string) => object;
}

const close = (id: string): object => ({ context_id: id, close_context: true });

interface Outcome {
  readonly ledger: Ledger;
  readonly stream: MultiStream;
  /** Between the end of the first tenth and the end, with the session still open. */
  readonly heapGrowthBytes: number;
  /** What turns take in the last tenth, divided by what they take in the first: the fastest ones. */
  readonly slowdown: number;
}

/** One interruption after another: a new context, and 200 ms later its end and the next one. */
async function rage(storm: Storm): Promise<Outcome> {
  const { engine, clock, text, turns = interruptions, interrupt = close } = storm;
  const ledger = new Ledger();
  const stream = await openMultiStream(engine, {
    clock,
    query: storm.query ?? "",
    plan: { format: { encoding: "pcm_s16le", container: "raw", sampleRateHz } },
    onFrame: (frame, at) => ledger.take(frame, at),
  });
  const slice = turns / 100;
  const times: number[] = [performance.now()];
  let heapBefore = 0;
  for (let index = 0; index < turns; index += 1) {
    const id = `turn-${storm.names ? index % storm.names : index}`;
    ledger.open(id, clock.now());
    const said = index === 0 ? (storm.opening ?? text) : text;
    void stream.say({ context_id: id, text: said, flush: true });
    await clock.pass(turnMs);
    ledger.close(id, clock.now());
    void stream.say(interrupt(id));
    if ((index + 1) % slice === 0) times.push(performance.now());
    if (index + 1 === turns / 10) heapBefore = heapBytes();
  }
  const heapGrowthBytes = heapBytes() - heapBefore;
  const took = times.slice(1).map((end, index) => end - (times[index] ?? 0));
  const slowdown = Math.min(...took.slice(-10)) / Math.min(...took.slice(0, 10));
  return { ledger, stream, heapGrowthBytes, slowdown };
}

/** What holds after every storm, and for the silence after it. */
async function expectCalm({ ledger, stream, heapGrowthBytes, slowdown }: Outcome): Promise<void> {
  while (ledger.live.size > 0 && !stream.closed) await stream.clock.pass(5000);
  expect(stream.unread).toBe(0);
  expect({ errors: ledger.errors, strays: ledger.strays }).toEqual({ errors: 0, strays: 0 });
  expect(ledger.live.size).toBe(0);
  expect(stream.session.busy).toBe(false);
  expect(stream.account.concurrency.active).toBe(0);
  // The session's own timer is all that is left, and nothing after its end.
  expect(stream.clock.pending).toBe(1);
  await stream.say({ close_socket: true });
  await stream.ended;
  expect(stream.closed?.code).toBe(1000);
  expect(stream.clock.pending).toBe(0);
  expect(heapGrowthBytes).toBeLessThan(4_000_000);
  // Anything that grew with the turns would make the last ones ten times as slow.
  expect(slowdown).toBeLessThan(6);
}

const instant = (): Engine => createToneEngine({ sampleRateHz, msPerChar });

const slow = (clock: SteppingClock): Engine =>
  createSimulatedEngine({ clock, workers: 2, realTimeFactor: 0.1, sampleRateHz, msPerChar });

describe(`a storm of ${interruptions} interruptions`, () => {
  it("of an engine that takes no time", async () => {
    const outcome = await rage({ engine: instant(), clock: new SteppingClock(), text: long });
    await expectCalm(outcome);
    expect(outcome.ledger.finals).toBe(interruptions);
    expect(outcome.ledger.longestWaitMs).toBe(0);
  }, 120_000);

  it("of an engine that can just keep up", async () => {
    const clock = new SteppingClock();
    const outcome = await rage({ engine: slow(clock), clock, text: middling });
    const { ledger } = outcome;
    // Afterwards nobody is newer than the last one, which need not be slowed down.
    const { furthestAheadMs } = ledger;
    await expectCalm(outcome);
    expect(ledger.finals).toBe(interruptions);
    expect(ledger.spoken).toBe(interruptions);
    expect(ledger.mostLive).toBeGreaterThan(2);
    expect(furthestAheadMs).toBeGreaterThan(0);
    expect(furthestAheadMs).toBeLessThanOrEqual(leadMs);
    // Its own first clause, and one utterance that a worker is busy with.
    expect(ledger.longestWaitMs).toBeLessThanOrEqual(2 * middling.length * msPerChar * 0.1);
  }, 120_000);

  it("of long answers that are discarded on close", async () => {
    const clock = new SteppingClock();
    const query = "x_discard_on_close=true";
    const outcome = await rage({ engine: slow(clock), clock, text: long, query });
    await expectCalm(outcome);
    expect(outcome.ledger.finals).toBe(interruptions);
  }, 120_000);

  it("of long answers that are cancelled", async () => {
    const clock = new SteppingClock();
    const outcome = await rage({
      engine: slow(clock),
      clock,
      text: long,
      query: "ext=1",
      interrupt: (id) => ({ type: "cancel", context_id: id, played_ms: 100 }),
    });
    await expectCalm(outcome);
    expect(outcome.ledger.finals).toBe(interruptions);
  }, 120_000);

  it("on three names, whose contexts wait for each other", async () => {
    const clock = new SteppingClock();
    const outcome = await rage({ engine: slow(clock), clock, text: short, names: 3 });
    await expectCalm(outcome);
    expect(outcome.ledger.finals).toBe(interruptions);
    expect(outcome.ledger.spoken).toBe(interruptions);
  }, 120_000);

  it("on one name, whose contexts always have one before them to wait for", async () => {
    const clock = new SteppingClock();
    const storm = { clock, text: nearlyATurn, opening: long.repeat(120), names: 1 };
    const outcome = await rage({ engine: slow(clock), ...storm });
    expect(outcome.ledger.live.get("turn-0")?.length).toBeGreaterThan(1);
    await expectCalm(outcome);
    expect(outcome.ledger.finals).toBe(interruptions);
  }, 120_000);
});

describe("a storm of more speech than there is time for", () => {
  it("stops the reading of messages instead of growing, and loses no final frame", async () => {
    const clock = new SteppingClock();
    const turns = 1500;
    const { ledger, stream } = await rage({ engine: slow(clock), clock, text: long, turns });
    const opened = turns - stream.unread / 2;
    expect(stream.unread).toBeGreaterThan(0);
    expect(opened - ledger.finals).toBeLessThanOrEqual(1001);
    while (ledger.finals < turns && ledger.errors === 0) await clock.pass(10_000);
    expect({ finals: ledger.finals, errors: ledger.errors }).toEqual({ finals: turns, errors: 0 });
    stream.session.abort();
    expect(clock.pending).toBe(0);
  }, 120_000);
});

describe("a storm of 500 interruptions over a socket", () => {
  it("hears the newest context each time, and one final frame of every one", async () => {
    const engine = createToneEngine({ msPerChar: 20 });
    const server = await startServer({ engines: [engine] });
    try {
      const client = await openStreamInput(server.wsUrl, {
        path: "/v1/text-to-speech/tone/multi-stream-input",
        query: "output_format=pcm_16000",
        headers: { "xi-api-key": testKey },
      });
      const idOf = (frame: unknown): unknown => (frame as MultiFrame).contextId;
      const ids = Array.from({ length: 500 }, (_, index) => `turn-${index}`);
      for (const context_id of ids) {
        client.send({ context_id, text: short, flush: true });
        await client.frame((frame) => idOf(frame) === context_id && Boolean(frame.audio));
        client.send(close(context_id));
      }
      client.send({ close_socket: true });
      expect(await client.closed).toEqual({ code: 1000, reason: "" });
      const finals = client.frames.filter(({ isFinal }) => isFinal).map(idOf);
      expect(finals).toHaveLength(ids.length);
      expect(new Set(finals)).toEqual(new Set(ids));
      expect(client.frames.filter(({ error }) => error)).toEqual([]);
      const after = new Set<unknown>();
      for (const frame of client.frames) {
        expect(after.has(idOf(frame))).toBe(false);
        if (frame.isFinal) after.add(idOf(frame));
      }
    } finally {
      await server.close();
    }
  }, 60_000);
});
