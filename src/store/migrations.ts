import { type Kysely, type Migration, sql } from "kysely";

/** What differs between databases where tables are made. */
export interface ColumnTypes {
  readonly bytes: "blob" | "bytea";
  /** Compared and sorted by the codes of its characters, whatever the database is set up for. */
  readonly text: "text" | 'text collate "C"';
  /** A primary key that counts up. */
  readonly counted: "integer" | "serial";
}

/**
 * Every step from an empty database to this version's tables, by name, in the order of the names. A
 * step that has shipped is never changed: whatever comes is one more step.
 */
export function migrationsFor({ bytes, text, counted }: ColumnTypes): Record<string, Migration> {
  const textType = sql.raw(text);
  return {
    "0001_accounts": {
      async up(db: Kysely<unknown>) {
        const { schema } = db;
        await schema
          .createTable("keys")
          .addColumn("id", textType, (column) => column.primaryKey())
          .addColumn("name", textType, (column) => column.notNull())
          .addColumn("scopes", textType, (column) => column.notNull())
          .addColumn("voices", textType)
          .addColumn("models", textType)
          .addColumn("quota_characters", "bigint")
          .addColumn("quota_period", textType)
          .addColumn("max_concurrency", "bigint")
          .addColumn("requests_per_second", "bigint")
          .addColumn("addresses", textType)
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("expires_at", "bigint")
          .addColumn("revoked_at", "bigint")
          .addColumn("version", "bigint", (column) => column.notNull())
          .execute();
        await schema.createIndex("keys_version").on("keys").column("version").execute();
        await schema
          .createTable("key_secrets")
          .addColumn("hash", textType, (column) => column.primaryKey())
          .addColumn("key_id", textType, (column) => column.notNull().references("keys.id"))
          .addColumn("preview", textType, (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("expires_at", "bigint")
          .execute();
        await schema.createIndex("key_secrets_key").on("key_secrets").column("key_id").execute();
        await schema
          .createTable("counters")
          .addColumn("name", textType, (column) => column.primaryKey())
          .addColumn("value", "bigint", (column) => column.notNull())
          .execute();
        await sql`insert into counters (name, value) values ('keys', 0)`.execute(db);
        await schema
          .createTable("tokens")
          .addColumn("hash", textType, (column) => column.primaryKey())
          .addColumn("key_id", textType, (column) => column.notNull())
          .addColumn("limits", textType, (column) => column.notNull())
          .addColumn("expires_at", "bigint", (column) => column.notNull())
          .execute();
        await schema.createIndex("tokens_expiry").on("tokens").column("expires_at").execute();
        await schema
          .createTable("quota_uses")
          .addColumn("key_id", textType, (column) => column.notNull())
          .addColumn("period_start", "bigint", (column) => column.notNull())
          .addColumn("used", "bigint", (column) => column.notNull())
          .addPrimaryKeyConstraint("quota_uses_key", ["key_id", "period_start"])
          .execute();
        await schema
          .createTable("usage")
          .addColumn("hour", "bigint", (column) => column.notNull())
          .addColumn("key_id", textType, (column) => column.notNull())
          .addColumn("voice_id", textType, (column) => column.notNull())
          .addColumn("model_id", textType, (column) => column.notNull())
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
          .addColumn("id", textType, (column) => column.primaryKey())
          .addColumn("key_id", textType, (column) => column.notNull())
          .addColumn("request_id", textType, (column) => column.notNull())
          .addColumn("voice_id", textType, (column) => column.notNull())
          .addColumn("voice_name", textType, (column) => column.notNull())
          .addColumn("model_id", textType, (column) => column.notNull())
          .addColumn("text", textType, (column) => column.notNull())
          .addColumn("markup", textType, (column) => column.notNull())
          .addColumn("normalization", textType, (column) => column.notNull())
          .addColumn("characters", "bigint", (column) => column.notNull())
          .addColumn("cost", "bigint", (column) => column.notNull())
          .addColumn("settings", textType, (column) => column.notNull())
          .addColumn("dictionaries", textType, (column) => column.notNull())
          .addColumn("started_at", "bigint", (column) => column.notNull())
          .addColumn("audio_ms", "double precision", (column) => column.notNull())
          .addColumn("audio_format", textType)
          .addColumn("audio_bytes", "bigint", (column) => column.notNull())
          .execute();
        await schema.createIndex("turns_of_key").on("turns").columns(["key_id", "id"]).execute();
        await schema
          .createTable("turn_audio")
          .addColumn("turn_id", textType, (column) => column.notNull())
          .addColumn("part", "bigint", (column) => column.notNull())
          .addColumn("bytes", sql.raw(bytes), (column) => column.notNull())
          .addPrimaryKeyConstraint("turn_audio_key", ["turn_id", "part"])
          .execute();
        await schema
          .createTable("voice_settings")
          .addColumn("voice_id", textType, (column) => column.primaryKey())
          .addColumn("settings", textType, (column) => column.notNull())
          .execute();
        await schema
          .createTable("dictionaries")
          .addColumn("number", counted, (column) => column.primaryKey())
          .addColumn("id", textType, (column) => column.notNull().unique())
          .addColumn("name", textType, (column) => column.notNull())
          .addColumn("description", textType)
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("archived_at", "bigint")
          .addColumn("latest_version_id", textType, (column) => column.notNull())
          .execute();
        await schema
          .createTable("dictionary_versions")
          .addColumn("id", textType, (column) => column.primaryKey())
          .addColumn("dictionary_id", textType, (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("rules", textType, (column) => column.notNull())
          .addColumn("chars", "bigint", (column) => column.notNull())
          .execute();
        await schema
          .createIndex("dictionary_versions_of")
          .on("dictionary_versions")
          .column("dictionary_id")
          .execute();
      },
    },
    "0003_connections": {
      async up(db: Kysely<unknown>) {
        const { schema } = db;
        await schema
          .createTable("connections")
          .addColumn("id", textType, (column) => column.primaryKey())
          .addColumn("key_id", textType)
          .addColumn("voice_id", textType)
          .addColumn("dialect", textType, (column) => column.notNull())
          .addColumn("cause", textType, (column) => column.notNull())
          .addColumn("opened_at_ms", "bigint", (column) => column.notNull())
          .addColumn("facts", textType, (column) => column.notNull())
          .addColumn("events", textType, (column) => column.notNull())
          .addColumn("content", textType)
          .addColumn("bytes", "bigint", (column) => column.notNull())
          .execute();
        await schema
          .createIndex("connections_opened")
          .on("connections")
          .columns(["opened_at_ms", "id"])
          .execute();
        await schema
          .createIndex("connections_of_key")
          .on("connections")
          .columns(["key_id", "opened_at_ms"])
          .execute();
      },
    },
    "0004_connection_sizes": {
      async up(db: Kysely<unknown>) {
        const { schema } = db;
        await schema.dropIndex("connections_opened").execute();
        // How much they take, and which go first, is told by the index alone, without their stories.
        await schema
          .createIndex("connections_by_age")
          .on("connections")
          .columns(["opened_at_ms", "id", "bytes"])
          .execute();
      },
    },
  };
}
