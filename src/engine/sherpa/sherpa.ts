import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Clock } from "../../clock.ts";
import type { Scheduling } from "../../order.ts";
import type { VoiceFault } from "../../protocol/engines.ts";
import type { Voice } from "../../protocol/voice.ts";
import { type Engine, type Utterance, writtenOf } from "../synthesizer.ts";
import type { VoiceFolders } from "../voice-folders.ts";
import type { SherpaJob } from "./job.ts";
import { LoadedModels } from "./loaded-models.ts";
import { ModelShelf, type Seat } from "./model-shelf.ts";
import type { CheckedModel } from "./model.ts";
import { noiseOf } from "./noise.ts";
import { engineName } from "./voices.ts";

const require = createRequire(import.meta.url);

/** What can be chosen about neural voices. */
export interface SherpaOptions {
  readonly clock: Clock;
  /** Models that are kept in memory, each in a process of its own; 4 unless given. */
  readonly maxLoaded?: number;
  /** Processes for one model, each with all of it in memory; 1 unless given. */
  readonly perModel?: number;
  readonly scheduling?: Scheduling;
  /** Told about each model that cannot be loaded, though it looked as if it could. */
  readonly onFault?: (fault: VoiceFault) => void;
  /** Told about every process that had to be replaced, and why. */
  readonly onWorkerReplaced?: (reason: string) => void;
}

/** Neural voices: each model that a refresh finds in a voice folder, in a process of its own. */
export function createSherpaEngine(options: SherpaOptions): Engine {
  const { clock, maxLoaded = 4, perModel = 1, scheduling, onFault } = options;
  const shelf = new ModelShelf();
  // The built file, also when this module itself runs from its TypeScript source.
  const entry = pathToFileURL(require.resolve("#sherpa-child"));
  const processes = { clock, entry, perModel, scheduling, onReplaced: options.onWorkerReplaced };
  /** Models that could not be loaded, and why. */
  const failures = new Map<CheckedModel, VoiceFault>();
  const loaded = new LoadedModels(processes, maxLoaded, (model, cause) => {
    const fault = { name: shelf.nameOf(model), reason: `It cannot be loaded: ${cause}.` };
    failures.set(model, fault);
    onFault?.(fault);
  });

  const refresh = async (found: VoiceFolders): Promise<readonly VoiceFault[]> => {
    const { faults, gone } = await shelf.refresh(found);
    for (const model of gone) loaded.retire(model);
    // What could not be loaded may be tried again.
    const failed = shelf.models.flatMap((model) => failures.get(model) ?? []);
    loaded.retryFailed();
    failures.clear();
    return [...faults, ...failed];
  };

  return {
    name: engineName,
    streams: true,
    isDeterministic: false,
    get voices(): readonly Voice[] {
      return shelf.voices;
    },
    refresh,
    ready: () => loaded.preload(shelf.models),
    close: () => loaded.close(),
    synthesize(utterance, signal) {
      const seat = shelf.seatOf(utterance.voice);
      if (!seat) throw new TypeError(`No model speaks with ${utterance.voice.slug}`);
      const { dueAt, observer } = utterance;
      return loaded
        .use(seat.model)
        .run(jobFor(utterance, seat), signal, dueAt, (queuedMs) => observer?.dispatched(queuedMs));
    },
  };
}

function jobFor(utterance: Utterance, { model, speaker }: Seat): SherpaJob {
  const { settings, voice } = utterance;
  const usual = model.config.noise;
  return {
    ...writtenOf(utterance),
    spokenChars: 0,
    speaker: speaker.id,
    language: voice.language,
    speed: settings.speed,
    ...(usual && { noise: noiseOf(usual, settings) }),
  };
}
