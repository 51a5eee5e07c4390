import type { Account } from "../protocol/accounts.ts";
import type { RunningTimer, TimerFiring } from "../protocol/connections.ts";
import { isProblem } from "../protocol/dialect.ts";
import type { ConnectionObserver } from "../protocol/observer.ts";
import { type Problem, problemRow } from "../protocol/problems.ts";
import type { DictionaryLocator } from "../protocol/pronunciation.ts";
import {
  type Command,
  type ContextId,
  type Credential,
  defaultContext,
  type Event,
  type SessionPlan,
  type SessionTotals,
  type TurnOutcome,
} from "../protocol/speech.ts";
import type { ResolvedDictionaries } from "../protocol/stores.ts";
import type { Voice, VoiceSettings } from "../protocol/voice.ts";
import type { TimerQueue } from "../timer-queue.ts";
import type { Warning } from "../protocol/warnings.ts";
import { compilePronunciations } from "../text/pronunciations.ts";
import type { ContextConfiguration } from "./configuration.ts";
import { Context, type ContextOwner, type ContextSetup, type SpokenTurn } from "./context.ts";
import { ContextEnds, isSpeech } from "./context-ends.ts";
import { ContextTable } from "./context-table.ts";
import { Countdown, withTimeLeft } from "./countdown.ts";
import { IdleWatch } from "./idle-watch.ts";
import { Outbox, type Reader } from "./outbox.ts";
import { QuietWatch } from "./quiet-watch.ts";
import type { SpeakerParts } from "./speaker.ts";

/** Whom a credential lets in from an address; `undefined` stands for none at all. */
export type Admit = (
  credential: Credential | undefined,
  address: string,
) => Promise<Account | Problem>;

/** The rules of dictionaries, in the order in which they apply, and the ones there are not. */
export type ResolveDictionaries = (
  locators: readonly DictionaryLocator[],
) => Promise<ResolvedDictionaries>;

/** What all sessions of a server work with. */
export interface SessionParts extends SpeakerParts {
  readonly timers: TimerQueue;
  /** Asked for whoever has not been let in. */
  readonly admit: Admit;
  readonly resolveDictionaries: ResolveDictionaries;
}

/** Whoever a session belongs to. */
export interface SessionOwner {
  /** Whoever has been let in already. */
  readonly account: Account | undefined;
  /** Of the client, in the network. */
  readonly address: string;
  /** Told of the session's work; its owner tells the end of the connection. */
  readonly observer: ConnectionObserver;
  /** Told the cause of problems that are the server's own fault. */
  onFault(problem: Problem, cause: unknown): void;
  /** Told what a client does not want to hear. */
  onWarning(warning: Warning): void;
  /** Told what each context said that was given text. */
  onTurn(turn: SpokenTurn): void;
}

const unconfigured: ContextConfiguration = {};

/** `accept` waits while more than this waits to be spoken, to end, or to be sent. */
const most = { backlogChars: 1_000_000, closingContexts: 1000, unsentEvents: 256 } as const;
/** Contexts that were opened and never given text; one more pushes the oldest out. */
const maxUnusedContexts = 64;
/** A close this soon after its context's text is what the hosted service sometimes loses. */
const raceMs = 1;

type CommandOf<Type extends Command["type"]> = Extract<Command, { type: Type }>;
type ConfiguringCommand = CommandOf<"inherit" | "configure">;
/** A command whose dictionaries have been looked up. */
type Resolved<Type extends ConfiguringCommand["type"]> = Omit<CommandOf<Type>, "configuration"> & {
  readonly configuration: ContextConfiguration;
};
/** Commands that are carried out without waiting. */
type SyncCommand =
  | Exclude<Command, { type: "authenticate" | "inherit" | "configure" }>
  | Resolved<"inherit">
  | Resolved<"configure">;
/** Commands that need a voice. */
type VoiceCommand = Exclude<SyncCommand, { type: "reject" | "refuse" | "warn" | "late" }>;

/**
 * One connection: its contexts, its credential, its timer and its end. Commands are pushed in
 * and carried out strictly in order; events are pulled out one at a time.
 */
