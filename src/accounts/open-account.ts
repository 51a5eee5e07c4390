import type { Account, Allowance, Charge, Concurrency, Lease, Use } from "../protocol/accounts.ts";
import type { Problem } from "../protocol/problems.ts";
import type { AccountParts } from "./account-parts.ts";
import { countUse, once } from "./count-use.ts";
import { Speakers } from "./speakers.ts";

/** Whoever comes, where nobody needs a key. */
export class OpenAccount implements Account {
  readonly keyId = "";
  readonly sees = undefined;
  readonly endsAt = undefined;
  readonly #parts: AccountParts;
  readonly #speakers: Speakers;

  constructor(parts: AccountParts) {
    this.#parts = parts;
    this.#speakers = new Speakers("", parts);
  }

  may(): boolean {
    return true;
  }

  refusalOf(): Problem | undefined {
    return undefined;
  }

  get concurrency(): Concurrency {
    return this.#speakers.concurrency;
  }

  acquire(): Promise<Lease> {
    return this.#speakers.acquire(undefined);
  }

  charge(use: Use): Charge {
    return { refusal: undefined, refund: once(countUse(this.#parts, "", use)) };
  }

  async allowance(): Promise<Allowance> {
    const { cost } = await this.#parts.usage.total(undefined);
    return { used: cost, limit: undefined, resetsAtUnix: undefined };
  }
}
