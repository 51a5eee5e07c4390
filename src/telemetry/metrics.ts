import type { EngineStatus } from "../protocol/engines.ts";
import {
  type ConnectionObserver,
  type ContextObserver,
  noConnection,
  type Observer,
  type UtteranceObserver,
} from "../protocol/observer.ts";
import type { ErrorCode } from "../protocol/problems.ts";
import type { Voice } from "../protocol/voice.ts";
import { processReadings } from "./process-readings.ts";
import { type Count, createRegistry, type Reading, type Registry } from "./prometheus.ts";

/** What is not counted but asked for, whenever somebody reads the metrics. */
export type Gauges = Readonly<
  Record<"queuedBytes" | "fileBytes" | "load" | "cacheBytes", () => number>
> & {
  readonly engines: () => readonly EngineStatus[];
};

/** The metrics of one server: what counts them and where they can be read. */
export interface Metrics {
  readonly observer: Observer;
  readonly registry: Registry;
  /**
   * Names what faults may happen to. A series that comes into being with its first event hides
   * that event from `increase()`, so these begin at zero.
   */
  expect(engines: readonly string[], dialects: readonly string[]): void;
}

/** Metrics in a registry of their own; nothing is global. `version` is the server's. */
export function createMetrics(version: string, gauges: Gauges): Metrics {
  const { queuedBytes, fileBytes, load, cacheBytes, engines } = gauges;
  const { registry, count } = createRegistry({
    ...processReadings,
    queuedBytes: () => [{ labels: {}, value: queuedBytes() }],
    fileBytes: () => [{ labels: {}, value: fileBytes() }],
    load: () => [{ labels: {}, value: load() }],
    cacheBytes: () => [{ labels: {}, value: cacheBytes() }],
    upstreams: () => readUpstreams(engines()),
  });
  count("build", { version, node: process.version });
  return {
    registry,
    observer: createObserver(count),
    expect: (engines, dialects) => beginAtZero(engines, dialects, count),
  };
}

/** Each once, though several engines may speak through it. */
function readUpstreams(engines: readonly EngineStatus[]): Reading[] {
  const states = new Map(
    engines.flatMap(({ upstreams }) => upstreams.map(({ name, state }) => [name, state] as const)),
  );
  return Array.from(states, ([upstream, state]) => ({
    labels: { upstream },
    value: state === "up" ? 1 : 0,
  }));
}

/** Problems that are the server's own fault. */
const faults: readonly ErrorCode[] = ["internal_error", "engine_failed"];

function beginAtZero(engines: readonly string[], dialects: readonly string[], count: Count): void {
  for (const engine of engines) {
    count("engineRestarts", { engine }, 0);
    count("lookups", { engine, outcome: "hit" }, 0);
    count("lookups", { engine, outcome: "miss" }, 0);
  }
  for (const dialect of dialects) {
    for (const cause of faults) {
      count("closes", { dialect, transport: "socket", cause }, 0);
      count("closes", { dialect, transport: "http", cause }, 0);
      count("refusals", { dialect, scope: "context", cause }, 0);
      count("refusals", { dialect, scope: "request", cause }, 0);
    }
  }
}

/**
 * Counts what it is told. What it hands out for one connection, context or utterance is shared by
 * all that have the same labels, so that idle ones cost nothing.
 */
function createObserver(count: Count): Observer {
  const connections = new Map<string, ConnectionObserver>();
  const contexts = new Map<string, ContextObserver>();

  const contextOf = (dialect: string, voice: Voice): ContextObserver =>
    shared(contexts, `${dialect} ${voice.engine} ${voice.slug}`, () =>
      createContext(dialect, voice, count),
    );

  return {
    connection: ({ dialect, transport, route }) => {
      count("connections", { dialect, transport, route });
      return shared(connections, `${transport} ${dialect} ${route}`, () => ({
        ...noConnection,
        context: ({ voice }) => {
          count("contexts", { dialect });
          return contextOf(dialect, voice);
        },
        refused: ({ code: cause }) => count("refusals", { dialect, scope: "context", cause }),
        closed: ({ cause }) => {
          count("connections", { dialect, transport, route }, -1);
          count("closes", { dialect, transport, cause: cause.id });
        },
      }));
    },
    refused: ({ dialect, scope, problem }) =>
      count("refusals", { dialect, scope, cause: problem.code }),
    engineRestarted: (engine) => count("engineRestarts", { engine }),
    encoderRestarted: () => count("encoderRestarts", {}),
    upstreamFailed: (upstream, fault) => count("upstreamFailures", { upstream, fault }),
    failedOver: (voice, when) => count("failovers", { voice, when }),
  };
}

function createContext(dialect: string, { engine, slug }: Voice, count: Count): ContextObserver {
  const speaker = { dialect, engine, voice: slug };
  const utterance: UtteranceObserver = {
    lookedUp: (isFound) => count("lookups", { engine, outcome: isFound ? "hit" : "miss" }),
    dispatched: (queuedMs) => count("queue", { engine }, queuedMs / 1000),
    firstAudio: () => {},
    synthesized: (audioMs, synthesisMs) => {
      count("audio", speaker, audioMs / 1000);
      if (synthesisMs === undefined) return;
      count("synthesis", { engine, voice: slug }, synthesisMs / 1000);
      if (audioMs > 0) count("rtf", { engine, voice: slug }, synthesisMs / audioMs);
    },
    ended: () => {},
  };
  return {
    text: () => {},
    speaking: () => count("speaking", { dialect }),
    paused: () => count("speaking", { dialect }, -1),
    utterance: ({ characters }) => {
      count("characters", speaker, characters);
      return utterance;
    },
    firstAudio: (firstAudioMs) => count("firstAudio", speaker, firstAudioMs / 1000),
    underrun: (dryMs) => count("underrun", speaker, dryMs / 1000),
    ended: (outcome) => {
      count("contexts", { dialect }, -1);
      count("ends", { dialect, outcome });
    },
  };
}

function shared<Value>(known: Map<string, Value>, key: string, create: () => Value): Value {
  let value = known.get(key);
  if (value === undefined) {
    value = create();
    known.set(key, value);
  }
  return value;
}
