import type { VoiceSettingsStore } from "../protocol/stores.ts";
import type { VoiceSettings } from "../protocol/voice.ts";
import type { Database } from "./database.ts";
import { asObject, DamagedRowError, readStored } from "./stored-json.ts";

/** Settings of voices: one row for each voice that was ever set. */
export class SqlVoiceSettings implements VoiceSettingsStore {
  readonly #database: Database;
  /** As they were found last: whoever speaks goes on when the database is away. Undefined before the first time. */
  #lastFound: Map<string, VoiceSettings> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(voiceId: string): Promise<VoiceSettings | undefined> {
    try {
      const found = await this.#read(this.#lastFound ? voiceId : undefined);
      this.#lastFound ??= new Map();
      for (const [id, settings] of found) this.#lastFound.set(id, settings);
      if (!found.has(voiceId)) this.#lastFound.delete(voiceId);
    } catch (error) {
      if (error instanceof DamagedRowError || !this.#lastFound) throw error;
    }
    return this.#lastFound.get(voiceId);
  }

  /** Of one voice, or of all. */
  async #read(voiceId: string | undefined): Promise<Map<string, VoiceSettings>> {
    const all = this.#database.query.selectFrom("voice_settings").select(["voice_id", "settings"]);
    const rows = await (voiceId === undefined
      ? all
      : all.where("voice_id", "=", voiceId)
    ).execute();
    const column = { table: "voice_settings", column: "settings" };
    return new Map(
      rows.map((row) => [row.voice_id, readStored(column, row.settings, readVoiceSettings)]),
    );
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
