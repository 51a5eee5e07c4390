import type { Clock } from "../../clock.ts";
import type { UpstreamStatus } from "../../protocol/engines.ts";
import { type Attempt, CircuitBreaker } from "../circuit-breaker.ts";
import type { UpstreamManifest } from "../voice-folders.ts";
import type { UpstreamFailure } from "./upstream-failure.ts";

/** What came of asking a server for the speech of a voice. Of the calls only the first one counts. */
export interface VoiceAttempt {
  succeeded(): void;
  failed(blamed: UpstreamFailure["blames"]): void;
  abandoned(): void;
}

type Speaker = Pick<UpstreamManifest, "voice" | "model">;

/**
 * Remembers how a server is doing, and each of its voices: one whose audio is unusable is left alone
 * without the others.
 */
export class Circuits {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #server: CircuitBreaker;
  /** By voice and model, as they are named in a status. */
  readonly #speakers = new Map<string, CircuitBreaker>();

  constructor(name: string, clock: Clock) {
    this.#name = name;
    this.#clock = clock;
    this.#server = new CircuitBreaker(clock);
  }

  /** That of the server, and of its voices that are left alone though the server is not. */
  get statuses(): readonly UpstreamStatus[] {
    const speakers = Array.from(this.#speakers, ([speaker, { status }]) => ({
      name: `${this.#name} ${speaker}`,
      ...status,
    }));
    return [
      { name: this.#name, ...this.#server.status },
      ...speakers.filter(({ state }) => state !== "up"),
    ];
  }

  /** The right to ask once; undefined while the server or its voice is to be left alone. */
  attempt(speaker: Speaker): VoiceAttempt | undefined {
    const ofServer = this.#server.attempt();
    const ofVoice = ofServer && this.#breakerOf(speaker).attempt();
    if (!ofVoice) ofServer?.abandoned();
    return ofVoice && both(ofServer, ofVoice);
  }

  #breakerOf({ voice, model }: Speaker): CircuitBreaker {
    const name = [`voice ${voice}`, model].filter(Boolean).join(" ");
    let breaker = this.#speakers.get(name);
    if (!breaker) this.#speakers.set(name, (breaker = new CircuitBreaker(this.#clock)));
    return breaker;
  }
}

function both(ofServer: Attempt, ofVoice: Attempt): VoiceAttempt {
  const abandoned = (): void => {
    ofServer.abandoned();
    ofVoice.abandoned();
  };
  return {
    succeeded: () => {
      ofServer.succeeded();
      ofVoice.succeeded();
    },
    failed: (blamed) => {
      if (blamed === "server") ofServer.failed();
      if (blamed === "voice") ofVoice.failed();
      abandoned();
    },
    abandoned,
  };
}
