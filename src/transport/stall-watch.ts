import type { Cancel, Clock } from "../clock.ts";
import type { RunningTimer, TimerFiring } from "../protocol/connections.ts";
import { withTimeLeft } from "../session/countdown.ts";
import { type Ends, type KernelQueues, readKernelQueues } from "./kernel-queues.ts";

/** A connection whose reader may stop reading. */
export interface StallWatched {
  /** Bytes that wait for the reader outside of the kernel. */
  readonly queuedBytes: number;
  /** A number that grows when the kernel has taken something. */
  readonly taken: number;
  readonly ends: Ends;
  /** The reader has taken nothing for as long as readers may. */
  onStalled(timer: TimerFiring): void;
}

/** What was seen of a connection, and when it last moved. */
interface Sighting {
  taken: number;
  kernelBytes: number | undefined;
  movedAt: number;
}

/** How often connections are looked at within the time a reader may stall. */
const looks = 8;

const nothing = (): void => {};

/**
 * Finds readers that take no byte at all, among all connections that have some for them. One
 * timer looks at all, and only while there are any. A reader that is slow is not stalled: the
 * kernel is asked about those that seem to be.
 */
export class StallWatch {
  readonly #stallMs: number;
  readonly #clock: Clock;
  readonly #readKernelQueues: () => Promise<KernelQueues>;
  readonly #watched = new Map<StallWatched, Sighting>();
  #cancel: Cancel = nothing;
  #isAsking = false;
  #isStopped = false;
  #stalled = 0;

  constructor(
    stallMs: number,
    clock: Clock,
    readQueues: () => Promise<KernelQueues> = readKernelQueues,
  ) {
    this.#stallMs = stallMs;
    this.#clock = clock;
    this.#readKernelQueues = readQueues;
  }

  /** Readers that have stalled so far. */
  get stalled(): number {
    return this.#stalled;
  }

  get stallSeconds(): number {
    return this.#stallMs / 1000;
  }

  /** Whether it is looked at now. */
  has(connection: StallWatched): boolean {
    return this.#watched.has(connection);
  }

  /** The time its reader has left, while anything waits for it. */
  timersOf(connection: StallWatched): RunningTimer[] {
    const sighting = this.#watched.get(connection);
    if (!sighting || connection.queuedBytes === 0) return [];
    return [withTimeLeft(this.#timerOf(sighting), this.#clock)];
  }

  /** Looks after a connection until nothing waits for its reader. */
  watch(connection: StallWatched): void {
    if (this.#isStopped || this.#watched.has(connection)) return;
    const { taken } = connection;
    this.#watched.set(connection, {
      taken,
      kernelBytes: undefined,
      movedAt: this.#clock.now(),
    });
    if (this.#watched.size === 1) this.#arm();
  }

  /** To be called when a connection has ended. */
  forget(connection: StallWatched): void {
    if (!this.#watched.delete(connection) || this.#watched.size > 0) return;
    this.#cancel();
  }

  stop(): void {
    this.#isStopped = true;
    this.#watched.clear();
    this.#cancel();
  }

  #arm(): void {
    this.#cancel = this.#clock.schedule(this.#stallMs / looks, () => {
      const suspects = this.#findSuspects();
      if (this.#watched.size > 0) this.#arm();
      if (suspects.length > 0 && !this.#isAsking) void this.#judgeAll(suspects);
    });
  }

  async #judgeAll(suspects: readonly [StallWatched, Sighting][]): Promise<void> {
    this.#isAsking = true;
    const queues = await this.#readKernelQueues();
    this.#isAsking = false;
    for (const [connection, sighting] of suspects) this.#judge(connection, sighting, queues);
  }

  /** Those of which the kernel has taken nothing since the last look. */
  #findSuspects(): [StallWatched, Sighting][] {
    const suspects: [StallWatched, Sighting][] = [];
    for (const [connection, sighting] of this.#watched) {
      const { queuedBytes, taken } = connection;
      if (queuedBytes === 0) {
        this.#watched.delete(connection);
      } else if (taken <= sighting.taken) {
        suspects.push([connection, sighting]);
      } else {
        sighting.kernelBytes = undefined;
        sighting.movedAt = this.#clock.now();
      }
      sighting.taken = taken;
    }
    return suspects;
  }

  #judge(connection: StallWatched, sighting: Sighting, queues: KernelQueues): void {
    if (this.#watched.get(connection) !== sighting) return;
    const now = this.#clock.now();
    const kernelBytes = queues.of(connection.ends);
    const isMoving = sighting.kernelBytes !== undefined && kernelBytes !== sighting.kernelBytes;
    if (isMoving) sighting.movedAt = now;
    sighting.kernelBytes = kernelBytes;
    if (now - sighting.movedAt < this.#stallMs) return;
    this.forget(connection);
    this.#stalled += 1;
    connection.onStalled(this.#timerOf(sighting));
  }

  #timerOf({ movedAt: lastResetAt }: Sighting): TimerFiring {
    const limitMs = this.#stallMs;
    const timer = { name: "stalled_reader", context: undefined, limitMs, lastResetAt } as const;
    return { ...timer, lastResetBy: "read" };
  }
}
