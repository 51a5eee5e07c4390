import type { Selectable } from "kysely";
import type { AudioContainer, AudioEncoding, AudioFormat } from "../protocol/audio-format.ts";
import type { Markup } from "../protocol/markup.ts";
import { textNormalizations } from "../protocol/normalization.ts";
import type { DictionaryLocator } from "../protocol/pronunciation.ts";
import type { TurnRecord } from "../protocol/records.ts";
import { asObject, DamagedRowError, readStored } from "./stored-json.ts";
import type { Tables } from "./tables.ts";
import { readVoiceSettings } from "./voice-settings.ts";

/** A turn as its table has it. */
export type TurnRow = Selectable<Tables["turns"]>;

/**
 * The row of a turn of whose sound so many bytes are kept.
 * @throws {RangeError} if what is counted is no whole number
 */
export function toTurnRow(turn: TurnRecord, audioBytes: number): TurnRow {
  const { characters, cost, startedAtUnix, audioFormat } = turn;
  if (![characters, cost, startedAtUnix].every(Number.isSafeInteger)) {
    throw new RangeError("The characters, cost and time of a turn are whole numbers");
  }
  const hasSound = audioBytes > 0 && audioFormat !== undefined;
  return {
    id: turn.id,
    key_id: turn.keyId,
    request_id: turn.requestId,
    voice_id: turn.voiceId,
    voice_name: turn.voiceName,
    model_id: turn.modelId,
    text: turn.text,
    markup: turn.markup,
    normalization: turn.normalization,
    characters,
    cost,
    settings: JSON.stringify(turn.settings),
    dictionaries: JSON.stringify(turn.dictionaries),
    started_at: startedAtUnix,
    audio_ms: turn.audioMs,
    audio_format: hasSound ? JSON.stringify(audioFormat) : null,
    audio_bytes: hasSound ? audioBytes : 0,
  };
}

/** The turn of a row. @throws {DamagedRowError} */
export function toTurnRecord(row: TurnRow): TurnRecord {
  return {
    id: row.id,
    requestId: row.request_id,
    keyId: row.key_id,
    source: "TTS",
    voiceId: row.voice_id,
    voiceName: row.voice_name,
    modelId: row.model_id,
    text: row.text,
    markup: oneOf("markup", row.markup, markups),
    normalization: oneOf("normalization", row.normalization, textNormalizations),
    characters: row.characters,
    cost: row.cost,
    settings: readStored(columnOf("settings"), row.settings, readVoiceSettings),
    dictionaries: readStored(columnOf("dictionaries"), row.dictionaries, readLocators),
    startedAtUnix: row.started_at,
    audioMs: row.audio_ms,
    audioFormat:
      row.audio_format === null
        ? undefined
        : readStored(columnOf("audio_format"), row.audio_format, readAudioFormat),
  };
}

const table = "turns";
const columnOf = (column: keyof TurnRow) => ({ table, column });

const markups: readonly Markup[] = ["ssml", "none"];
const encodings: readonly AudioEncoding[] = ["pcm_s16le", "ulaw", "alaw", "mp3", "opus"];
const containers: readonly AudioContainer[] = ["raw", "wav", "ogg"];

function oneOf<Value extends string>(
  column: keyof TurnRow,
  text: string,
  values: readonly Value[],
): Value {
  const value = values.find((known) => known === text);
  if (value === undefined) throw new DamagedRowError(table, column);
  return value;
}

function readLocators(value: unknown): DictionaryLocator[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const locators = value.map(readLocator);
  return locators.every((locator) => locator !== undefined) ? locators : undefined;
}

function readLocator(value: unknown): DictionaryLocator | undefined {
  const { dictionaryId, versionId } = asObject(value) ?? {};
  if (typeof dictionaryId !== "string") return undefined;
  if (versionId !== undefined && typeof versionId !== "string") return undefined;
  return { dictionaryId, versionId };
}

function readAudioFormat(value: unknown): AudioFormat | undefined {
  const { encoding, container, sampleRateHz, bitrateBps } = asObject(value) ?? {};
  const knownEncoding = encodings.find((known) => known === encoding);
  const knownContainer = containers.find((known) => known === container);
  if (knownEncoding === undefined || knownContainer === undefined) return undefined;
  if (typeof sampleRateHz !== "number") return undefined;
  const format = { encoding: knownEncoding, container: knownContainer, sampleRateHz };
  if (bitrateBps === undefined) return format;
  return typeof bitrateBps === "number" ? { ...format, bitrateBps } : undefined;
}
