import type { LineEvent } from "./lines/line-event.ts";
import { isForeignUrl } from "./marks.ts";
import { readMessage } from "./message-facts.ts";
import type { TraceEvent } from "./trace.ts";

/** What one connection of a log was seen to do. */
export interface SplitConnection {
  readonly events: readonly TraceEvent[];
  readonly url: string | undefined;
}

interface Open {
  readonly events: TraceEvent[];
  url: string | undefined;
  isForeign: boolean;
  /** Whether more than an address and words are known of it. */
  hasBegun: boolean;
  isOver: boolean;
}

/** A log may repeat itself for days: of what is long, the beginning and the end are kept. */
const maxEvents = 10_000;
const keptAtBeginning = 200;
const maxConnections = 500;

/**
 * Shares the events of a log out among its connections. Logs hardly ever name them, so a new one begins
 * where one is opened, or where something happens that only an open socket can do.
 */
export class ConnectionSplitter {
  readonly #done: Open[] = [];
  #current: Open = begin();

  add(event: TraceEvent): void {
    if (this.#beginsAnother(event)) this.#next();
    const current = this.#current;
    this.#note(event);
    if (current.isForeign && event.type !== "log") return;
    if (event.type === "close" && mergeClose(current.events, event)) return;
    if (current.events.length >= maxEvents) current.events.splice(keptAtBeginning, maxEvents / 2);
    current.events.push(event);
  }

  /** An address that something was logged of: the connection's, if none is known of it yet. */
  noteAddress(url: string | undefined): void {
    if (!this.#current.isForeign) this.#current.url ??= url;
  }

  /** All connections of which something is known, in their order. */
  connections(): readonly SplitConnection[] {
    return [...this.#done, this.#current].filter(({ events }) => events.length > 0);
  }

  #beginsAnother(event: TraceEvent): boolean {
    const { hasBegun, isOver, url } = this.#current;
    switch (event.type) {
      case "connecting":
        return hasBegun || isOver || (url !== undefined && event.url !== "" && url !== event.url);
      case "open":
      case "received":
        return isOver;
      case "sent":
        return isOver && isOpening(event);
      case "handshake_failed":
        return isOver ? this.#has("close") : event.status === undefined && this.#isInUse();
      case "close":
      case "log":
      case "ping":
      case "pong":
        return false;
    }
  }

  #has(...types: readonly TraceEvent["type"][]): boolean {
    return this.#current.events.some(({ type }) => types.includes(type));
  }

  /** Whether it was opened: whoever fails to connect then is another. */
  #isInUse(): boolean {
    return this.#has("open", "sent", "received");
  }

  #next(): void {
    if (this.#current.events.length > 0) this.#done.push(this.#current);
    if (this.#done.length > maxConnections) this.#done.shift();
    this.#current = begin();
  }

  #note(event: LineEvent): void {
    const current = this.#current;
    if (event.type === "connecting") {
      if (event.url !== "") current.url = event.url;
      current.isForeign = isForeignUrl(event.url);
    } else if (event.type !== "log") {
      current.hasBegun = true;
      if (event.type === "close" || event.type === "handshake_failed") current.isOver = true;
    }
  }
}

const begin = (): Open => ({
  events: [],
  url: undefined,
  isForeign: false,
  hasBegun: false,
  isOver: false,
});

/** Whether a message is one that begins a socket. */
function isOpening({ data }: { readonly data: string | undefined }): boolean {
  if (data === undefined) return false;
  return (
    readMessage(data).voiceSettings !== undefined ||
    /xi[_-]api[_-]key|generation_config|conversation_initiation_client_data/.test(data)
  );
}

/**
 * A closing is told several times: by the library, by whoever catches its exception, in a traceback.
 * What a later line knows more is added to the first; gives false if it is another closing.
 */
function mergeClose(events: TraceEvent[], event: TraceEvent & { readonly type: "close" }): boolean {
  const index = events.findLastIndex(({ type }) => type === "close");
  const first = events[index];
  if (first?.type !== "close") return false;
  const isVague = (code: number | undefined): boolean => code === undefined || code === 1006;
  if (first.code !== event.code && !isVague(first.code) && !isVague(event.code)) return false;
  const better = isVague(first.code) && !isVague(event.code) ? event : first;
  const reason = first.reason.length >= event.reason.length ? first.reason : event.reason;
  const by = first.by === "unknown" ? event.by : first.by;
  events[index] = {
    ...first,
    code: better.code ?? first.code ?? event.code,
    reason,
    by,
    evidence:
      event.reason.length > first.reason.length || better === event
        ? event.evidence
        : first.evidence,
  };
  return true;
}
