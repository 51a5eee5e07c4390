import type { Clock } from "./clock.ts";
import { createEspeakEngine, findEspeak } from "./engine/espeak/espeak.ts";
import { createFliteEngine } from "./engine/flite/flite.ts";
import { createSherpaEngine } from "./engine/sherpa/sherpa.ts";
import type { Engine } from "./engine/synthesizer.ts";
import { voicesPath } from "./engine/voice-folders.ts";
import type { VoiceFault } from "./protocol/engines.ts";
import type { Settings } from "./settings.ts";

/** What engines need besides their settings, and who is told of them. */
export interface EngineParts {
  readonly clock: Clock;
  /** Threads that synthesize in this process. */
  readonly threads: number;
  readonly onWorkerReplaced?: (engine: string, reason: string) => void;
  /** Told about each voice folder that cannot be used. */
  readonly onFault?: (fault: VoiceFault) => void;
  /** Told about an engine that is installed and does not start: a server without it is one all the same. */
  readonly onNoStart?: (engine: string, reason: string) => void;
}

/** All engines that there are here: those built in, and those whose packages are installed. */
export async function createEngines(
  settings: Pick<Settings, "scheduling" | "espeak" | "dataDir" | "loadedModels">,
  parts: EngineParts,
): Promise<Engine[]> {
  const { clock, threads, onFault } = parts;
  const { scheduling } = settings;
  const watch = (engine: string) => (reason: string) => parts.onWorkerReplaced?.(engine, reason);
  return [
    await createFliteEngine({
      clock,
      scheduling,
      workers: threads,
      onWorkerReplaced: watch("flite"),
    }),
    ...(settings.espeak === "auto" ? await startEspeak(settings, parts, watch("espeak")) : []),
    await createSherpaEngine({
      clock,
      scheduling,
      voicesPath: voicesPath(settings.dataDir),
      maxLoaded: settings.loadedModels,
      ...(onFault && { onFault }),
      onWorkerReplaced: watch("sherpa-onnx"),
    }),
  ];
}

async function startEspeak(
  { scheduling }: Pick<Settings, "scheduling">,
  { clock, onNoStart }: EngineParts,
  onWorkerReplaced: (reason: string) => void,
): Promise<Engine[]> {
  const moduleUrl = findEspeak();
  if (moduleUrl === undefined) return [];
  try {
    return [await createEspeakEngine({ clock, scheduling, moduleUrl, onWorkerReplaced })];
  } catch (error) {
    const reason = error instanceof Error ? (error.cause ?? error.message) : error;
    onNoStart?.("espeak-ng", String(reason));
    return [];
  }
}
