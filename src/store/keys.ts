import { hash as digest, randomBytes } from "node:crypto";
import type { CompiledQuery, Transaction } from "kysely";
import type {
  Key,
  KeyChanges,
  KeyRules,
  KeySecret,
  KeyStore,
  NewKey,
} from "../protocol/accounts.ts";
import type { Database } from "./database.ts";
import { createId } from "./ids.ts";
import { readKey, readKeysSince, toRuleColumns } from "./key-rows.ts";
import type { Tables } from "./tables.ts";

/** One change of keys, while nobody else changes any. */
interface Change {
  readonly query: Transaction<Tables>;
  /** Of all keys from this change on. */
  readonly version: number;
  readonly nowUnix: number;
}

type NewSecret = Pick<KeySecret, "hash" | "preview">;

const secretPrefix = "sk_";
/** Of a secret that only its owner knows. */
const unknownPreview = "…";

/** Keys, and the hashes of their secrets: the secrets themselves are nowhere. */
export class SqlKeys implements KeyStore {
  readonly #database: Database;
  /** Made once: it is asked several times a second. */
  readonly #readCounter: CompiledQuery<{ value: number }>;
  readonly #wallClock: () => number;

  /** `wallClock` gives Unix time in ms. */
  constructor(database: Database, wallClock: () => number) {
    this.#database = database;
    this.#readCounter = database.query
      .selectFrom("counters")
      .select("value")
      .where("name", "=", "keys")
      .compile();
    this.#wallClock = wallClock;
  }

  create(rules: KeyRules): Promise<NewKey> {
    const secret = createSecret();
    return this.#change(async (change) => ({
      key: await addKey(change, rules, describeSecret(secret)),
      secret,
    }));
  }

  adopt(rules: KeyRules, hash: string): Promise<Key> {
    return this.#change(async (change) => {
      const { query, nowUnix } = change;
      const known = await query
        .selectFrom("key_secrets")
        .select("key_id")
        .where("hash", "=", hash)
        .executeTakeFirst();
      const key = known && (await readKey(query, known.key_id, nowUnix));
      return key ?? addKey(change, rules, { hash, preview: unknownPreview });
    });
  }

  list(): Promise<readonly Key[]> {
    return readKeysSince(this.#database.query, 0, this.#nowUnix());
  }

  find(id: string): Promise<Key | undefined> {
    return readKey(this.#database.query, id, this.#nowUnix());
  }

  update(id: string, rules: Partial<KeyRules>): Promise<Key | undefined> {
    return this.#changeKey(id, (key, change) =>
      saveColumns(change, id, toRuleColumns({ ...key, ...rules })),
    );
  }

  rotate(id: string, graceSeconds: number): Promise<NewKey | undefined> {
    const secret = createSecret();
    return this.#changeKey(id, async (key, change) => {
      if (key.revokedAtUnix !== undefined) return undefined;
      await endSecrets(change, id, change.nowUnix + graceSeconds);
      await addSecret(change, id, describeSecret(secret));
      return { key: await saveColumns(change, id, {}), secret };
    });
  }

  revoke(id: string): Promise<Key | undefined> {
    return this.#changeKey(id, (key, change) =>
      saveColumns(change, id, { revoked_at: key.revokedAtUnix ?? change.nowUnix }),
    );
  }

  async changesSince(version: number): Promise<KeyChanges> {
    const { query } = this.#database;
    // First, so that what changes meanwhile is told again rather than never.
    const { rows } = await query.executeQuery(this.#readCounter);
    const value = rows[0]?.value ?? 0;
    if (value === version) return { version, keys: [] };
    return { version: value, keys: await readKeysSince(query, version, this.#nowUnix()) };
  }

  #changeKey<Result>(
    id: string,
    act: (key: Key, change: Change) => Promise<Result>,
  ): Promise<Result | undefined> {
    return this.#change(async (change) => {
      const key = await readKey(change.query, id, change.nowUnix);
      return key && act(key, change);
    });
  }

  /** Changes come one after another, because whoever counts first holds the counter until the end. */
  #change<Result>(act: (change: Change) => Promise<Result>): Promise<Result> {
    return this.#database.query.transaction().execute(async (query) => {
      const { value } = await query
        .updateTable("counters")
        .set((row) => ({ value: row("value", "+", 1) }))
        .where("name", "=", "keys")
        .returning("value")
        .executeTakeFirstOrThrow();
      return act({ query, version: value, nowUnix: this.#nowUnix() });
    });
  }

  #nowUnix(): number {
    return Math.floor(this.#wallClock() / 1000);
  }
}

const createSecret = (): string => `${secretPrefix}${randomBytes(32).toString("hex")}`;

const describeSecret = (secret: string): NewSecret => ({
  hash: digest("sha256", secret, "hex"),
  preview: `${secretPrefix}…${secret.slice(-4)}`,
});

async function addKey(change: Change, rules: KeyRules, secret: NewSecret): Promise<Key> {
  const id = createId();
  const { query, version, nowUnix } = change;
  const columns = { id, created_at: nowUnix, revoked_at: null, version };
  await query
    .insertInto("keys")
    .values({ ...toRuleColumns(rules), ...columns })
    .execute();
  await addSecret(change, id, secret);
  return savedKey(change, id);
}

async function addSecret({ query, nowUnix }: Change, id: string, secret: NewSecret): Promise<void> {
  const columns = { key_id: id, created_at: nowUnix, expires_at: null };
  await query
    .insertInto("key_secrets")
    .values({ ...secret, ...columns })
    .execute();
}

/** Secrets that end sooner anyway do so. */
async function endSecrets({ query }: Change, id: string, atUnix: number): Promise<void> {
  await query
    .updateTable("key_secrets")
    .set({ expires_at: atUnix })
    .where("key_id", "=", id)
    .where((row) => row.or([row("expires_at", "is", null), row("expires_at", ">", atUnix)]))
    .execute();
}

/** Changes columns of a key, and takes the opportunity to forget the secrets that have expired. */
async function saveColumns(
  change: Change,
  id: string,
  columns: Partial<Tables["keys"]>,
): Promise<Key> {
  const { query, version, nowUnix } = change;
  await query
    .updateTable("keys")
    .set({ ...columns, version })
    .where("id", "=", id)
    .execute();
  await query
    .deleteFrom("key_secrets")
    .where("key_id", "=", id)
    .where("expires_at", "<=", nowUnix)
    .execute();
  return savedKey(change, id);
}

async function savedKey({ query, nowUnix }: Change, id: string): Promise<Key> {
  const key = await readKey(query, id, nowUnix);
  if (!key) throw new Error("A key that was just saved is not there");
  return key;
}