export class Session {
  readonly #plan: SessionPlan;
  readonly #parts: SessionParts;
  readonly #owner: SessionOwner;
  readonly #outbox = new Outbox<Event>();
  readonly #contexts = new ContextTable();
  readonly #ends: ContextEnds;
  readonly #idle: IdleWatch | undefined;
  /** Made when somebody wants to know. */
  #quiet: QuietWatch | undefined;
  readonly #openedAt: number;
  readonly #admission: Promise<void> | undefined;
  #account: Account | undefined;
  /** Of whoever was let in by a token. */
  #tokenTime: Countdown | undefined;
  /** `ending` waits for the contexts and `drained` for what is being spoken; both take no commands. */
  #state: "open" | "ending" | "drained" | "closed" = "open";
  #endsWhenEmpty = false;
  #inherited = unconfigured;
  /** When the server goes, since it is going. */
  #drain: TimerFiring | undefined;
  /** Until what `close_socket` has found is cut off, or an end that was told is carried out. */
  #lastTime: Countdown | undefined;
  #wakeAccept: (() => void) | undefined;
  /** What the contexts see of this session. */
  readonly #contextOwner: ContextOwner = {
    emit: (event) => this.#outbox.put(event),
    onProgress: () => {
      this.#idle?.touch("speech");
      this.#onProgress();
    },
    onFinal: (context) => this.#ends.remove(context, "complete"),
    onFailed: (context, problem, cause) => this.#onContextFailed(context, problem, cause),
    warn: (warning, context) => this.#warn(warning, context),
  };

  constructor(plan: SessionPlan, parts: SessionParts, owner: SessionOwner) {
    this.#plan = plan;
    this.#parts = parts;
    this.#owner = owner;
    this.#openedAt = parts.clock.now();
    this.#ends = new ContextEnds(
      { plan, contexts: this.#contexts, outbox: this.#outbox },
      {
        tell: (event) => this.#tell(event),
        tellRefusal: (problem, context) => this.#tellRefusal(problem, context),
        onEnded: (context, outcome) => this.#onEnded(context, outcome),
        onTurn: (turn) => owner.onTurn(turn),
      },
    );
    if (owner.account) this.#letIn(owner.account);
    else if (plan.credential) this.#admission = this.#authenticate(plan.credential);
    if (plan.idleMs !== undefined) {
      this.#idle = new IdleWatch(
        plan.idleMs,
        plan.rules.expiry,
        parts.clock,
        parts.timers,
        this,
        this.#contexts,
        {
          onWarning: (silentMs, limitMs, context) =>
            this.#warn(idleSoon(silentMs, limitMs), context?.id),
          onExpired: (context, firing) => this.#onExpired(context, firing),
        },
      );
    }
  }

  /** Everything the client is to be told; ends after the `close` event. */
  events(): AsyncIterable<Event> {
    return this.#outbox;
  }

  /** The same, handed to `reader` as soon as that has room. */
  deliver(reader: Reader<Event>): void {
    this.#outbox.read(reader);
  }

  /** Whose session it is; undefined until somebody was let in. */
  get account(): Account | undefined {
    return this.#account;
  }

  /** Whether the client is still to be told something that it waits for. */
  get busy(): boolean {
    return this.#contexts.busy || (this.#quiet?.isPending ?? false);
  }

  /** The client is there, though it says nothing. That is no excuse for who has not been let in. */
  touch(): void {
    if (!this.#account) return;
    this.#idle?.touch("ping");
    for (const context of this.#contexts) this.#idle?.touch("ping", context);
  }

  /** What goes on with it, or with one of its contexts, by itself. */
  get timers(): RunningTimer[] {
    const { clock } = this.#parts;
    const own = [this.#idle, this.#tokenTime, this.#lastTime, this.#quiet];
    return [
      ...[...own, ...this.#contexts].flatMap((each) => each?.timers ?? []),
      ...(this.#drain ? [withTimeLeft(this.#drain, clock)] : []),
    ];
  }

  /**
   * Carries out the commands of one message. Resolves when there is room for the next message;
   * until then the caller should not read on.
   */
  async accept(commands: readonly Command[]): Promise<void> {
    if (this.#admission) await this.#admission;
    this.#idle?.touch("message");
    for (const command of commands) {
      // Waiting for nothing would still cost a turn.
      if (command.type === "authenticate") await this.#admit(command.credential);
      else if (namesDictionaries(command)) this.#take(await this.#withRules(command));
      else this.#take(command);
    }
    while (this.#state !== "closed" && this.#isFull()) {
      await new Promise<void>((wake) => {
        this.#wakeAccept = wake;
      });
    }
  }

  /** Lets what is being spoken go on, to its end if that comes in time; then ends the session. */
  drain(timeLeftMs: number): void {
    if (this.#state === "closed" || this.#state === "drained") return;
    const times = { limitMs: timeLeftMs, lastResetAt: this.#parts.clock.now() } as const;
    this.#drain = { name: "drain", context: undefined, ...times, lastResetBy: "drain" };
    if (this.#plan.details) this.#tell({ type: "going_away", timeLeftMs });
    this.#contexts.rush();
    // A session the client has ended already ends by itself, as the client expects.
    if (this.#state === "ending" && this.busy) return;
    this.#state = "drained";
    this.#idle?.stop();
    this.#quiet?.settle();
    this.#onProgress();
  }

  /** Ends the session with all that still speaks: the server waits no longer. */
  cutOff(): void {
    if (this.#state === "closed") return;
    this.#outbox.drop(isSpeech);
    this.#leave();
  }

  /** Ends the session at once: whoever it is may not go on. */
  expel(problem: Problem): void {
    this.#fail(problem);
  }

  /** Stops all work at once and tells nobody: the client has gone. */
  abort(): void {
    this.#stop("cancelled");
    this.#outbox.drop(() => true);
    this.#outbox.end([]);
  }

  #take(command: SyncCommand): void {
    if (this.#state === "drained") this.#takeInDrain(command);
    if (this.#state !== "open" || command.type === "late") return;
    const { voice } = this.#plan;
    if (command.type === "reject") this.#fail(command.problem);
    else if (command.type === "refuse") this.#tellRefusal(command.problem, command.context);
    else if (command.type === "warn") this.#warn(command.warning, command.context);
    else if (isProblem(voice)) this.#fail(voice);
    else this.#carryOut(command, voice);
  }

  #carryOut(command: VoiceCommand, voice: Voice): void {
    switch (command.type) {
      case "inherit":
        this.#inherited = command.configuration;
        return;
      case "configure":
        return this.#configure(command, voice);
      case "text":
        return this.#text(command, voice);
      case "flush":
        return this.#flush(command);
      case "keep_alive":
        this.#named(command.context);
        return;
      case "close":
        return this.#close(command);
      case "cancel":
        return this.#cancel(command, voice);
      case "close_all":
        return this.#closeAll(command);
      case "end":
        return this.#end(command);
    }
  }

  async #admit(credential: Credential | undefined): Promise<void> {
    if (this.#state === "open" && !this.#account) await this.#authenticate(credential);
  }

  async #authenticate(credential: Credential | undefined): Promise<void> {
    const found = await this.#parts.admit(credential, this.#owner.address);
    if (isProblem(found)) this.#fail(found);
    else if (this.#state !== "closed") this.#letIn(found);
  }

  #letIn(account: Account): void {
    this.#account = account;
    this.#owner.observer.admitted(account.keyId);
    const { voice, model } = this.#plan;
    const refused = isProblem(voice) ? undefined : account.refusalOf(voice, model);
    if (refused) return this.#fail(refused);
    if (account.endsAt !== undefined) {
      const { clock } = this.#parts.timers;
      this.#tokenTime = new Countdown(clock, "token_time");
      this.#tokenTime.start(account.endsAt - clock.now(), "open", (firing) => {
        this.#owner.observer.timerFired(firing);
        this.#fail({ code: "token_time_over", details: {} });
      });
    }
    this.#greet();
  }

  /** Tells what a client asked to know, which is nothing for who has not been let in. */
  #greet(): void {
    if (this.#plan.details) this.#tell({ type: "ready" });
    for (const warning of this.#plan.warnings) this.#warn(warning);
  }

  /** Looks up the dictionaries that a command names. */
  async #withRules(command: ConfiguringCommand): Promise<SyncCommand> {
    const { dictionaries = [], ...others } = command.configuration;
    const { rules, found, missing } = await this.#parts.resolveDictionaries(dictionaries);
    for (const { dictionaryId } of missing) {
      this.#warn({ code: "dictionary_not_found", details: { dictionaryId } });
    }
    const pronunciations = compilePronunciations(rules);
    return { ...command, configuration: { ...others, dictionaries: found, pronunciations } };
  }

  /** The open context of a name, which its client still wants. */
  #named(id: ContextId): Context | undefined {
    const context = this.#contexts.get(id);
    if (!context?.isOpen) return undefined;
    this.#idle?.touch("message", context);
    return context;
  }

  #configure(command: Resolved<"configure">, voice: Voice): void {
    const { context: id, configuration, opens, after } = command;
    const existing = this.#named(id);
    if (!existing) {
      // Whoever begins anew does not go on with what was turned away.
      if (!opens) return;
      this.#contexts.readmit(id);
      this.#open(id, { ...this.#inherited, ...configuration }, voice, after);
      return;
    }
    const isChanged =
      configuration.voice && !isEqual(configuration.voice, existing.configuration.voice);
    if (isChanged && this.#plan.rules.changedSettings === "refuse") {
      return this.#fail({ code: "settings_changed", details: {} });
    }
    existing.configure(configuration);
  }

  #text({ context: id, text }: CommandOf<"text">, voice: Voice): void {
    const context = this.#named(id) ?? this.#open(id, this.#inherited, voice);
    if (!context) return;
    const { rules } = this.#plan;
    if (text.trim() !== "" && this.#contexts.isOneTooMany(context, rules)) {
      return this.#ends.fail(context, tooMany(rules.maxContexts));
    }
    context.text(text);
  }

  /** A new context; undefined if there is to be none. */
  #open(
    id: ContextId,
    configuration: ContextConfiguration,
    voice: Voice,
    after?: ContextId,
  ): Context | undefined {
    if (this.#contexts.isRefused(id)) return undefined;
    const { rules } = this.#plan;
    const speaker = configuration.speaker ?? voice;
    const { format = this.#plan.format, model = this.#plan.model } = configuration;
    const account = this.#account;
    const refused = account?.refusalOf(speaker, model);
    if (!account || refused) {
      const problem = refused ?? authenticationRequired;
      if (!account || rules.failure === "session") this.#fail(problem);
      else this.#ends.refuse(id, problem);
      return undefined;
    }
    if (rules.countedContexts === "all" && this.#contexts.isFull(rules)) {
      const problem = tooMany(rules.maxContexts);
      if (rules.overflow === "session") this.#fail(problem);
      else this.#ends.refuse(id, problem);
      return undefined;
    }
    const namesake = this.#contexts.get(id);
    if (namesake) this.#warn({ code: "text_after_close", details: {} }, id);
    const predecessor = namesake ?? (after === undefined ? undefined : this.#contexts.get(after));
    const observer = this.#owner.observer.context({ id, voice: speaker, model, format });
    const setup: ContextSetup = {
      id,
      plan: this.#plan,
      account,
      voice: speaker,
      configuration,
      predecessor,
      observer,
    };
    const context = new Context(setup, this.#parts, this.#contextOwner);
    this.#contexts.add(context);
    if (!configuration.tellsPieces) this.#quiet?.interrupt();
    const [oldest, ...others] = this.#contexts.unused;
    if (oldest && others.length >= maxUnusedContexts) {
      // Its client may wait for the end of what it has named.
      this.#ends.stop(oldest, oldest.id === defaultContext ? undefined : "idle_timeout");
    }
    return context;
  }

  #flush({ context: id, minChars }: CommandOf<"flush">): void {
    this.#named(id)?.flush(minChars);
    // What a context that was turned away had to say ends here; what follows may be let in again.
    if (minChars === 0) this.#contexts.readmit(id);
  }

  #close({ context: id, discard = false, quietMs }: CommandOf<"close">): void {
    this.#contexts.readmit(id);
    const context = this.#named(id);
    if (!context) return;
    const { closeRace } = this.#plan.rules;
    const sinceTextMs = this.#parts.clock.now() - (context.lastTextAt ?? Number.NEGATIVE_INFINITY);
    if (closeRace !== "none" && sinceTextMs <= raceMs) {
      this.#ends.stop(context, closeRace === "silent" ? "complete" : undefined);
    } else if (discard) {
      this.#ends.stop(context, "cancelled");
    } else {
      this.#contexts.noteClosing(context);
      if (quietMs !== undefined) this.#awaitQuiet(id, quietMs);
      context.close();
    }
  }

  #awaitQuiet(id: ContextId, quietMs: number): void {
    this.#quiet ??= new QuietWatch(this.#parts.clock, (context) => {
      this.#idle?.touch("speech");
      this.#tell({ type: "quiet", context });
      this.#onProgress();
    });
    this.#quiet.await(id, quietMs);
  }

  #cancel({ context: id, playedMs, keep }: CommandOf<"cancel">, voice?: Voice): void {
    this.#contexts.readmit(id);
    const live = [...this.#contexts].filter((context) => context.id === id && context.isLive);
    const last = live.at(-1);
    for (const context of live) {
      this.#ends.cancel(context, playedMs, !keep || context !== last);
    }
    if (keep && last && voice) this.#open(id, last.currentConfiguration, voice);
  }

  #closeAll({ withinMs }: CommandOf<"close_all">): void {
    for (const context of this.#contexts) {
      const isUnwanted = context.id === defaultContext && !context.hasText && !context.busy;
      if (isUnwanted) this.#ends.stop(context, undefined);
      else context.close();
    }
    this.#contexts.rush();
    this.#lastTime?.stop();
    this.#lastTime = new Countdown(this.#parts.clock, "close_grace");
    this.#lastTime.start(withinMs, "message", (firing) => {
      this.#owner.observer.timerFired(firing);
      for (const context of this.#contexts) {
        if (context.isLive) this.#ends.stop(context, "cancelled");
      }
    });
  }

  #end({ takesMore = false }: CommandOf<"end">): void {
    this.#endsWhenEmpty = true;
    if (!takesMore) this.#state = "ending";
    this.#contexts.freePaces();
    this.#endWhenDone();
  }

  /** Turns that have begun go on, but new ones are not begun any more, and whoever asks for one is told. */
  #takeInDrain(command: SyncCommand): void {
    if (command.type === "refuse") return this.#tellRefusal(command.problem, command.context);
    if (command.type === "close") return this.#close(command);
    if (command.type === "flush") return this.#flush(command);
    if (command.type === "cancel") return this.#cancel({ ...command, keep: false });
    if (command.type !== "text") return;
    const { context: id, text } = command;
    const existing = this.#contexts.get(id);
    if (existing?.hasText) return existing.text(text);
    if (text.trim() === "" || this.#plan.rules.failure === "session" || existing) return;
    if (this.#contexts.isRefused(id)) return;
    this.#ends.refuse(id, { code: "shutting_down", details: {} });
  }

  #onContextFailed(context: Context, problem: Problem, cause: unknown): void {
    if (this.#plan.rules.failure === "session") return this.#fail(problem, cause);
    if (isFault(problem)) this.#owner.onFault(problem, cause);
    this.#ends.fail(context, problem);
  }

  #onEnded(context: Context, outcome: TurnOutcome | undefined): void {
    const areOthers = [...this.#contexts].some((each) => !each.configuration.tellsPieces);
    this.#quiet?.onEnded(context.id, outcome === "complete", areOthers);
    this.#onProgress();
    this.#endWhenDone();
  }

  #onExpired(context: Context | undefined, firing: TimerFiring): void {
    const { idleMs = 0 } = this.#plan;
    this.#owner.observer.timerFired(firing);
    if (!context) this.#fail({ code: "input_timeout", details: { seconds: idleMs / 1000 } });
    else this.#ends.stop(context, context.hasText ? "idle_timeout" : undefined);
  }

  #isFull(): boolean {
    return (
      this.#contexts.backlogChars > most.backlogChars ||
      this.#contexts.closing > most.closingContexts ||
      this.#outbox.size > most.unsentEvents
    );
  }

  #onProgress(): void {
    if (this.#state === "open") this.#contexts.assignPaces(this.#plan.rules);
    this.#wakeAccept?.();
    if (this.#state !== "drained") return;
    // Nothing new can come in the time that would have to be quiet.
    this.#quiet?.settle();
    if (!this.busy) this.#leave();
  }

  /** Ends because the server goes. */
  #leave(): void {
    const problem: Problem = { code: "shutting_down", details: {} };
    if (this.#plan.rules.shutdown === "closed") return this.#finish(problem, []);
    const errors = this.#contexts.unfinished.map(({ id: context }): Event => {
      return { type: "error", problem, context };
    });
    this.#finish(problem, errors.length > 0 ? errors : [{ type: "error", problem }]);
  }

  #endWhenDone(): void {
    if (this.#endsWhenEmpty && this.#contexts.size === 0) this.#finish(undefined, []);
  }

  #warn(warning: Warning, context?: ContextId): void {
    this.#owner.observer.warned(warning.code, context);
    if (!this.#plan.details) return this.#owner.onWarning(warning);
    this.#tell({ type: "warning", warning, ...(context !== undefined && { context }) });
  }

  /** Tells the client what cannot be done, while all else goes on. */
  #tellRefusal(problem: Problem, context?: ContextId): void {
    this.#owner.observer.refused(problem, context);
    this.#tell({ type: "error", problem, ...(context !== undefined && { context }) });
  }

  /** Sends an event that nobody waits for. */
  #tell(event: Event): void {
    void this.#outbox.put(event)?.then(() => this.#wakeAccept?.());
  }

  #fail(problem: Problem, cause?: unknown): void {
    if (this.#state === "closed") return;
    if (isFault(problem)) this.#owner.onFault(problem, cause);
    this.#outbox.drop(isSpeech);
    this.#finish(problem, [{ type: "error", problem }]);
  }

  #finish(problem: Problem | undefined, last: readonly Event[]): void {
    if (this.#state === "closed") return;
    const cutOff = problem ? this.#ends.cutOff(outcomeOf(problem)) : [];
    this.#stop(problem ? outcomeOf(problem) : "cancelled");
    const { clock } = this.#parts;
    const { details, rules } = this.#plan;
    const totals: SessionTotals = {
      ...this.#ends.totals,
      durationMs: clock.now() - this.#openedAt,
    };
    const ended: Event = { type: "session_ended", totals, problem };
    const close: Event = { type: "close", problem };
    const told = details ? [...cutOff, ...last, ended] : last;
    if (rules.closeDelayMs === 0) return this.#outbox.end([...told, close]);
    for (const event of told) this.#tell(event);
    this.#lastTime = new Countdown(clock, "close_delay");
    this.#lastTime.start(rules.closeDelayMs, "sent", () => this.#outbox.end([close]));
  }

  /** `outcome` is what it means for contexts that have not ended. */
  #stop(outcome: TurnOutcome): void {
    this.#state = "closed";
    this.#idle?.stop();
    this.#quiet?.stop();
    this.#tokenTime?.stop();
    this.#lastTime?.stop();
    this.#ends.abandon(outcome);
    this.#wakeAccept?.();
  }
}

const namesDictionaries = (command: Command): command is ConfiguringCommand =>
  (command.type === "inherit" || command.type === "configure") &&
  command.configuration.dictionaries !== undefined;

const outcomeOf = ({ code }: Problem): TurnOutcome =>
  code === "input_timeout" ? "idle_timeout" : code === "shutting_down" ? "cancelled" : "failed";

const isFault = ({ code }: Problem): boolean => problemRow(code).closeCode === 1011;

const authenticationRequired: Problem = { code: "authentication_required", details: {} };

const tooMany = (limit: number): Problem => ({ code: "too_many_contexts", details: { limit } });

const isEqual = (one: VoiceSettings, other: VoiceSettings | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const idleSoon = (silentMs: number, limitMs: number): Warning => ({
  code: "idle_soon",
  details: { silentSeconds: Math.round(silentMs / 100) / 10, limitSeconds: limitMs / 1000 },
});
