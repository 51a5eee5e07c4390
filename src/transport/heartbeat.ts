import type { WebSocket } from "ws";
import type { Clock } from "../clock.ts";
import type { RunningTimer } from "../protocol/connections.ts";
import { type Timed, type TimerQueue, unqueued } from "../timer-queue.ts";
import { type Ends, type KernelQueues, readKernelQueues } from "./kernel-queues.ts";

/** How often each peer is asked whether it is still there. */
const pingMs = 20_000;
/** A peer that has left so many pings unanswered has gone. */
const maxMissedPongs = 2;
/** Pings of this long leave together, so that many peers do not wake the process one by one. */
const beatMs = 100;

/** The time until a peer is asked, which is the same for all that are asked in one beat. */
const toNextBeat = (now: number): number => Math.ceil((now + pingMs) / beatMs) * beatMs - now;

/** Told of a peer before it is dropped. */
export type OnSilent = (socket: WebSocket, pings: number, silentMs: number) => void;

/** One peer: what is known of it, and its entry among the timers. */
class Peer implements Timed {
  dueAt = 0;
  place: number = unqueued;
  missedPongs = 0;
  /** Bytes that the kernel kept of it when it had missed its last pong. */
  kernelBytes: number | undefined;
  readonly socket: WebSocket;
  readonly ends: Ends;
  readonly #heartbeat: Heartbeat;

  constructor(socket: WebSocket, ends: Ends, heartbeat: Heartbeat) {
    this.socket = socket;
    this.ends = ends;
    this.#heartbeat = heartbeat;
  }

  onDue(): void {
    this.#heartbeat.look(this);
  }
}

/**
 * Finds peers that have gone without saying so: a cable that was pulled sends no Close frame.
 * Each has a time of its own, so that the pings are spread as the sockets were opened.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #timers: TimerQueue;
  readonly #onSilent: OnSilent;
  readonly #readKernelQueues: () => Promise<KernelQueues>;
  readonly #peers = new Map<WebSocket, Peer>();
  /** Peers that have not answered, until the kernel has been asked about them. */
  #silent = new Set<Peer>();
  /** One of each for all sockets: there may be tens of thousands. */
  readonly #onPong: (this: WebSocket) => void;
  readonly #onClose: (this: WebSocket) => void;

  constructor(
    clock: Clock,
    timers: TimerQueue,
    onSilent: OnSilent,
    readQueues: () => Promise<KernelQueues> = readKernelQueues,
  ) {
    this.#clock = clock;
    this.#onSilent = onSilent;
    this.#timers = timers;
    this.#readKernelQueues = readQueues;
    const peers = this.#peers;
    this.#onPong = function (this: WebSocket): void {
      const peer = peers.get(this);
      if (peer) peer.missedPongs = 0;
    };
    this.#onClose = function (this: WebSocket): void {
      const peer = peers.get(this);
      peers.delete(this);
      if (peer) timers.cancel(peer);
    };
  }

  /** Watches a socket whose connection has these `ends`. */
  watch(socket: WebSocket, ends: Ends): void {
    const peer = new Peer(socket, ends, this);
    this.#peers.set(socket, peer);
    this.#arm(peer);
    socket.on("pong", this.#onPong);
    socket.on("close", this.#onClose);
  }

  /** The time until a peer is asked, while it is watched. */
  timersOf(socket: WebSocket): RunningTimer[] {
    const peer = this.#peers.get(socket);
    if (!peer || socket.readyState !== socket.OPEN) return [];
    const now = this.#clock.now();
    const lastResetAt = Math.min(now, peer.dueAt - pingMs);
    const timer = { name: "ping", context: undefined, limitMs: pingMs, lastResetAt } as const;
    const leftMs = Math.max(0, peer.dueAt - now);
    return [{ ...timer, lastResetBy: "repeat", leftMs, isHeld: false }];
  }

  stop(): void {
    for (const peer of this.#peers.values()) this.#timers.cancel(peer);
    this.#peers.clear();
  }

  /** Asks a peer whose time has come. */
  look(peer: Peer): void {
    const { socket, missedPongs } = peer;
    // The answer of a socket that is not read cannot be seen, and one with something still to
    // read gives none: it is watched for its stalling.
    const isAskable = !socket.isPaused && socket.bufferedAmount === 0;
    if (socket.readyState !== socket.OPEN) return;
    if (isAskable && missedPongs === 0) {
      this.#ping(peer);
    } else if (isAskable) {
      this.#silent.add(peer);
      if (this.#silent.size === 1) void this.#judge();
    }
    this.#arm(peer);
  }

  /** A peer that still takes, however slowly, what was sent before the ping has not gone. */
  async #judge(): Promise<void> {
    const queues = await this.#readKernelQueues();
    const silent = this.#silent;
    this.#silent = new Set();
    for (const peer of silent) {
      if (!this.#peers.has(peer.socket)) continue;
      const kernelBytes = queues.of(peer.ends);
      if ((kernelBytes ?? 0) < (peer.kernelBytes ?? 0)) peer.missedPongs = 1;
      peer.kernelBytes = kernelBytes;
      if (peer.missedPongs < maxMissedPongs) this.#ping(peer);
      else this.#drop(peer);
    }
  }

  #drop({ socket, missedPongs }: Peer): void {
    this.#onSilent(socket, missedPongs, missedPongs * pingMs);
    socket.terminate();
  }

  #ping(peer: Peer): void {
    if (peer.socket.readyState !== peer.socket.OPEN) return;
    peer.missedPongs += 1;
    peer.socket.ping(ignoreError);
  }

  #arm(peer: Peer): void {
    this.#timers.schedule(peer, toNextBeat(this.#clock.now()));
  }
}

/** What cannot be sent any more is followed by the socket's close. */
const ignoreError = (): void => {};
