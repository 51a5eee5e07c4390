import type { QuotaStore, QuotaUse } from "../protocol/accounts.ts";
import type { Database } from "./database.ts";

/** Longer than any period that ends. */
const keptSeconds = 62 * 24 * 60 * 60;

/** What keys have used, a row for each of their periods. Each change is one statement, so none is lost. */
export class SqlQuotas implements QuotaStore {
  readonly #database: Database;
  readonly #wallClock: () => number;

  /** `wallClock` gives Unix time in ms. */
  constructor(database: Database, wallClock: () => number) {
    this.#database = database;
    this.#wallClock = wallClock;
  }

  async take(
    use: QuotaUse,
    limit: number,
  ): Promise<{ readonly isTaken: boolean; readonly used: number }> {
    const { keyId, periodStartUnix, cost } = use;
    const taken = cost > limit ? undefined : await this.#add(use, limit);
    if (!taken) return { isTaken: false, used: await this.used(keyId, periodStartUnix) };
    const isFirst = taken.used === cost;
    if (isFirst) await this.#forgetPeriods(keyId);
    return { isTaken: true, used: taken.used };
  }

  async giveBack({ keyId, periodStartUnix, cost }: QuotaUse): Promise<void> {
    await this.#database.query
      .updateTable("quota_uses")
      .set((row) => ({
        used: row
          .case()
          .when("used", ">", cost)
          .then(row("used", "-", cost))
          .else(row.lit(0))
          .end(),
      }))
      .where("key_id", "=", keyId)
      .where("period_start", "=", periodStartUnix)
      .execute();
  }

  async used(keyId: string, periodStartUnix: number): Promise<number> {
    const row = await this.#database.query
      .selectFrom("quota_uses")
      .select("used")
      .where("key_id", "=", keyId)
      .where("period_start", "=", periodStartUnix)
      .executeTakeFirst();
    return row?.used ?? 0;
  }

  /** Undefined if there is no room. The first use of a period has to be within the limit. */
  #add(
    { keyId, periodStartUnix, cost }: QuotaUse,
    limit: number,
  ): Promise<{ readonly used: number } | undefined> {
    return this.#database.query
      .insertInto("quota_uses")
      .values({ key_id: keyId, period_start: periodStartUnix, used: cost })
      .onConflict((conflict) =>
        conflict
          .columns(["key_id", "period_start"])
          .doUpdateSet((row) => ({ used: row("quota_uses.used", "+", row.ref("excluded.used")) }))
          .where((row) => row(row("quota_uses.used", "+", row.ref("excluded.used")), "<=", limit)),
      )
      .returning("used")
      .executeTakeFirst();
  }

  /** Those that ended long ago. The period that never ends began at 0. */
  async #forgetPeriods(keyId: string): Promise<void> {
    const endedBefore = Math.floor(this.#wallClock() / 1000) - keptSeconds;
    await this.#database.query
      .deleteFrom("quota_uses")
      .where("key_id", "=", keyId)
      .where("period_start", ">", 0)
      .where("period_start", "<", endedBefore)
      .execute();
  }
}
