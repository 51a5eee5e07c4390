import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { Engine } from "../../src/engine/synthesizer.ts";
import { createToneEngine, type ToneOptions } from "../../src/engine/tone.ts";
import type { Observer } from "../../src/protocol/observer.ts";
import type { Records } from "../../src/open-records.ts";
import { createServer, type SyrinxServer } from "../../src/server.ts";
import { readSettings, type SettingName } from "../../src/settings.ts";
import { watchedLog } from "./secrets-watch.mjs";
import type { HttpLimits } from "../../src/transport/http-servers.ts";
import { createLogger, type Logger } from "../../src/transport/log.ts";

/** The key of every test server that has authentication on. */
export const testKey = "sk_test_0123456789abcdef0123456789abcdef";

export interface TestServerOptions {
  readonly clock?: Clock;
  /** The real Flite engine when absent. */
  readonly engines?: readonly Engine[];
  readonly flags?: Partial<Record<SettingName, string>>;
  /** Processor time that the server has used, in ms. */
  readonly cpuMs?: () => number;
  readonly logger?: Logger;
  /** Kept in memory when absent. */
  readonly records?: Records;
  readonly observer?: Observer;
  readonly httpLimits?: Partial<HttpLimits>;
  /** Unix time in ms. */
  readonly wallClock?: () => number;
}

export interface TestServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** `ws://127.0.0.1:<port>` */
  readonly wsUrl: string;
  readonly server: SyrinxServer;
  close(): Promise<void>;
}

const quick = {
  port: "0",
  drainSeconds: "5",
  logLevel: "silent",
  overload: "admit",
  espeak: "off",
  leadSeconds: "any",
  // Tests count what engines are asked for; those about the cache say so.
  cacheMib: "0",
  database: "memory",
  // Nobody waits for room while a test's clock stands still.
  concurrencyQueueMs: "0",
} as const;

/** A real server on a free port, with a data folder of its own. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), "syrinx-test-"));
  const settings = readSettings({
    env: { SYRINX_API_KEY: testKey },
    // Tests hear faster than any listener; those about admission and lead say so.
    flags: { ...quick, dataDir, ...options.flags },
  });
  const server = await createServer(settings, {
    clock: options.clock ?? systemClock,
    // All that is ever logged is looked through for secrets.
    logger: options.logger ?? createLogger("trace", watchedLog as NodeJS.WriteStream),
    ...(options.engines && { engines: options.engines }),
    ...(options.cpuMs && { cpuMs: options.cpuMs }),
    ...(options.observer && { observer: options.observer }),
    ...(options.records && { records: options.records }),
    ...(options.httpLimits && { httpLimits: options.httpLimits }),
    ...(options.wallClock && { wallClock: options.wallClock }),
  });
  return {
    url: server.url,
    wsUrl: server.url.replace(/^http/, "ws"),
    server,
    async close() {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A tone engine that remembers what it was asked to speak, and that tests can hold up. */
export interface WatchedTone {
  readonly engine: Engine;
  /** Texts of all utterances whose synthesis has begun, in order. */
  readonly begun: string[];
  /** Texts whose synthesis was aborted while it was held. */
  readonly aborted: string[];
  /** Makes every synthesis that begins from now on wait for `release`. */
  hold(): void;
  /** Lets all that wait go on, and what begins later pass. */
  release(): void;
  /**
   * Makes every synthesis that begins from now on, of a text with these words in it, fail with
   * this error; undefined heals it.
   */
  failWith(error: Error | undefined, words?: string): void;
}

export function createWatchedTone(options: Omit<ToneOptions, "hold"> = {}): WatchedTone {
  const begun: string[] = [];
  const aborted: string[] = [];
  let gate: Promise<void> | undefined;
  let open = (): void => {};
  let failure: Error | undefined;
  let failingWords = "";
  const engine = createToneEngine({
    ...options,
    async hold(text, signal) {
      begun.push(text);
      if (failure && text.includes(failingWords)) throw failure;
      if (!gate) return;
      await Promise.race([
        gate,
        new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve(), { once: true });
        }),
      ]);
      if (signal.aborted) aborted.push(text);
    },
  });
  return {
    engine,
    begun,
    aborted,
    hold() {
      gate ??= new Promise((resolve) => {
        open = resolve;
      });
    },
    release() {
      open();
      gate = undefined;
    },
    failWith(error, words = "") {
      failure = error;
      failingWords = words;
    },
  };
}
