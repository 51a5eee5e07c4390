import type { Cancel, Clock } from "../clock.ts";
import { type Problem, SpeechError } from "../protocol/problems.ts";
import type { Voice } from "../protocol/voice.ts";
import { FileSeats, type LeaveSeat } from "./file-seats.ts";
import { Newcomers, type Room } from "./newcomers.ts";
import { SpeechRates, type Synthesis } from "./speech-rates.ts";

/** A listener who is being spoken to, and counts as one until all was heard. */
export interface Seat {
  /** Nothing more is sent for now, or for good if it is over; what was sent is heard until then, in ms of the clock. */
  leave(heardAt: number, isOver: boolean): void;
  /** Goes on speaking to the listener; false if it has had nothing to hear for so long that it is a new one. */
  resume(): boolean;
}

/** What a listener has of what is spoken to it. */
export interface Playout {
  /** How much audio it has in hand, in ms; negative if it waits in silence. */
  readonly inHandMs: number;
}

/** What admission is built on. */
export interface AdmissionOptions {
  readonly clock: Clock;
  /** Processors there are to speak with. */
  readonly cores: number;
  /** Processor time that this process has used so far, in ms. */
  readonly cpuMs: () => number;
  /** Whether anybody is ever refused. */
  readonly refuses: boolean;
}

/** How long a new listener may wait for room. */
export const patienceMs = 500;
/** Files that are made at the same time, for each processor. */
const filesPerCore = 8;
/**
 * The share of the processors that may be promised: others use the machine as well. Whoever listens
 * already is not sent away, so what a loss does is seen only after a while.
 */
const shares = {
  most: 0.95,
  least: 0.05,
  loss: 0.95,
  settleMs: 5000,
  gainPerSecond: 0.005,
} as const;
/**
 * Listeners who may be owed more and have less than enough in hand need their audio sooner than in
 * real time. When they take more than so much of the processors, nobody new is let in: at the edge
 * all would run dry together.
 */
const need = { enoughMs: 3000, most: 0.75 } as const;
/**
 * So many times the share may be promised while those who may be owed more take no more than the
 * share, and nobody ran dry of late: who was sent all there is to be said takes nothing any more. A
 * voice of which one listener takes more than so much is not let in by it.
 */
const spare = { times: 1.1, mostOfOne: 0.05 } as const;
/**
 * When an engine is behind with what is wanted at once: work begins this much, or as much as so many
 * utterances take, after it was due. It has no room for new listeners as long again, at most so long.
 */
const behind = { lateMs: 100, utterances: 3, atMostMs: 1000 } as const;
/** What an audio second costs outside of the engine until that is known, in seconds. */
const expectedOverhead = 0.02;
/**
 * How often that is measured, and how much of what was known stays. Over a longer time without a
 * measurement the process did more than speak, and nothing costs more than the most.
 */
const measured = { everyMs: 1000, withinMs: 5000, kept: 0.9, most: 0.5 } as const;
/** A listener who has heard all goes on when more comes so soon: it is the same answer. */
const answerGapMs = 10_000;

interface Listener {
  readonly voice: Voice;
  readonly playout: Playout;
  /** When all was heard; `Infinity` while it is spoken to. */
  heardAt: number;
  /** Whether it was sent all there is to be said. */
  isOver: boolean;
}

interface Waiter {
  readonly voice: Voice;
  readonly playout: Playout;
  readonly untilAt: number;
  readonly settle: (seat: Seat | undefined) => void;
}

const nothing = (): void => {};

/**
 * Lets in as many listeners as can be spoken to without running dry. Whoever listens needs a
 * second of audio every second, and what that costs is learned: the voice's share from its
 * engine, the rest from what the process uses besides. Who comes needs a whole clause at once:
 * when many come together, only as many are let in as their engine keeps up with. A new listener
 * for whom there is no room waits for a moment and is then refused, before the others suffer.
 */
