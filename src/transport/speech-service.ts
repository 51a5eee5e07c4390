import type { Dialect } from "../protocol/dialect.ts";
import type { SessionPlan } from "../protocol/speech.ts";
import { type Authenticate, Session, type SessionParts } from "../session/session.ts";
import type { Logger } from "./log.ts";

/** What both transports serve: dialects on one side, sessions on the other. */
export interface SpeechService {
  readonly dialects: readonly Dialect[];
  readonly parts: Omit<SessionParts, "onFault">;
  readonly logger: Logger;
  /** Every session there is, to be drained and waited for. */
  readonly sessions: SessionRegistry;
  /** The path all routes are also found under; empty for none. */
  readonly pathPrefix: string;
}

/** Opens sessions and knows which are open. */
export class SessionRegistry {
  readonly #open = new Set<Session>();
  #draining = false;
  #whenEmpty: (() => void) | undefined;

  get size(): number {
    return this.#open.size;
  }

  /** Whether new work is refused because the server is going. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Opens a session; `close` has to be called when nobody listens to it any more. */
  open(
    plan: SessionPlan,
    parts: SpeechService["parts"],
    authenticate: Authenticate,
    onFault: SessionParts["onFault"],
  ): { readonly session: Session; readonly close: () => void } {
    const session = new Session(plan, { ...parts, authenticate, onFault });
    this.#open.add(session);
    const close = (): void => {
      session.abort();
      this.#open.delete(session);
      if (this.#open.size === 0) this.#whenEmpty?.();
    };
    return { session, close };
  }

  /** Refuses new work and lets every session end; resolves when none is open. */
  async drain(): Promise<void> {
    this.#draining = true;
    for (const session of this.#open) session.drain();
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  /** Ends what has not ended by itself. */
  abort(): void {
    for (const session of this.#open) session.abort();
  }
}
