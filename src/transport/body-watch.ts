import type { IncomingMessage } from "node:http";
import type { Clock } from "../clock.ts";
import { type Timed, type TimerQueue, unqueued } from "../timer-queue.ts";

/** How slowly a body may come. */
export interface BodyPace {
  /** For a body, however little comes of it. */
  readonly bodyMs: number;
  /** What has to come after that, on the average. */
  readonly bodyBytesPerSecond: number;
}

/** What a watch needs of a request. */
interface Watched extends Pick<IncomingMessage, "complete" | "headers"> {
  readonly socket: Pick<IncomingMessage["socket"], "bytesRead">;
  once(event: "close", listener: () => void): unknown;
}

/**
 * Watches the bodies of requests. However large, one may take as long as it needs while it comes
 * at a steady pace; one that drips would hold its connection for ever.
 */
export class BodyWatch {
  readonly #pace: BodyPace;
  readonly #clock: Clock;
  readonly #timers: TimerQueue;

  constructor(pace: BodyPace, clock: Clock, timers: TimerQueue) {
    this.#pace = pace;
    this.#clock = clock;
    this.#timers = timers;
  }

  /** Calls `onSlow` if the body of a request comes too slowly; `seconds` is the time it has had. */
  watch(request: Watched, onSlow: (seconds: number) => void): void {
    const { headers } = request;
    const hasBody =
      headers["transfer-encoding"] !== undefined || Number(headers["content-length"]) > 0;
    if (!hasBody || request.complete) return;
    const slow = new SlowBody(request, this.#pace, this.#clock, this.#timers, onSlow);
    request.once("close", () => this.#timers.cancel(slow));
  }
}

class SlowBody implements Timed {
  dueAt = 0;
  place: number = unqueued;
  readonly #request: Watched;
  readonly #pace: BodyPace;
  readonly #clock: Clock;
  readonly #timers: TimerQueue;
  readonly #onSlow: (seconds: number) => void;
  readonly #beganAt: number;
  readonly #bytesBefore: number;

  constructor(
    request: Watched,
    pace: BodyPace,
    clock: Clock,
    timers: TimerQueue,
    onSlow: (seconds: number) => void,
  ) {
    this.#request = request;
    this.#pace = pace;
    this.#clock = clock;
    this.#timers = timers;
    this.#onSlow = onSlow;
    this.#beganAt = clock.now();
    this.#bytesBefore = request.socket.bytesRead;
    timers.schedule(this, pace.bodyMs);
  }

  onDue(): void {
    const { complete, socket } = this.#request;
    if (complete) return;
    const takenMs = this.#clock.now() - this.#beganAt;
    const bytes = socket.bytesRead - this.#bytesBefore;
    const leftMs = this.#pace.bodyMs + (bytes / this.#pace.bodyBytesPerSecond) * 1000 - takenMs;
    if (leftMs > 0) this.#timers.schedule(this, Math.ceil(leftMs));
    else this.#onSlow(Math.round(takenMs / 1000));
  }
}
