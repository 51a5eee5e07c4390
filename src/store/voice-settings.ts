import type { VoiceSettingsStore } from "../protocol/stores.ts";
import type { VoiceSettings } from "../protocol/voice.ts";

/** Settings of voices, in memory: one entry for each voice that was ever set. */
export class MemoryVoiceSettings implements VoiceSettingsStore {
  readonly #byVoiceId = new Map<string, VoiceSettings>();

  find(voiceId: string): Promise<VoiceSettings | undefined> {
    return Promise.resolve(this.#byVoiceId.get(voiceId));
  }

  save(voiceId: string, settings: VoiceSettings): Promise<void> {
    this.#byVoiceId.set(voiceId, settings);
    return Promise.resolve();
  }
}
