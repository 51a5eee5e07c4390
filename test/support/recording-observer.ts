import {
  type ConnectionObserver,
  type ConnectionSubject,
  type ContextObserver,
  noConnection,
  type Observer,
  type RefusalSubject,
  type UtteranceObserver,
} from "../../src/protocol/observer.ts";

/** What an observer was told: who was it about, what happened, and the details. */
export type Told = readonly [who: string, what: string, ...details: unknown[]];

/** Writes down all it is told, in order. */
export class RecordingObserver implements Observer {
  readonly told: Told[] = [];

  /** The same without the details, such as `context text`. */
  get course(): string[] {
    return this.told.map(([who, what]) => `${who} ${what}`);
  }

  /** The details of every time that something happened. */
  detailsOf(who: string, what: string): unknown[][] {
    return this.told
      .filter(([name, event]) => name === who && event === what)
      .map(([, , ...details]) => details);
  }

  connection({ dialect, route }: ConnectionSubject): ConnectionObserver {
    this.#note("connection", "opened", dialect, route);
    return {
      ...noConnection,
      context: ({ voice }) => {
        this.#note("context", "opened", voice.slug);
        return this.#context;
      },
      refused: ({ code }) => this.#note("connection", "refused", code),
      closed: ({ cause }) => this.#note("connection", "closed", cause.id),
    };
  }

  refused({ scope, problem }: RefusalSubject): void {
    this.#note(scope, "refused", problem.code);
  }

  engineRestarted(engine: string): void {
    this.#note("engine", "restarted", engine);
  }

  encoderRestarted(): void {
    this.#note("encoder", "restarted");
  }

  upstreamFailed(upstream: string, fault: string): void {
    this.#note("upstream", "failed", upstream, fault);
  }

  failedOver(voice: string, when: "before" | "midway"): void {
    this.#note("voice", "failedOver", voice, when);
  }

  readonly #note = (...told: Told): void => {
    this.told.push(told);
  };

  readonly #utterance: UtteranceObserver = {
    lookedUp: (isFound) => this.#note("utterance", "lookedUp", isFound),
    dispatched: (queuedMs) => this.#note("utterance", "dispatched", queuedMs),
    firstAudio: () => this.#note("utterance", "firstAudio"),
    synthesized: (...details) => this.#note("utterance", "synthesized", ...details),
    ended: () => this.#note("utterance", "ended"),
  };

  readonly #context: ContextObserver = {
    text: () => this.#note("context", "text"),
    speaking: () => this.#note("context", "speaking"),
    paused: () => this.#note("context", "paused"),
    utterance: ({ characters }) => {
      this.#note("utterance", "begun", characters);
      return this.#utterance;
    },
    firstAudio: (firstAudioMs) => this.#note("context", "firstAudio", firstAudioMs),
    underrun: (dryMs) => this.#note("context", "underrun", dryMs),
    ended: (outcome, turn) => this.#note("context", "ended", outcome, turn),
  };
}
