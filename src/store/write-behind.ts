import type { Cancel, Clock } from "../clock.ts";
import type { ConnectionRecord } from "../protocol/connections.ts";
import type { TurnRecord } from "../protocol/records.ts";
import type { UsageEntry } from "../protocol/stores.ts";
import { Batch } from "./batch.ts";
import { toConnectionRow } from "./connection-rows.ts";
import { SoundParts } from "./sound-parts.ts";
import { codeOf, isLasting, StoreFault } from "./store-fault.ts";
import { toTurnRow, type TurnRow } from "./turn-rows.ts";

export interface WriteBehindParts {
  readonly clock: Clock;
  /** Keeps a batch: all of it or nothing. */
  readonly write: (batch: Batch) => Promise<void>;
  readonly onFault: (fault: StoreFault) => void;
}

const flushMs = 50;
/** Waits between tries to write a batch: twice as long each time, up to the last one for ever. */
const firstRetryMs = 100;
const maxRetryMs = 5000;
/** After so many tries whoever waits is told; the batch goes on being tried. */
const patientTries = 4;
/** Tries that are left to a batch once everything ends. */
const lastTries = 2;

const maxWaitingSoundBytes = 64 * 1024 * 1024;
const maxWaitingTextLength = 32 * 1024 * 1024;
const maxWaitingStoryBytes = 64 * 1024 * 1024;

/**
 * Collects what is to be kept and writes it together: 50 ms after it came, or as soon as somebody
 * waits for it. One batch is written at a time; what comes meanwhile goes into the next one. A batch
 * that cannot be written is tried until it can.
 */
export class WriteBehind {
  readonly #clock: Clock;
  readonly #write: (batch: Batch) => Promise<void>;
  readonly #onFault: (fault: StoreFault) => void;
  readonly #sound = new SoundParts();
  #pending = new Batch();
  #inFlight: Batch | undefined;
  #running: Promise<void> | undefined;
  /** Whether somebody waits for what is pending. */
  #isAwaited = false;
  #isEnding = false;
  #cancelTimer: Cancel | undefined;
  #endPause = (): void => {};
  /** What was told since the last batch that could be written. */
  #hasToldOfFailure = false;
  #hasToldOfLoss = false;

  constructor({ clock, write, onFault }: WriteBehindParts) {
    this.#clock = clock;
    this.#write = write;
    this.#onFault = onFault;
  }

