import type { Clock } from "../../clock.ts";
import type { UpstreamStatus } from "../../protocol/engines.ts";
import type { Pcm } from "../synthesizer.ts";
import type { UpstreamManifest } from "../voice-folders.ts";
import { Circuits } from "./circuits.ts";
import { createElevenLabsHttpClient } from "./elevenlabs-http.ts";
import { createElevenLabsSocketClient } from "./elevenlabs-socket.ts";
import { createOpenAiClient } from "./openai.ts";
import { type RetryPlan, withRetries } from "./retries.ts";
import type { SpeechRequest, UpstreamClient } from "./speech-request.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import { type Patience, usualPatience } from "./watchdog.ts";

/** What other servers are spoken to with. */
export interface RemoteOptions {
  readonly clock: Clock;
  /** Where the keys are. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly patience?: Patience;
  /** Told of every request that failed; names no text, audio or key. */
  readonly onFailure?: (upstream: string, failure: UpstreamFailure) => void;
}

type CreateClient = (
  base: URL,
  key: string | undefined,
  clock: Clock,
  patience: Patience,
) => UpstreamClient;

/** How each protocol is spoken, by the scheme of the address. */
const clients: Record<UpstreamManifest["engine"], Readonly<Record<string, CreateClient>>> = {
  openai: { "http:": createOpenAiClient, "https:": createOpenAiClient },
  elevenlabs: {
    "http:": createElevenLabsHttpClient,
    "https:": createElevenLabsHttpClient,
    "ws:": createElevenLabsSocketClient,
    "wss:": createElevenLabsSocketClient,
  },
};

/** Another server: one address, spoken to with one key. */
export class Upstream {
  readonly name: string;
  readonly engine: UpstreamManifest["engine"];
  readonly #client: UpstreamClient;
  readonly #circuits: Circuits;
  readonly #options: RemoteOptions;

  constructor(
    name: string,
    engine: UpstreamManifest["engine"],
    client: UpstreamClient,
    options: RemoteOptions,
  ) {
    this.name = name;
    this.engine = engine;
    this.#client = client;
    this.#circuits = new Circuits(name, options.clock);
    this.#options = options;
  }

  /** How it is doing, and those of its voices that are left alone. */
  get statuses(): readonly UpstreamStatus[] {
    return this.#circuits.statuses;
  }

  /** Asks until it speaks, as often as the plan has it. @throws {UpstreamFailure} */
  speak(request: SpeechRequest, plan: RetryPlan, signal: AbortSignal): AsyncIterable<Pcm> {
    return withRetries(() => this.#ask(request, signal), plan, this.#options.clock, signal);
  }

  async *#ask(request: SpeechRequest, signal: AbortSignal): AsyncGenerator<Pcm> {
    const attempt = this.#circuits.attempt(request.manifest);
    if (!attempt) throw new UpstreamFailure("circuit_open");
    try {
      yield* this.#client.speak(request, signal);
      attempt.succeeded();
    } catch (error) {
      if (error instanceof UpstreamFailure && !signal.aborted) {
        if (error.details.isReused !== true) attempt.failed(error.blames);
        this.#options.onFailure?.(this.name, error);
      }
      throw error;
    } finally {
      attempt.abandoned();
    }
  }

  close(): void {
    this.#client.close();
  }
}

/** All servers that voices name, each once however many voices it has. */
export class Upstreams {
  readonly #options: RemoteOptions;
  readonly #all = new Map<string, Upstream>();

  constructor(options: RemoteOptions) {
    this.#options = options;
  }

  /** The server of a manifest, or one sentence about what is wrong with it. */
  find(manifest: UpstreamManifest): Upstream | string {
    const { engine, key_env } = manifest;
    const url = new URL(manifest.url);
    const create = clients[engine][url.protocol];
    if (!create) return `The engine ${engine} is not reached by ${url.protocol}// addresses.`;
    if (url.username !== "" || url.password !== "" || url.search !== "") {
      return "The url of an engine must be without credentials and query; name the variable that holds the key as key_env.";
    }
    const key = key_env === undefined ? undefined : this.#options.env[key_env];
    if (key_env !== undefined && !key) {
      return `The environment variable ${key_env}, which its voice.json names for the key, is not set.`;
    }
    const { clock, patience = usualPatience } = this.#options;
    const name = [engine, url.href.replace(/\/+$/, ""), key_env].filter(Boolean).join(" ");
    let upstream = this.#all.get(name);
    if (!upstream) {
      upstream = new Upstream(name, engine, create(url, key, clock, patience), this.#options);
      this.#all.set(name, upstream);
    }
    return upstream;
  }

  close(): void {
    for (const upstream of this.#all.values()) upstream.close();
  }
}
