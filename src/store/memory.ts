import type { Stores } from "../protocol/stores.ts";
import { MemoryDictionaries } from "./dictionaries.ts";
import { MemoryHistory } from "./history.ts";
import { MemoryUsage } from "./usage.ts";
import { MemoryVoiceSettings } from "./voice-settings.ts";

/** Stores that last as long as the process. `wallClock` gives Unix time in ms. */
export function createMemoryStores(wallClock: () => number): Stores {
  return {
    history: new MemoryHistory(),
    usage: new MemoryUsage(),
    voiceSettings: new MemoryVoiceSettings(),
    dictionaries: new MemoryDictionaries(wallClock),
  };
}