  /** Resolves when it is kept. Nobody has to wait. */
  addUsage(entry: UsageEntry): Promise<void> {
    if (this.#isEnding) return refused(ended());
    try {
      this.#pending.addUsage(entry);
    } catch (error) {
      return refused(error);
    }
    this.#startTimer();
    return this.#pending.kept;
  }

  /** Ends the turn's sound. Resolves when both are kept; it is waited for. */
  addTurn(turn: TurnRecord): Promise<void> {
    if (this.#isEnding) return refused(ended());
    const { parts, totalBytes } = this.#sound.finish(turn.id);
    if (totalBytes > 0 && turn.audioFormat === undefined) this.#pending.withoutSound.add(turn.id);
    let row: TurnRow;
    try {
      row = toTurnRow(turn, totalBytes);
    } catch (error) {
      this.#pending.withoutSound.add(turn.id);
      return refused(error);
    }
    const waitingTexts = this.#pending.textLength + (this.#inFlight?.textLength ?? 0);
    if (waitingTexts + row.text.length > maxWaitingTextLength) {
      const fault = new StoreFault("A turn is not kept: too many wait for the database", undefined);
      this.#pending.withoutSound.add(turn.id);
      this.#tellOfLoss(fault);
      return refused(fault);
    }
    this.#pending.addTurn(row);
    if (row.audio_bytes > 0) this.#pending.addParts(parts);
    return this.flushed();
  }

  /** Nobody waits for it. When too much waits, how a connection ended is kept without its story. */
  addConnection(record: ConnectionRecord): void {
    if (this.#isEnding) return;
    const waitingBytes = this.#pending.connectionBytes + (this.#inFlight?.connectionBytes ?? 0);
    const isTooMuch = waitingBytes > maxWaitingStoryBytes;
    if (isTooMuch) {
      this.#tellOfLoss(
        new StoreFault(
          "Connections are kept without their stories: too many wait for the database",
          undefined,
        ),
      );
    }
    this.#pending.addConnection(toConnectionRow(isTooMuch ? withoutStory(record) : record));
    this.#startTimer();
  }

  /** Keeps the next bytes of the sound of a turn that is to be added. */
  addAudio(turnId: string, bytes: Uint8Array): void {
    if (this.#isEnding) return;
    const waitingBytes =
      this.#sound.waitingBytes + this.#pending.soundBytes + (this.#inFlight?.soundBytes ?? 0);
    if (waitingBytes + bytes.length > maxWaitingSoundBytes) {
      if (this.#sound.lose(turnId)) this.#pending.withoutSound.add(turnId);
      this.#tellOfLoss(
        new StoreFault(
          "Turns are kept without their sound: too much waits for the database",
          undefined,
        ),
      );
    } else {
      this.#sound.add(turnId, bytes);
    }
    this.#startTimer();
  }

  /** Forgets the sound of a turn that is not to be added. */
  dropAudio(turnId: string): void {
    if (!this.#sound.drop(turnId)) return;
    this.#pending.withoutSound.add(turnId);
    this.#startTimer();
  }

  /**
   * Resolves when everything that was added before is kept, except the sound of turns that go on.
   * @throws {StoreFault} when that does not work for now
   */
  flushed(): Promise<void> {
    if (this.#pending.isEmpty) return this.#inFlight?.kept ?? Promise.resolve();
    const { kept } = this.#pending;
    this.#isAwaited = true;
    this.#start();
    return kept;
  }

  /** Writes what is left and drops the sound of turns that were not added. Nothing can be added any more. */
  async close(): Promise<void> {
    if (!this.#isEnding) {
      this.#isEnding = true;
      for (const turnId of this.#sound.dropAll()) this.#pending.withoutSound.add(turnId);
      this.#endPause();
      // Who could not write has told so.
      await this.flushed().catch(() => {});
    }
    await this.#running;
    this.#cancelTimer?.();
  }

  #startTimer(): void {
    this.#cancelTimer ??= this.#clock.schedule(flushMs, () => this.#start());
  }

  #start(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // What is added in the same go is written together.
    await Promise.resolve();
    do {
      this.#cancelTimer?.();
      this.#cancelTimer = undefined;
      this.#isAwaited = false;
      this.#pending.addParts(this.#sound.takeDue());
      const batch = this.#pending;
      this.#pending = new Batch();
      if (!batch.isEmpty) await this.#keep(batch);
    } while (this.#isAwaited);
    this.#running = undefined;
  }

  async #keep(batch: Batch): Promise<void> {
    this.#inFlight = batch;
    let triesLeft = lastTries;
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#write(batch);
        this.#hasToldOfFailure = false;
        this.#hasToldOfLoss = false;
        this.#inFlight = undefined;
        batch.settle();
        return;
      } catch (error) {
        if (this.#isEnding) triesLeft -= 1;
        if (isLasting(error) || triesLeft === 0) {
          this.#giveUp(batch, error);
          return;
        }
        this.#tellOfFailure(error);
        if (tries >= patientTries) {
          const fault = notWritten("It is tried on", error);
          batch.refuse(fault);
          this.#pending.refuse(fault);
        }
        await this.#pause(Math.min(maxRetryMs, firstRetryMs * 2 ** (tries - 1)));
      }
    }
  }

  #giveUp(batch: Batch, error: unknown): void {
    const counts = `${batch.turns.length} turns and ${batch.usage.length} counts of usage are lost`;
    const fault = notWritten(counts, error);
    this.#inFlight = undefined;
    batch.refuse(fault);
    this.#onFault(fault);
  }

  /** Ends early when everything ends. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(ms, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  #tellOfFailure(error: unknown): void {
    if (this.#hasToldOfFailure) return;
    this.#hasToldOfFailure = true;
    this.#onFault(notWritten("It is tried again", error));
  }

  #tellOfLoss(fault: StoreFault): void {
    if (this.#hasToldOfLoss) return;
    this.#hasToldOfLoss = true;
    this.#onFault(fault);
  }
}

/** How a connection ended, and nothing of how it came to that. */
function withoutStory(record: ConnectionRecord): ConnectionRecord {
  const eventsLeftOut = record.counts.eventsLeftOut + record.events.length;
  return { ...record, events: [], counts: { ...record.counts, eventsLeftOut } };
}

function notWritten(consequence: string, error: unknown): StoreFault {
  const code = codeOf(error);
  const shown = code === undefined ? "" : ` (${code})`;
  return new StoreFault(`The database could not be written${shown}. ${consequence}.`, code);
}

function ended(): StoreFault {
  return new StoreFault("Nothing is kept any more: the server ends", undefined);
}

/** A rejection that need not be heard. */
function refused(reason: unknown): Promise<never> {
  const refusal = Promise.reject(reason);
  refusal.catch(() => {});
  return refusal;
}
