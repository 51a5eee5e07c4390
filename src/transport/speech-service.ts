import type { RecoderSource } from "../audio/stream-encoder.ts";
import type { Dialect } from "../protocol/dialect.ts";
import type { ConnectionEnd, Observer } from "../protocol/observer.ts";
import type { Problem } from "../protocol/problems.ts";
import type { Retention, TurnRecord } from "../protocol/records.ts";
import type { SessionPlan } from "../protocol/speech.ts";
import type { HistoryStore } from "../protocol/stores.ts";
import { Session, type SessionOwner, type SessionParts } from "../session/session.ts";
import type { Logger } from "./log.ts";
import type { Sending } from "./sending.ts";

/** A dialect and the path that its routes are below; empty for the root. */
export interface Mount {
  readonly basePath: string;
  readonly dialect: Dialect;
}

/** The dialect that speaks for a path, whether there is such a route or not. */
export function dialectOf(mounts: SpeechService["mounts"], path: string): Dialect {
  const mount = mounts.find(({ basePath }) => basePath !== "" && path.startsWith(`${basePath}/`));
  return (mount ?? mounts[0]).dialect;
}

/** The server's figures for whoever watches over it. */
export interface MetricsPage {
  readonly contentType: string;
  /** Whether only who shows a key may read it. */
  readonly needsKey: boolean;
  render(): Promise<string>;
}

/** What both transports serve: dialects on one side, sessions on the other. */
export interface SpeechService {
  /** The first one is at the root, and speaks for requests that are below no other. */
  readonly mounts: readonly [Mount, ...Mount[]];
  readonly parts: SessionParts;
  readonly logger: Logger;
  /** Told of every connection and refusal. */
  readonly observer: Observer;
  /** What `GET /metrics` answers; undefined for nothing. */
  readonly metrics: MetricsPage | undefined;
  /** What waits for readers, and those that have stopped reading. */
  readonly sending: Sending;
  /** Every session there is, to be drained and waited for. */
  readonly sessions: SessionRegistry;
  /** The path all routes are also found under; empty for none. */
  readonly pathPrefix: string;
  /** Whether what is wrong with an upgrade is told in a frame or in place of the upgrade. */
  readonly handshakeErrors: "frame" | "status";
  /** Unix time in ms. */
  readonly wallClock: () => number;
  /** Keeps the sound of turns that are to be recorded. */
  readonly history: Pick<HistoryStore, "addAudio" | "dropAudio">;
  /** Gives kept sound another form. */
  readonly recoders: RecoderSource;
  /** Keeps what was spoken, when all of it was. Never rejects: a client has its audio all the same. */
  record(turn: TurnRecord, retention: Retention): Promise<void>;
}

/** The connection that serves a session. */
export interface SessionConnection extends SessionOwner {
  /** Drops it, whatever it still does. */
  terminate(): void;
}

/** Opens sessions and knows which are open. */
export class SessionRegistry {
  readonly #open = new Map<Session, SessionConnection>();
  #draining = false;
  #whenEmpty: (() => void) | undefined;

  get size(): number {
    return this.#open.size;
  }

  /** Whether new work is refused because the server is going. */
  get draining(): boolean {
    return this.#draining;
  }

  open(plan: SessionPlan, parts: SessionParts, connection: SessionConnection): Session {
    const session = new Session(plan, parts, connection);
    this.#open.set(session, connection);
    return session;
  }

  /** To be called when nobody listens to a session any more, with how its connection ended. */
  close(session: Session, end: ConnectionEnd): void {
    session.abort();
    const connection = this.#open.get(session);
    if (!this.#open.delete(session)) return;
    connection?.observer.closed(end);
    if (this.#open.size === 0) this.#whenEmpty?.();
  }

  /** Refuses new work and lets every session end; resolves when none is open. */
  async drain(withinMs: number): Promise<void> {
    this.#draining = true;
    for (const session of this.#open.keys()) session.drain(withinMs);
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  /** Ends every session that a key has opened. */
  expel(keyId: string, problem: Problem): void {
    for (const session of this.#open.keys()) {
      if (session.account?.keyId === keyId) session.expel(problem);
    }
  }

  /** Ends every session, whatever it still does. */
  cutOff(): void {
    for (const session of this.#open.keys()) session.cutOff();
  }

  /** Drops the connections that have not ended by themselves. */
  dropAll(): void {
    for (const connection of this.#open.values()) connection.terminate();
  }
}
