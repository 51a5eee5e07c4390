import type { Clock } from "../../clock.ts";
import type { Headers, OpenProbeSocket, ProbeSocket, SocketEnd } from "./probe-socket.ts";

/** One thing that a socket told, and when. */
export type Heard = { readonly atMs: number } & (
  | { readonly type: "connected" }
  | { readonly type: "open"; readonly headers: Headers }
  | { readonly type: "message"; readonly data: string | Uint8Array }
  | { readonly type: "end"; readonly end: SocketEnd }
);

/** A sentence has less; what comes after it is not looked at. */
const maxHeardChars = 32 * 1024 * 1024;

/** A socket that remembers all it is told. */
export class Conversation {
  readonly heard: Heard[] = [];
  readonly begunAtMs: number;
  readonly #clock: Clock;
  readonly #socket: ProbeSocket;
  readonly #watchers = new Set<() => void>();
  #heardChars = 0;

  constructor(url: string, headers: Headers, openSocket: OpenProbeSocket, clock: Clock) {
    this.#clock = clock;
    this.begunAtMs = clock.now();
    this.#socket = openSocket(url, headers, {
      onConnected: () => this.#hear({ type: "connected", atMs: clock.now() }),
      onOpen: (answered) => this.#hear({ type: "open", headers: answered, atMs: clock.now() }),
      onMessage: (data) => {
        this.#heardChars += data.length;
        if (this.#heardChars > maxHeardChars) return;
        this.#hear({ type: "message", data, atMs: clock.now() });
      },
      onEnd: (end) => this.#hear({ type: "end", end, atMs: clock.now() }),
    });
  }

  /** How it ended, if it has. */
  get end(): Extract<Heard, { type: "end" }> | undefined {
    const last = this.heard.at(-1);
    return last?.type === "end" ? last : undefined;
  }

  get opened(): Extract<Heard, { type: "open" }> | undefined {
    return this.heard.find((each) => each.type === "open");
  }

  get isOpen(): boolean {
    return this.opened !== undefined && this.end === undefined;
  }

  send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  ping(): void {
    this.#socket.ping();
  }

  close(): void {
    this.#socket.close();
  }

  /** Ends it without a word, whatever its state. */
  drop(): void {
    this.#socket.drop();
  }

  /**
   * Resolves with the first that passes, of what is heard from `from` on; undefined when the socket
   * ends or the time is over before.
   */
  wait(passes: (heard: Heard) => boolean, waitMs: number, from = 0): Promise<Heard | undefined> {
    return new Promise((resolve) => {
      let seen = from;
      const settle = (found: Heard | undefined): void => {
        this.#watchers.delete(look);
        cancel();
        resolve(found);
      };
      const look = (): void => {
        for (; seen < this.heard.length; seen += 1) {
          const each = this.heard[seen];
          if (each && passes(each)) return settle(each);
        }
        if (this.end) settle(undefined);
      };
      const cancel = this.#clock.schedule(Math.max(0, waitMs), () => settle(undefined));
      this.#watchers.add(look);
      look();
    });
  }

  #hear(heard: Heard): void {
    this.heard.push(heard);
    for (const look of this.#watchers) look();
  }
}

export const isOpening = ({ type }: Heard): boolean => type === "open";
export const isEnd = ({ type }: Heard): boolean => type === "end";
