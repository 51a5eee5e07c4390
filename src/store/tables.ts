import type { Generated } from "kysely";

/**
 * The columns of every table. Times are Unix seconds, amounts whole numbers, and what has a form of
 * its own is JSON.
 */
export interface Tables {
  readonly keys: {
    id: string;
    name: string;
    scopes: string;
    voices: string | null;
    models: string | null;
    quota_characters: number | null;
    quota_period: string | null;
    max_concurrency: number | null;
    requests_per_second: number | null;
    addresses: string | null;
    created_at: number;
    expires_at: number | null;
    revoked_at: number | null;
    /** Of `counters.keys` when it was last changed. */
    version: number;
  };
  readonly key_secrets: {
    /** SHA-256, in hexadecimal digits. */
    hash: string;
    key_id: string;
    preview: string;
    created_at: number;
    expires_at: number | null;
  };
  readonly counters: {
    name: string;
    value: number;
  };
  readonly tokens: {
    /** SHA-256, in hexadecimal digits. */
    hash: string;
    key_id: string;
    limits: string;
    expires_at: number;
  };
  readonly quota_uses: {
    key_id: string;
    period_start: number;
    used: number;
  };
  readonly usage: {
    /** Unix time of its beginning, in hours. */
    hour: number;
    key_id: string;
    voice_id: string;
    model_id: string;
    requests: number;
    characters: number;
    cost: number;
    audio_ms: number;
  };
  readonly turns: {
    id: string;
    key_id: string;
    request_id: string;
    voice_id: string;
    voice_name: string;
    model_id: string;
    text: string;
    markup: string;
    normalization: string;
    characters: number;
    cost: number;
    settings: string;
    dictionaries: string;
    started_at: number;
    audio_ms: number;
    audio_format: string | null;
    audio_bytes: number;
  };
  readonly turn_audio: {
    turn_id: string;
    /** From 0 on. */
    part: number;
    bytes: Uint8Array;
  };
  readonly connections: {
    id: string;
    /** Null if nobody was let in. */
    key_id: string | null;
    voice_id: string | null;
    dialect: string;
    cause: string;
    /** Unix time in ms. */
    opened_at_ms: number;
    facts: string;
    events: string;
    /** Messages themselves, by the place of their event. */
    content: string | null;
    /** Of `facts`, `events` and `content`. */
    bytes: number;
  };
  readonly voice_settings: {
    voice_id: string;
    settings: string;
  };
  readonly dictionaries: {
    /** In the order in which they were made. */
    number: Generated<number>;
    id: string;
    name: string;
    description: string | null;
    created_at: number;
    archived_at: number | null;
    latest_version_id: string;
  };
  readonly dictionary_versions: {
    id: string;
    dictionary_id: string;
    created_at: number;
    rules: string;
    /** What `rules` counts for in the limit of all dictionaries. */
    chars: number;
  };
}
