import type { EngineDirectory, EngineStatus, VoiceChanges } from "../protocol/engines.ts";
import type { Voice } from "../protocol/voice.ts";
import type { Engine } from "./synthesizer.ts";
import type { VoiceFolders } from "./voice-folders.ts";

/** Where voices may have been put; nowhere. */
const noFolders = (): Promise<VoiceFolders> => Promise.resolve({ folders: [], faults: [] });

/** The engines of a server, as one; `onVoices` is told which voices there are after a refresh. */
export function createDirectory(
  engines: readonly Engine[],
  onVoices: (voices: readonly Voice[]) => void,
  readFolders: () => Promise<VoiceFolders> = noFolders,
): EngineDirectory {
  const voicesOf = (): Voice[] => named(engines.flatMap(({ voices }) => voices)).voices;
  let refreshing: Promise<VoiceChanges> | undefined;

  const refresh = async (): Promise<VoiceChanges> => {
    const before = voicesOf();
    const found = await readFolders();
    const faults = [...found.faults];
    for (const engine of engines) faults.push(...((await engine.refresh?.(found)) ?? []));
    const { voices: after, nameless } = named(engines.flatMap(({ voices }) => voices));
    for (const { slug } of nameless) {
      faults.push({ name: slug, reason: "Another voice is called so as well: rename the folder." });
    }
    onVoices(after);
    return {
      added: without(after, before),
      removed: without(before, after),
      faults,
    };
  };

  return {
    status: () => engines.map(statusOf),
    // Folders are read once for all who ask at the same time.
    refresh: () =>
      (refreshing ??= refresh().finally(() => {
        refreshing = undefined;
      })),
  };
}

/** Of voices with the same slug only the first can be asked for. */
function named(all: readonly Voice[]): { voices: Voice[]; nameless: Voice[] } {
  const taken = new Set<string>();
  const voices: Voice[] = [];
  const nameless: Voice[] = [];
  for (const voice of all) {
    (taken.has(voice.slug) ? nameless : voices).push(voice);
    taken.add(voice.slug);
  }
  return { voices, nameless };
}

const without = (voices: readonly Voice[], others: readonly Voice[]): Voice[] => {
  const ids = new Set(others.map(({ id }) => id));
  return voices.filter(({ id }) => !ids.has(id));
};

function statusOf({ name, voices, streams, isDeterministic, upstreams }: Engine): EngineStatus {
  return { name, voices: voices.length, streams, isDeterministic, upstreams: upstreams ?? [] };
}
