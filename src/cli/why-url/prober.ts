import type { Clock } from "../../clock.ts";
import { isCredential } from "../../why/url/address.ts";
import type { SocketRoute, SpeechVendor } from "../../why/url/finding.ts";
import { Conversation } from "./conversation.ts";
import type { Headers, OpenProbeSocket } from "./probe-socket.ts";
import { probedProtocols, type ProbedProtocol } from "./probed-protocols.ts";

/** What is tried. */
export interface ProbeTarget {
  /** Of a WebSocket; it may hold credentials. */
  readonly url: URL;
  readonly vendor: SpeechVendor;
  readonly route: SocketRoute;
  /** For sockets whose address names none. */
  readonly voice: string;
  readonly key: string | undefined;
  /** How long a client may be silent by the documents, with what the address asks for. */
  readonly idleSeconds: number | undefined;
}

export interface ProbeParts {
  readonly clock: Clock;
  readonly openSocket: OpenProbeSocket;
  /** Bounds everything. */
  readonly patienceMs: number;
}

/** Opens the sockets of one probe, within its time, and lets go of all of them. */
export class Prober {
  readonly target: ProbeTarget;
  readonly protocol: ProbedProtocol;
  readonly clock: Clock;
  readonly patienceMs: number;
  readonly #openSocket: OpenProbeSocket;
  readonly #deadlineMs: number;
  readonly #conversations: Conversation[] = [];

  constructor(target: ProbeTarget, { clock, openSocket, patienceMs }: ProbeParts) {
    this.target = target;
    this.protocol = probedProtocols[target.route];
    this.clock = clock;
    this.patienceMs = patienceMs;
    this.#openSocket = openSocket;
    this.#deadlineMs = clock.now() + patienceMs;
  }

  /** Of `ms`, what the patience still allows. */
  within(ms: number): number {
    return Math.max(0, Math.min(ms, this.#deadlineMs - this.clock.now()));
  }

  /** Whether the patience allows all of `ms`. */
  hasTimeFor(ms: number): boolean {
    return this.within(ms) >= ms;
  }

  /** Whether a credential is there to be shown. */
  get hasCredential(): boolean {
    const { key, url } = this.target;
    return key !== undefined || [...url.searchParams.keys()].some(isCredential);
  }

  /** Opens a socket with all credentials that there are. */
  open(url: URL = this.target.url): Conversation {
    const { key } = this.target;
    return this.#begin(url, key === undefined ? {} : this.protocol.headersFor(key));
  }

  /** Opens a socket that shows no credential. */
  openNameless(url: URL = this.target.url): Conversation {
    return this.#begin(withoutCredentials(url), {});
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.schedule(this.within(ms), resolve);
    });
  }

  /** No socket is left open. */
  letGo(): void {
    for (const conversation of this.#conversations) {
      conversation.close();
      conversation.drop();
    }
  }

  #begin(url: URL, headers: Headers): Conversation {
    const conversation = new Conversation(url.href, headers, this.#openSocket, this.clock);
    this.#conversations.push(conversation);
    return conversation;
  }
}

function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  for (const name of [...bare.searchParams.keys()]) {
    if (isCredential(name)) bare.searchParams.delete(name);
  }
  return bare;
}