export class Admission {
  /** How the voices speak, as far as is known. */
  readonly rates: SpeechRates = new SpeechRates();
  readonly #options: AdmissionOptions;
  readonly #files: FileSeats;
  readonly #newcomers: Newcomers;
  readonly #listeners = new Set<Listener>();
  readonly #waiting: Waiter[] = [];
  #cancelTimer: Cancel = nothing;
  #share: number = shares.most;
  #shareAt: number;
  /** Until when engines take no new listeners, by their names. */
  readonly #behindUntil = new Map<string, number>();
  /** Processor time outside of the engine, and audio, of late. */
  #outside: { readonly restMs: number; readonly audioMs: number } = {
    restMs: expectedOverhead * measured.everyMs,
    audioMs: measured.everyMs,
  };
  /** Since that was measured. */
  #since: { at: number; cpuMs: number; engineMs: number; audioMs: number };

  constructor(options: AdmissionOptions) {
    this.#options = options;
    const { clock, cores, refuses } = options;
    const files = refuses ? Math.ceil(filesPerCore * cores) : Number.POSITIVE_INFINITY;
    this.#files = new FileSeats(files, clock);
    this.#newcomers = new Newcomers(clock);
    const at = options.clock.now();
    this.#shareAt = at;
    this.#since = { at, cpuMs: options.cpuMs(), engineMs: 0, audioMs: 0 };
  }

  /** Listeners who count. */
  get listeners(): number {
    this.#forgetThoseWhoHeardAll();
    return this.#listeners.size;
  }

  /** How much of the processors those take who listen, of 1. */
  get load(): number {
    this.#forgetThoseWhoHeardAll();
    return this.#shareOf(() => true);
  }

  /**
   * A seat for a new listener.
   * @throws {SpeechError} server_busy
   */
  async enter(voice: Voice, playout: Playout, signal: AbortSignal): Promise<Seat> {
    // What the process did before anybody was spoken to does not belong to speech.
    if (this.listeners === 0) this.#restartMeasurement();
    if (this.#waiting.length === 0 && this.#hasRoomFor(voice)) return this.#seat(voice, playout);
    // Who only stands behind others may have room.
    if (!this.#hasRoomFor(voice)) this.#newcomers.onWait();
    const seat = await this.#wait(voice, playout, signal);
    if (signal.aborted) seat?.leave(Number.NEGATIVE_INFINITY, true);
    signal.throwIfAborted();
    if (seat) return seat;
    this.#newcomers.onRefused();
    throw SpeechError.of(this.#busy());
  }

  /**
   * The text of a new listener begins to come. Gives what is to be called when it asks for its seat, or has gone.
   * @throws {SpeechError} server_busy, while others are refused and it would hardly find room when it asks
   */
  expect(): () => void {
    const arrive = this.#newcomers.begin(this.#room());
    if (!arrive) throw SpeechError.of(this.#busy());
    return arrive;
  }

  /** Why no connection is to be opened now: others are refused, and who began to speak on it would be, too. */
  turnAway(): Problem | undefined {
    return this.#newcomers.turnsAway(this.#room()) ? this.#busy() : undefined;
  }

  /**
   * A seat for what nobody listens to yet, which is made while nobody else needs the engine.
   * @throws {SpeechError} server_busy
   */
  enterFile(signal: AbortSignal): Promise<LeaveSeat> {
    return this.#files.enter(signal);
  }

  /** An utterance of a voice was made. */
  learn(voice: Voice, synthesis: Synthesis): void {
    if (synthesis.audioMs <= 0) return;
    this.rates.learn(voice, synthesis);
    this.#since.engineMs += synthesis.synthesisMs - (synthesis.childMs ?? 0);
    this.#since.audioMs += synthesis.audioMs;
    this.#measureOverhead();
  }

  /** An engine began to make about `audioMs` of a voice, which were wanted at `dueAt`. */
  onDispatched(voice: Voice, dueAt: number, audioMs: number): void {
    const now = this.#options.clock.now();
    const lateMs = now - dueAt;
    const workMs = audioMs * this.rates.realTimeFactor(voice);
    if (lateMs <= Math.max(behind.lateMs, behind.utterances * workMs)) return;
    this.#behindUntil.set(voice.engine, now + Math.min(lateMs, behind.atMostMs));
  }

  /** A listener has run dry, or nearly so: less can be promised than was thought. */
  onStrain(): void {
    const now = this.#options.clock.now();
    const share = this.#shareOfNow();
    if (now - this.#shareAt < shares.settleMs && share < shares.most) return;
    this.#share = Math.max(shares.least, share * shares.loss);
    this.#shareAt = now;
  }

  #shareOfNow(): number {
    const seconds = (this.#options.clock.now() - this.#shareAt) / 1000;
    return Math.min(shares.most, this.#share + seconds * shares.gainPerSecond);
  }

  #costOf(voice: Voice): number {
    const { restMs, audioMs } = this.#outside;
    return this.rates.realTimeFactor(voice) + Math.min(measured.most, restMs / audioMs);
  }

  #hasRoomFor(voice: Voice): boolean {
    if (!this.#options.refuses) return true;
    // Whatever it costs, somebody has to be spoken to.
    const { load } = this;
    if (load === 0) return true;
    if (this.#keepsUpAt(voice) > this.#options.clock.now()) return false;
    if (this.#shareOwed(need.enoughMs) > need.most) return false;
    const share = this.#shareOfNow();
    const added = this.#costOf(voice) / this.#options.cores;
    if (load + added <= share) return true;
    const isSpared = share === shares.most && added <= spare.mostOfOne;
    if (!isSpared || load + added > spare.times * share) return false;
    return this.#shareOwed(Number.POSITIVE_INFINITY) + added <= share;
  }

  /** What room there is for voices such as are listened to. */
  #room(): Room {
    const { load, listeners } = this;
    const free =
      load > 0 ? listeners * Math.max(0, this.#shareOfNow() / load - 1) : Number.POSITIVE_INFINITY;
    return { listeners, free, waiting: this.#waiting.length };
  }

  /** How much of the processors those take who may be owed more, and have less than that in hand. */
  #shareOwed(belowMs: number): number {
    return this.#shareOf(({ isOver, playout }) => !isOver && playout.inHandMs < belowMs);
  }

  #shareOf(counts: (listener: Listener) => boolean): number {
    let cores = 0;
    for (const listener of this.#listeners) {
      if (counts(listener)) cores += this.#costOf(listener.voice);
    }
    return cores / this.#options.cores;
  }

  /** When the engine of a voice takes new listeners: in the past if it does. */
  #keepsUpAt({ engine }: Voice): number {
    return this.#behindUntil.get(engine) ?? Number.NEGATIVE_INFINITY;
  }

  #forgetThoseWhoHeardAll(): void {
    const now = this.#options.clock.now();
    for (const listener of this.#listeners) {
      if (listener.heardAt <= now) this.#listeners.delete(listener);
    }
  }

  #seat(voice: Voice, playout: Playout): Seat {
    const heardAt = Number.POSITIVE_INFINITY;
    const listener: Listener = { voice, playout, heardAt, isOver: false };
    this.#listeners.add(listener);
    return {
      leave: (heardAt, isOver) => {
        Object.assign(listener, { heardAt, isOver });
        if (heardAt <= this.#options.clock.now()) this.#listeners.delete(listener);
        if (this.#waiting.length > 0) this.#letIn();
      },
      resume: () => {
        if (this.#options.clock.now() - listener.heardAt > answerGapMs) return false;
        Object.assign(listener, { heardAt: Number.POSITIVE_INFINITY, isOver: false });
        this.#listeners.add(listener);
        return true;
      },
    };
  }

  #wait(voice: Voice, playout: Playout, signal: AbortSignal): Promise<Seat | undefined> {
    return new Promise((resolve) => {
      const untilAt = this.#options.clock.now() + patienceMs;
      const settle = (seat: Seat | undefined): void => {
        signal.removeEventListener("abort", onAbort);
        resolve(seat);
      };
      const waiter: Waiter = { voice, playout, untilAt, settle };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        resolve(undefined);
        this.#letIn();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(waiter);
      if (this.#waiting.length === 1) this.#letIn();
    });
  }

  /** Lets in who waits, in order, and turns away whose time is over. */
  #letIn(): void {
    this.#cancelTimer();
    this.#cancelTimer = nothing;
    const now = this.#options.clock.now();
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const hasRoom = this.#hasRoomFor(first.voice);
      if (!hasRoom && first.untilAt > now) break;
      this.#waiting.shift();
      first.settle(hasRoom ? this.#seat(first.voice, first.playout) : undefined);
    }
    const first = this.#waiting[0];
    if (!first) return;
    const keepsUpAt = this.#keepsUpAt(first.voice);
    const nextAt = Math.min(first.untilAt, keepsUpAt > now ? keepsUpAt : this.#nextHeardAt());
    this.#cancelTimer = this.#options.clock.schedule(Math.max(1, nextAt - now), () =>
      this.#letIn(),
    );
  }

  /** When the next of those has heard all who are not spoken to any more. */
  #nextHeardAt(): number {
    let nextAt = Number.POSITIVE_INFINITY;
    for (const { heardAt } of this.#listeners) nextAt = Math.min(nextAt, heardAt);
    return nextAt;
  }

  #busy(): Problem {
    return { code: "server_busy", details: { retryAfterSeconds: this.#secondsUntilRoom() } };
  }

  #secondsUntilRoom(): number {
    const seconds = (this.#nextHeardAt() - this.#options.clock.now()) / 1000;
    return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : 1;
  }

  #measureOverhead(): void {
    const at = this.#options.clock.now();
    const { engineMs, audioMs } = this.#since;
    const elapsedMs = at - this.#since.at;
    if (elapsedMs < measured.everyMs || audioMs < measured.everyMs) return;
    if (elapsedMs <= measured.withinMs) {
      const restMs = Math.max(0, this.#options.cpuMs() - this.#since.cpuMs - engineMs);
      this.#outside = {
        restMs: restMs + measured.kept * this.#outside.restMs,
        audioMs: audioMs + measured.kept * this.#outside.audioMs,
      };
    }
    this.#restartMeasurement();
  }

  #restartMeasurement(): void {
    const { clock, cpuMs } = this.#options;
    this.#since = { at: clock.now(), cpuMs: cpuMs(), engineMs: 0, audioMs: 0 };
  }
}
