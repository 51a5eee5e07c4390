import type { Clock } from "../clock.ts";
import { type Cause, causeOf, redactDetails } from "../protocol/causes.ts";
import type {
  ConnectionCounts,
  ConnectionRecord,
  ConnectionStore,
  OpenConnection,
} from "../protocol/connections.ts";
import type { ConnectionObserver, ConnectionSubject, Observer } from "../protocol/observer.ts";
import { redact } from "../protocol/secrets.ts";
import type { WantedContent } from "./content.ts";
import { Recording, type RecordingOwner, userAgentOf } from "./recording.ts";
import { refineCause } from "./refine-cause.ts";
import { Words } from "./story.ts";
import { RefusalBudget } from "./refusal-budget.ts";

export interface RecorderOptions {
  readonly clock: Clock;
  /** Unix time in ms. */
  readonly wallClock: () => number;
  readonly store: Pick<ConnectionStore, "add">;
  readonly content: WantedContent;
}

/** What a refusal has of all that a connection counts. */
const noCounts: ConnectionCounts = {
  messagesReceived: 0,
  bytesReceived: 0,
  messagesSent: 0,
  bytesSent: 0,
  largestSentBytes: 0,
  characters: 0,
  contexts: 0,
  audioMs: 0,
  underruns: 0,
  eventsLeftOut: 0,
};

/** Writes down the story of every connection, and keeps it when the connection has ended. */
export class Recorder implements Observer, RecordingOwner {
  readonly #options: RecorderOptions;
  readonly #words = new Words();
  readonly #open = new Map<string, Recording>();
  readonly #refusals: RefusalBudget;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#refusals = new RefusalBudget(options.clock);
  }

  connection(subject: ConnectionSubject): ConnectionObserver {
    const { clock, wallClock, content } = this.#options;
    const recording = new Recording(subject, clock, wallClock(), this.#words, content, this);
    this.#open.set(subject.traceId, recording);
    return recording;
  }

  onClosed(record: ConnectionRecord): void {
    this.#open.delete(record.id);
    this.#keep(record);
  }

  refused(subject: Parameters<Observer["refused"]>[0]): void {
    if (!this.#refusals.take()) return;
    const { traceId: id, dialect, method, route, url, credential, keyId } = subject;
    const { problem, scope, status } = subject;
    this.#keep({
      id,
      transport: scope === "upgrade" ? "socket" : "http",
      dialect,
      method,
      route,
      url,
      userAgent: userAgentOf(subject),
      credential,
      keyId,
      voiceId: undefined,
      modelId: undefined,
      openedAtMs: this.#options.wallClock(),
      durationMs: 0,
      cause: causeOf(problem),
      endedBy: "server",
      closeCode: status,
      closeReason: "",
      counts: noCounts,
      events: [],
    });
  }

  /** Connections that are open, the oldest first. */
  live(): OpenConnection[] {
    return Array.from(this.#open.values(), (recording) => recording.live());
  }

  /** One that is open, as far as it has come. */
  find(id: string): ConnectionRecord | undefined {
    return this.#open.get(id)?.unfinished();
  }

  engineRestarted(): void {}
  encoderRestarted(): void {}
  upstreamFailed(): void {}
  failedOver(): void {}

  #keep(record: ConnectionRecord): void {
    const { id, details } = refineCause(record);
    const cause: Cause = { id, details: redactDetails(details) };
    this.#options.store.add({ ...record, cause, closeReason: redact(record.closeReason) });
  }
}
