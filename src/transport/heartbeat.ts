import type { WebSocket } from "ws";
import type { Cancel, Clock } from "../clock.ts";

/** How often peers are asked whether they are still there. */
const pingMs = 15_000;
/** A peer that has left so many pings unanswered has gone. */
const maxMissedPongs = 2;

const nothing = (): void => {};

/** Finds peers that have gone without saying so: a cable that was pulled sends no Close frame. */
export class Heartbeat {
  readonly #clock: Clock;
  /** Pings that each has not answered. */
  readonly #missedPongs = new Map<WebSocket, number>();
  /** One of each for all sockets: there may be tens of thousands. */
  readonly #onPong: (this: WebSocket) => void;
  readonly #onClose: (this: WebSocket) => void;
  #cancel: Cancel = nothing;
  #isStopped = true;

  constructor(clock: Clock) {
    this.#clock = clock;
    const missedPongs = this.#missedPongs;
    const stop = (): void => this.stop();
    this.#onPong = function (this: WebSocket): void {
      if (missedPongs.has(this)) missedPongs.set(this, 0);
    };
    this.#onClose = function (this: WebSocket): void {
      missedPongs.delete(this);
      if (missedPongs.size === 0) stop();
    };
  }

  watch(socket: WebSocket): void {
    if (this.#isStopped) this.#arm();
    this.#missedPongs.set(socket, 0);
    socket.on("pong", this.#onPong);
    socket.on("close", this.#onClose);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #arm(): void {
    this.#isStopped = false;
    this.#cancel = this.#clock.schedule(pingMs, () => void this.#round());
  }

  /** The next one is counted from when the pings of this one have left. */
  async #round(): Promise<void> {
    const sockets = [...this.#missedPongs];
    await Promise.all(sockets.map(([socket, missed]) => this.#look(socket, missed)));
    if (!this.#isStopped) this.#arm();
  }

  async #look(socket: WebSocket, missed: number): Promise<void> {
    // The answer of a socket that is not read cannot be seen.
    if (socket.isPaused || socket.readyState !== socket.OPEN) return;
    if (missed >= maxMissedPongs) return socket.terminate();
    this.#missedPongs.set(socket, missed + 1);
    await new Promise<void>((resolve) => socket.ping(undefined, undefined, () => resolve()));
  }
}
