import { setImmediate as nextTurn } from "node:timers/promises";
import type { CompiledQuery, Selectable } from "kysely";
import type { VoiceSettingsStore } from "../protocol/stores.ts";
import type { VoiceSettings } from "../protocol/voice.ts";
import type { Database } from "./database.ts";
import { asObject, DamagedRowError, readStored } from "./stored-json.ts";
import type { Tables } from "./tables.ts";
import { toKeepable } from "./well-formed-text.ts";

type VoiceSettingsRow = Selectable<Tables["voice_settings"]>;

/** Settings of voices: one row for each voice that was ever set. */
export class SqlVoiceSettings implements VoiceSettingsStore {
  readonly #database: Database;
  /** Made once: whoever opens a socket asks. */
  readonly #readOne: (voiceId: string) => CompiledQuery<VoiceSettingsRow>;
  /** Looks that have not begun, by voice. */
  readonly #nextLooks = new Map<string, Promise<VoiceSettings | undefined>>();
  /** As they were found last: whoever speaks goes on when the database is away. Undefined before the first time. */
  #lastFound: Map<string, VoiceSettings> | undefined;

  constructor(database: Database) {
    this.#database = database;
    const query = this.#selectAll().where("voice_id", "=", "").compile();
    this.#readOne = (voiceId) => ({ ...query, parameters: [toKeepable(voiceId)] });
  }

  /** Finds what was saved before it was asked, by whomever. Who asks in one go waits for one look. */
  find(voiceId: string): Promise<VoiceSettings | undefined> {
    const look = this.#nextLooks.get(voiceId) ?? this.#lookNext(voiceId);
    this.#nextLooks.set(voiceId, look);
    return look;
  }

  async #lookNext(voiceId: string): Promise<VoiceSettings | undefined> {
    await nextTurn();
    this.#nextLooks.delete(voiceId);
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
    const { query } = this.#database;
    const rows =
      voiceId === undefined
        ? await this.#selectAll().execute()
        : (await query.executeQuery(this.#readOne(voiceId))).rows;
    const column = { table: "voice_settings", column: "settings" };
    return new Map(
      rows.map((row) => [row.voice_id, readStored(column, row.settings, readVoiceSettings)]),
    );
  }

  #selectAll() {
    return this.#database.query.selectFrom("voice_settings").select(["voice_id", "settings"]);
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
