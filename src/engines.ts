import { createEspeakEngine, findEspeak } from "./engine/espeak/espeak.ts";
import { createFliteEngine } from "./engine/flite/flite.ts";
import { createFolderEngines, type FolderEngineOptions } from "./engine/folder-engines.ts";
import { createSherpaEngine } from "./engine/sherpa/sherpa.ts";
import type { Engine } from "./engine/synthesizer.ts";
import type { VoiceFault } from "./protocol/engines.ts";
import type { Settings } from "./settings.ts";

/** What engines run on, and who hears of what happens to them. */
export interface EngineParts
  extends Pick<FolderEngineOptions, "clock" | "env" | "onUpstreamFailure" | "onFailover"> {
  /** For engines that run on threads. */
  readonly threads: number;
  /** A worker of an engine had to be replaced. */
  readonly onWorkerReplaced?: (engine: string, reason: string) => void;
  /** A model cannot be loaded, though it looked as if it could. */
  readonly onFault?: (fault: VoiceFault) => void;
  /** An engine that is installed cannot be started; there are the others. */
  readonly onNoStart?: (engine: string, reason: string) => void;
}

type EngineSettings = Pick<Settings, "espeak" | "loadedModels" | "scheduling">;

/**
 * The engines of a server; the first voice of the first one is its default. Those that find their
 * voices in folders have none before their first refresh. `given` ones take the place of those that
 * a server has by itself.
 */
export async function createEngines(
  settings: EngineSettings,
  parts: EngineParts,
  given?: readonly Engine[],
): Promise<readonly Engine[]> {
  const engines = given ?? (await createOwnEngines(settings, parts));
  return [...engines, ...createFolderEngines({ ...parts, engines })];
}

async function createOwnEngines(
  { espeak, loadedModels, scheduling }: EngineSettings,
  parts: EngineParts,
): Promise<readonly Engine[]> {
  const { clock, threads, onWorkerReplaced, onFault, onNoStart } = parts;
  const watched = (engine: string): { onWorkerReplaced?: (reason: string) => void } =>
    onWorkerReplaced ? { onWorkerReplaced: (reason) => onWorkerReplaced(engine, reason) } : {};
  const flite = createFliteEngine({ clock, scheduling, workers: threads, ...watched("flite") });
  const sherpa = createSherpaEngine({
    clock,
    scheduling,
    maxLoaded: loadedModels,
    ...(onFault && { onFault }),
    ...watched("sherpa-onnx"),
  });
  return [await flite, sherpa, ...(espeak === "auto" ? await startEspeak() : [])];

  /** The engine, if its package is installed and can be started: a server without it is one all the same. */
  async function startEspeak(): Promise<Engine[]> {
    const moduleUrl = findEspeak();
    if (moduleUrl === undefined) return [];
    try {
      return [await createEspeakEngine({ clock, scheduling, moduleUrl, ...watched("espeak") })];
    } catch (error) {
      const reason = error instanceof Error ? (error.cause ?? error.message) : error;
      onNoStart?.("espeak", String(reason));
      return [];
    }
  }
}
