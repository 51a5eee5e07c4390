import type { Clock } from "./clock.ts";
import { createEspeakEngine, type EspeakOptions, findEspeak } from "./engine/espeak/espeak.ts";
import { createFliteEngine } from "./engine/flite/flite.ts";
import { createFolderEngines } from "./engine/folder-engines.ts";
import { createSherpaEngine } from "./engine/sherpa/sherpa.ts";
import type { Engine } from "./engine/synthesizer.ts";
import type { Observer } from "./protocol/observer.ts";
import type { Settings } from "./settings.ts";
import type { Logger } from "./transport/log.ts";

/** What a server's engines are made of. */
export interface EngineParts {
  readonly clock: Clock;
  readonly settings: Settings;
  /** For engines that run on threads. */
  readonly threads: number;
  /** Where the keys of other servers are. */
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  readonly observer: Observer;
}

/**
 * The engines of a server; the first voice of the first one is its default. `given` ones take the
 * place of those that it has by itself; voices of other servers, which may name theirs, come behind.
 */
export async function createEngines(
  given: readonly Engine[] | undefined,
  parts: EngineParts,
): Promise<readonly Engine[]> {
  const { clock, env, logger, observer } = parts;
  const engines = given ?? (await createOwnEngines(parts));
  const folderEngines = createFolderEngines({
    clock,
    env,
    engines,
    onUpstreamFailure: (upstream, { code, details }) => {
      logger.warn({ upstream, code, status: details.status }, "upstream failed");
      observer.upstreamFailed(upstream, code);
    },
    onFailover: (voice, isMidway) => observer.failedOver(voice, isMidway ? "midway" : "before"),
  });
  return [...engines, ...folderEngines];
}

async function createOwnEngines(parts: EngineParts): Promise<readonly Engine[]> {
  const { clock, settings, threads, logger, observer } = parts;
  const { scheduling } = settings;
  const watch = (engine: string) => (reason: string) => {
    logger.warn({ reason }, `${engine} worker replaced`);
    observer.engineRestarted(engine);
  };
  const flite = await createFliteEngine({
    clock,
    scheduling,
    workers: threads,
    onWorkerReplaced: watch("flite"),
  });
  const sherpa = createSherpaEngine({
    clock,
    scheduling,
    maxLoaded: settings.loadedModels,
    onFault: ({ name, reason }) => logger.warn({ voice: name, reason }, "voice cannot be used"),
    onWorkerReplaced: watch("sherpa-onnx"),
  });
  const espeak =
    settings.espeak === "auto"
      ? await startEspeak({ clock, scheduling, onWorkerReplaced: watch("espeak") }, logger)
      : [];
  return [flite, sherpa, ...espeak];
}

/** The engine, if its package is installed and can be started: a server without it is one all the same. */
async function startEspeak(
  options: Omit<EspeakOptions, "moduleUrl">,
  logger: Logger,
): Promise<Engine[]> {
  const moduleUrl = findEspeak();
  if (moduleUrl === undefined) return [];
  try {
    return [await createEspeakEngine({ ...options, moduleUrl })];
  } catch (error) {
    const reason = error instanceof Error ? (error.cause ?? error.message) : error;
    logger.error({ reason: String(reason) }, "espeak-ng is installed and cannot be started");
    return [];
  }
}
