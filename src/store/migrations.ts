import { type Kysely, type Migration, sql } from "kysely";

/** What differs between databases where tables are made. */
export interface ColumnTypes {
  readonly bytes: "blob" | "bytea";
  /** A primary key that counts up. */
  readonly counted: "integer" | "serial";
}

/**
 * Every step from an empty database to this version's tables, by name, in the order of the names. A
 * step that has shipped is never changed: whatever comes is one more step.
 */
export function migrationsFor({ bytes, counted }: ColumnTypes): Record<string, Migration> {
  return {
    "0001_accounts": {
      async up(db: Kysely<unknown>) {
        const { schema } = db;
        await schema
          .createTable("keys")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("name", "text", (column) => column.notNull())
          .addColumn("scopes", "text", (column) => column.notNull())
          .addColumn("voices", "text")
          .addColumn("models", "text")
          .addColumn("quota_characters", "bigint")
          .addColumn("quota_period", "text")
          .addColumn("max_concurrency", "bigint")
          .addColumn("requests_per_second", "bigint")
          .addColumn("addresses", "text")
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("expires_at", "bigint")
          .addColumn("revoked_at", "bigint")
          .addColumn("version", "bigint", (column) => column.notNull())
          .execute();
        await schema.createIndex("keys_version").on("keys").column("version").execute();
        await schema
          .createTable("key_secrets")
          .addColumn("hash", "text", (column) => column.primaryKey())
          .addColumn("key_id", "text", (column) => column.notNull().references("keys.id"))
          .addColumn("preview", "text", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("expires_at", "bigint")
          .execute();
        await schema.createIndex("key_secrets_key").on("key_secrets").column("key_id").execute();
        await schema
          .createTable("counters")
          .addColumn("name", "text", (column) => column.primaryKey())
          .addColumn("value", "bigint", (column) => column.notNull())
          .execute();
        await sql`insert into counters (name, value) values ('keys', 0)`.execute(db);
        await schema
          .createTable("tokens")
          .addColumn("hash", "text", (column) => column.primaryKey())
          .addColumn("key_id", "text", (column) => column.notNull())
          .addColumn("limits", "text", (column) => column.notNull())
          .addColumn("expires_at", "bigint", (column) => column.notNull())
          .execute();
        await schema.createIndex("tokens_expiry").on("tokens").column("expires_at").execute();
        await schema
          .createTable("quota_uses")
          .addColumn("key_id", "text", (column) => column.notNull())
          .addColumn("period_start", "bigint", (column) => column.notNull())
          .addColumn("used", "bigint", (column) => column.notNull())
          .addPrimaryKeyConstraint("quota_uses_key", ["key_id", "period_start"])
          .execute();
        await schema
          .createTable("usage")
          .addColumn("hour", "bigint", (column) => column.notNull())
          .addColumn("key_id", "text", (column) => column.notNull())
          .addColumn("voice_id", "text", (column) => column.notNull())
          .addColumn("model_id", "text", (column) => column.notNull())
          .addColumn("requests", "bigint", (column) => column.notNull())
          .addColumn("characters", "bigint", (column) => column.notNull())
          .addColumn("cost", "bigint", (column) => column.notNull())
          .addColumn("audio_ms", "double precision", (column) => column.notNull())
          .addPrimaryKeyConstraint("usage_key", ["hour", "key_id", "voice_id", "model_id"])
          .execute();
      },
    },
    "0002_records": {
      async up(db: Kysely<unknown>) {
        const { schema } = db;
        await schema
          .createTable("turns")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("key_id", "text", (column) => column.notNull())
          .addColumn("request_id", "text", (column) => column.notNull())
          .addColumn("voice_id", "text", (column) => column.notNull())
          .addColumn("voice_name", "text", (column) => column.notNull())
          .addColumn("model_id", "text", (column) => column.notNull())
          .addColumn("text", "text", (column) => column.notNull())
          .addColumn("markup", "text", (column) => column.notNull())
          .addColumn("normalization", "text", (column) => column.notNull())
          .addColumn("characters", "bigint", (column) => column.notNull())
          .addColumn("cost", "bigint", (column) => column.notNull())
          .addColumn("settings", "text", (column) => column.notNull())
          .addColumn("dictionaries", "text", (column) => column.notNull())
          .addColumn("started_at", "bigint", (column) => column.notNull())
          .addColumn("audio_ms", "double precision", (column) => column.notNull())
          .addColumn("audio_format", "text")
          .addColumn("audio_bytes", "bigint", (column) => column.notNull())
          .execute();
        await schema.createIndex("turns_of_key").on("turns").columns(["key_id", "id"]).execute();
        await schema
          .createTable("turn_audio")
          .addColumn("turn_id", "text", (column) => column.notNull())
          .addColumn("part", "bigint", (column) => column.notNull())
          .addColumn("bytes", sql.raw(bytes), (column) => column.notNull())
          .addPrimaryKeyConstraint("turn_audio_key", ["turn_id", "part"])
          .execute();
        await schema
          .createTable("voice_settings")
          .addColumn("voice_id", "text", (column) => column.primaryKey())
          .addColumn("settings", "text", (column) => column.notNull())
          .execute();
        await schema
          .createTable("dictionaries")
          .addColumn("number", counted, (column) => column.primaryKey())
          .addColumn("id", "text", (column) => column.notNull().unique())
          .addColumn("name", "text", (column) => column.notNull())
          .addColumn("description", "text")
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("archived_at", "bigint")
          .addColumn("latest_version_id", "text", (column) => column.notNull())
          .execute();
        await schema
          .createTable("dictionary_versions")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("dictionary_id", "text", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("rules", "text", (column) => column.notNull())
          .addColumn("chars", "bigint", (column) => column.notNull())
          .execute();
        await schema
          .createIndex("dictionary_versions_of")
          .on("dictionary_versions")
          .column("dictionary_id")
          .execute();
      },
    },
  };
}
