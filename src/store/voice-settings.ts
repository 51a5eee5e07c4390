import type { VoiceSettingsStore } from "../protocol/stores.ts";
import type { VoiceSettings } from "../protocol/voice.ts";
import type { Database } from "./database.ts";
import { asObject, DamagedRowError, readStored } from "./stored-json.ts";

/** Settings of voices: one row for each voice that was ever set. */
export class SqlVoiceSettings implements VoiceSettingsStore {
  readonly #database: Database;
  /** As they were found last: whoever speaks goes on when the database is away. */
  readonly #lastFound = new Map<string, VoiceSettings | undefined>();

  constructor(database: Database) {
    this.#database = database;
  }

  async find(voiceId: string): Promise<VoiceSettings | undefined> {
    try {
      const found = await this.#read(voiceId);
      this.#lastFound.set(voiceId, found);
      return found;
    } catch (error) {
      if (error instanceof DamagedRowError || !this.#lastFound.has(voiceId)) throw error;
      return this.#lastFound.get(voiceId);
    }
  }

  async #read(voiceId: string): Promise<VoiceSettings | undefined> {
    const row = await this.#database.query
      .selectFrom("voice_settings")
      .select("settings")
      .where("voice_id", "=", voiceId)
      .executeTakeFirst();
    const column = { table: "voice_settings", column: "settings" };
    return row && readStored(column, row.settings, readVoiceSettings);
  }

  async save(voiceId: string, settings: VoiceSettings): Promise<void> {
    const row = { voice_id: voiceId, settings: JSON.stringify(settings) };
    await this.#database.query
      .insertInto("voice_settings")
      .values(row)
      .onConflict((conflict) => conflict.column("voice_id").doUpdateSet({ settings: row.settings }))
      .execute();
  }
}

/** Settings as they were kept; undefined if these are none. */
export function readVoiceSettings(value: unknown): VoiceSettings | undefined {
  const { speed, stability, similarityBoost, style, useSpeakerBoost } = asObject(value) ?? {};
  if (typeof speed !== "number" || typeof stability !== "number") return undefined;
  if (typeof similarityBoost !== "number" || typeof style !== "number") return undefined;
  if (typeof useSpeakerBoost !== "boolean") return undefined;
  return { speed, stability, similarityBoost, style, useSpeakerBoost };
}
