import { setImmediate as nextTurn } from "node:timers/promises";
import type { CompiledQuery, Selectable } from "kysely";
import type { VoiceSettingsStore } from "../protocol/stores.ts";
import type { VoiceSettings } from "../protocol/voice.ts";
import type { Database } from "./database.ts";
import { asObject, readStored } from "./stored-json.ts";
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
    const rows = await this.#select(this.#lastFound ? voiceId : undefined).catch(
      (error: unknown) => {
        if (!this.#lastFound) throw error;
      },
    );
    const lastFound = (this.#lastFound ??= new Map());
    if (!rows) return lastFound.get(voiceId);
    lastFound.delete(voiceId);
    const column = { table: "voice_settings", column: "settings" };
    let damage: unknown;
    for (const { voice_id, settings } of rows) {
      try {
        lastFound.set(voice_id, readStored(column, settings, readVoiceSettings));
      } catch (error) {
        // Whoever asks for another voice is told nothing of this one.
        if (voice_id === voiceId) damage = error;
      }
    }
    if (damage) throw damage;
    return lastFound.get(voiceId);
  }

  /** The row of one voice, or all of them. */
  async #select(voiceId: string | undefined): Promise<readonly VoiceSettingsRow[]> {
    const { query } = this.#database;
    if (voiceId === undefined) return this.#selectAll().execute();
    return (await query.executeQuery(this.#readOne(voiceId))).rows;
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
