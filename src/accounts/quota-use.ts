import type { Allowance, Key, QuotaStore } from "../protocol/accounts.ts";
import { periodAt } from "./quota-period.ts";

/** What is used of a key's quota in the period that is now; undefined if it has no quota. */
export async function readQuotaUse(
  { id, quota }: Pick<Key, "id" | "quota">,
  quotas: Pick<QuotaStore, "used">,
  nowUnixMs: number,
): Promise<Allowance | undefined> {
  if (!quota) return undefined;
  const { startUnix, endUnix } = periodAt(quota.period, nowUnixMs);
  const used = await quotas.used(id, startUnix);
  return { used, limit: quota.characters, resetsAtUnix: endUnix };
}
