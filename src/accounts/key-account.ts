import type {
  Account,
  Allowance,
  Charge,
  Concurrency,
  Key,
  Lease,
  Scope,
  Use,
} from "../protocol/accounts.ts";
import type { Problem } from "../protocol/problems.ts";
import type { Model, Voice } from "../protocol/voice.ts";
import type { AccountParts } from "./account-parts.ts";
import { countUse, once } from "./count-use.ts";
import type { KeyRing } from "./key-ring.ts";
import { periodAt } from "./quota-period.ts";
import { readQuotaUse } from "./quota-use.ts";
import { refusalBy } from "./refusal-by.ts";
import { Speakers } from "./speakers.ts";

const nothing = (): void => {};

/** Whoever has a key. What the key may do is looked up each time: it may be changed. */
export class KeyAccount implements Account {
  readonly keyId: string;
  readonly endsAt = undefined;
  readonly #keys: KeyRing;
  readonly #parts: AccountParts;
  readonly #speakers: Speakers;

  constructor(keyId: string, keys: KeyRing, parts: AccountParts) {
    this.keyId = keyId;
    this.#keys = keys;
    this.#parts = parts;
    this.#speakers = new Speakers(keyId, parts);
  }

  get #key(): Key | undefined {
    return this.#keys.get(this.keyId);
  }

  get sees(): string | undefined {
    return this.may("admin") ? undefined : this.keyId;
  }

  may(scope: Scope): boolean {
    return this.#key?.scopes.includes(scope) ?? false;
  }

  refusalOf(voice: Voice, model: Model): Problem | undefined {
    if (!this.may("tts")) return { code: "missing_permission", details: { scope: "tts" } };
    return this.#key && refusalBy(this.#key, voice, model);
  }

  get concurrency(): Concurrency {
    return this.#speakers.concurrency;
  }

  acquire(): Promise<Lease> {
    return this.#speakers.acquire(this.#key?.maxConcurrency);
  }

  charge(use: Use): Charge {
    const quota = this.#key?.quota;
    const { wallClock, quotas, onFault } = this.#parts;
    if (!quota) {
      return { refusal: undefined, refund: once(countUse(this.#parts, this.keyId, use)) };
    }
    const { startUnix, endUnix } = periodAt(quota.period, wallClock());
    const quotaUse = { keyId: this.keyId, periodStartUnix: startUnix, cost: use.cost };
    let takeBack = nothing;
    const take = async (): Promise<Problem | undefined> => {
      const { isTaken, used } = await quotas.take(quotaUse, quota.characters);
      if (!isTaken) {
        const remaining = Math.max(0, quota.characters - used);
        const details = { limit: quota.characters, remaining, required: use.cost };
        const reset = endUnix === undefined ? "never" : new Date(endUnix * 1000).toISOString();
        return { code: "quota_exceeded", details: { ...details, reset } };
      }
      const uncount = countUse(this.#parts, this.keyId, use);
      takeBack = () => {
        uncount();
        quotas.giveBack(quotaUse).catch(onFault);
      };
      return undefined;
    };
    const refusal = take().catch((error: unknown): Problem => {
      onFault(error);
      return { code: "records_unavailable", details: {} };
    });
    const refund = once(() => void refusal.then(() => takeBack()));
    return { refusal, refund };
  }

  async allowance(): Promise<Allowance> {
    const { quotas, usage, wallClock } = this.#parts;
    const key = this.#key;
    const use = key && (await readQuotaUse(key, quotas, wallClock()));
    if (use) return use;
    const { cost } = await usage.total(this.sees);
    return { used: cost, limit: undefined, resetsAtUnix: undefined };
  }
}
