import type { Cancel } from "../clock.ts";
import { isProblem } from "../protocol/dialect.ts";
import { type Problem, problemRow } from "../protocol/problems.ts";
import type { Command, ContextId, Credential, Event, SessionPlan } from "../protocol/speech.ts";
import { Context, type ContextOwner, type ContextParts } from "./context.ts";
import { Outbox } from "./outbox.ts";

/** Says whether a credential is good; `undefined` stands for none at all. */
export type Authenticate = (credential: Credential | undefined) => Promise<Problem | undefined>;

/** What every session of a server works with. */
export interface SessionParts extends ContextParts {
  readonly authenticate: Authenticate;
  /** Told the cause of problems that are the server's own fault. */
  readonly onFault: (problem: Problem, cause: unknown) => void;
}

const nothing = (): void => {};

/** More text than this waiting for its synthesis, and `accept` waits too. */
const maxBacklogChars = 1_000_000;

/**
 * One connection: its contexts, its credential, its timer and its end. Commands are pushed in
 * and carried out strictly in order; events are pulled out one at a time.
 */
export class Session {
  readonly #parts: SessionParts;
  readonly #plan: SessionPlan;
  readonly #outbox = new Outbox<Event>();
  readonly #contexts = new Map<ContextId, Context>();
  readonly #admission: Promise<void> | undefined;
  #admitted = false;
  #state: "open" | "ending" | "drained" | "closed" = "open";
  #lastActiveAt: number;
  #cancelIdle: Cancel = nothing;
  #wakeAccept: (() => void) | undefined;
  /** What the contexts see of this session. */
  readonly #owner: ContextOwner = {
    emit: (event) => this.#outbox.put(event),
    onProgress: () => this.#onProgress(),
    onFinal: (id) => {
      this.#contexts.delete(id);
      this.#endWhenDone();
    },
    onFailed: (problem, cause) => this.#fail(problem, cause),
  };

  constructor(plan: SessionPlan, parts: SessionParts) {
    this.#plan = plan;
    this.#parts = parts;
    this.#lastActiveAt = parts.clock.now();
    if (plan.credential) this.#admission = this.#authenticate(plan.credential);
    this.#armIdle();
  }

  /** Everything the client is to be told; ends after the `close` event. */
  events(): AsyncIterable<Event> {
    return this.#outbox;
  }

  /** Whether any context is being spoken. */
  get busy(): boolean {
    return [...this.#contexts.values()].some((context) => context.busy);
  }

  /**
   * Carries out the commands of one message. Resolves when there is room for the next message;
   * until then the caller should not read on.
   */
  async accept(commands: readonly Command[]): Promise<void> {
    if (this.#admission) await this.#admission;
    this.#lastActiveAt = this.#parts.clock.now();
    for (const command of commands) {
      if (this.#state !== "open") return;
      if (command.type === "authenticate") {
        if (!this.#admitted) await this.#authenticate(command.credential);
      } else {
        this.#carryOut(command);
      }
    }
    while (this.#state === "open" && this.#backlogChars > maxBacklogChars) {
      await new Promise<void>((wake) => {
        this.#wakeAccept = wake;
      });
    }
  }

  /** Lets what was dispatched be spoken, then ends the session because the server goes. */
  drain(): void {
    if (this.#state === "closed" || this.#state === "drained") return;
    // A session the client has ended already ends by itself, as the client expects.
    if (this.#state === "ending" && this.busy) return;
    this.#state = "drained";
    this.#cancelIdle();
    for (const context of this.#contexts.values()) context.dropBuffered();
    this.#onProgress();
  }

  /** Stops all work at once and tells nobody: the client has gone. */
  abort(): void {
    this.#finish([]);
  }

  async #authenticate(credential: Credential | undefined): Promise<void> {
    const problem = await this.#parts.authenticate(credential);
    if (problem) this.#fail(problem);
    else this.#admitted = true;
  }

  #carryOut(command: Exclude<Command, { type: "authenticate" }>): void {
    if (command.type === "reject") return this.#fail(command.problem);
    const { voice } = this.#plan;
    if (isProblem(voice)) return this.#fail(voice);
    switch (command.type) {
      case "open":
        this.#contextFor(command.context, voice);
        return;
      case "configure":
        this.#contextFor(command.context, voice).configure(command.voice, command.scheduleChars);
        return;
      case "text":
        this.#contextFor(command.context, voice).text(command.text);
        return;
      case "flush":
        this.#contexts.get(command.context)?.flush(command.minChars);
        return;
      case "close":
        this.#contexts.get(command.context)?.close();
        return;
      case "end":
        this.#state = "ending";
        this.#endWhenDone();
        return;
    }
  }

  #contextFor(id: ContextId, voice: Exclude<SessionPlan["voice"], Problem>): Context {
    const existing = this.#contexts.get(id);
    if (existing) return existing;
    const context = new Context(id, this.#plan, voice, this.#parts, this.#owner);
    this.#contexts.set(id, context);
    return context;
  }

  get #backlogChars(): number {
    return [...this.#contexts.values()].reduce((sum, { backlogChars }) => sum + backlogChars, 0);
  }

  #onProgress(): void {
    this.#lastActiveAt = this.#parts.clock.now();
    this.#wakeAccept?.();
    if (this.#state === "drained" && !this.busy) {
      this.#finish([{ type: "close", problem: { code: "shutting_down", details: {} } }]);
    }
  }

  #endWhenDone(): void {
    if (this.#state === "ending" && this.#contexts.size === 0) {
      this.#finish([{ type: "close", problem: undefined }]);
    }
  }

  #fail(problem: Problem, cause?: unknown): void {
    if (this.#state === "closed") return;
    if (problemRow(problem.code).closeCode === 1011) this.#parts.onFault(problem, cause);
    this.#finish([
      { type: "error", problem },
      { type: "close", problem },
    ]);
  }

  #finish(last: readonly Event[]): void {
    this.#state = "closed";
    this.#cancelIdle();
    for (const context of this.#contexts.values()) context.cancel();
    this.#contexts.clear();
    this.#wakeAccept?.();
    this.#outbox.end(last);
  }

  /** One timer for the connection, looked at when it fires: activity does not set it anew. */
  #armIdle(): void {
    const { idleMs } = this.#plan;
    if (idleMs === undefined) return;
    const { clock } = this.#parts;
    const check = (): void => {
      const silentMs = this.busy ? 0 : clock.now() - this.#lastActiveAt;
      if (silentMs >= idleMs) {
        this.#fail({ code: "input_timeout", details: { seconds: idleMs / 1000 } });
      } else {
        this.#cancelIdle = clock.schedule(idleMs - silentMs, check);
      }
    };
    this.#cancelIdle = clock.schedule(idleMs, check);
  }
}
