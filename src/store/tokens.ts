import { hash as digest, randomBytes } from "node:crypto";
import type { TokenLimits, TokenStore } from "../protocol/accounts.ts";
import type { Database } from "./database.ts";
import { asObject, readStored } from "./stored-json.ts";
import { formatStored, readTexts } from "./stored-texts.ts";

/** The hashes of tokens that open one socket each. */
export class SqlTokens implements TokenStore {
  readonly #database: Database;
  readonly #wallClock: () => number;

  /** `wallClock` gives Unix time in ms. */
  constructor(database: Database, wallClock: () => number) {
    this.#database = database;
    this.#wallClock = wallClock;
  }

  async mint(keyId: string, limits: TokenLimits, lifetimeSeconds: number): Promise<string> {
    const { query } = this.#database;
    const nowSeconds = this.#wallClock() / 1000;
    await query.deleteFrom("tokens").where("expires_at", "<=", Math.floor(nowSeconds)).execute();
    const token = `sutkn_${randomBytes(32).toString("base64url")}`;
    await query
      .insertInto("tokens")
      .values({
        hash: hashOf(token),
        key_id: keyId,
        limits: formatStored(limits),
        expires_at: Math.ceil(nowSeconds + lifetimeSeconds),
      })
      .execute();
    return token;
  }

  async use(
    token: string,
  ): Promise<{ readonly keyId: string; readonly limits: TokenLimits } | undefined> {
    // One statement: of all who ask at the same time, whoever deletes the row has used it.
    const row = await this.#database.query
      .deleteFrom("tokens")
      .where("hash", "=", hashOf(token))
      .where("expires_at", ">", Math.floor(this.#wallClock() / 1000))
      .returning(["key_id", "limits"])
      .executeTakeFirst();
    if (!row) return undefined;
    const column = { table: "tokens", column: "limits" };
    return { keyId: row.key_id, limits: readStored(column, row.limits, readLimits) };
  }
}

const hashOf = (token: string): string => digest("sha256", token, "hex");

/** Undefined rather than no limit where one cannot be read. */
function readLimits(value: unknown): TokenLimits | undefined {
  const limits = asObject(value);
  if (!limits) return undefined;
  const { maxCharacters, maxSeconds } = limits;
  if (!isLimit(maxCharacters) || !isLimit(maxSeconds)) return undefined;
  const voices = readTexts(limits["voices"]);
  const models = readTexts(limits["models"]);
  if (voices === undefined && limits["voices"] !== undefined) return undefined;
  if (models === undefined && limits["models"] !== undefined) return undefined;
  return { voices, models, maxCharacters, maxSeconds };
}

const isLimit = (value: unknown): value is number | undefined =>
  value === undefined || typeof value === "number";
