import type { Clock } from "../clock.ts";
import type {
  Account,
  Allowance,
  Charge,
  Concurrency,
  Lease,
  Scope,
  TokenLimits,
  Use,
} from "../protocol/accounts.ts";
import type { Problem } from "../protocol/problems.ts";
import type { Model, Voice } from "../protocol/voice.ts";
import { once } from "./count-use.ts";
import { refusalBy } from "./refusal-by.ts";

/** Whoever has opened a socket with a token: the account of its key, within what the token allows. */
export class TokenAccount implements Account {
  readonly keyId: string;
  readonly sees: string;
  readonly endsAt: number | undefined;
  readonly #account: Account;
  readonly #limits: TokenLimits;
  #charactersLeft: number;

  constructor(account: Account, limits: TokenLimits, clock: Clock) {
    this.#account = account;
    this.#limits = limits;
    this.keyId = account.keyId;
    this.sees = account.keyId;
    this.#charactersLeft = limits.maxCharacters ?? Number.POSITIVE_INFINITY;
    this.endsAt =
      limits.maxSeconds === undefined ? undefined : clock.now() + limits.maxSeconds * 1000;
  }

  may(scope: Scope): boolean {
    return scope === "tts" && this.#account.may(scope);
  }

  refusalOf(voice: Voice, model: Model): Problem | undefined {
    return refusalBy(this.#limits, voice, model) ?? this.#account.refusalOf(voice, model);
  }

  get concurrency(): Concurrency {
    return this.#account.concurrency;
  }

  acquire(): Promise<Lease> {
    return this.#account.acquire();
  }

  charge(use: Use): Charge {
    if (use.cost > this.#charactersLeft) {
      const { maxCharacters: limit = 0 } = this.#limits;
      const problem: Problem = { code: "token_used_up", details: { limit } };
      return { refusal: Promise.resolve(problem), refund: () => {} };
    }
    this.#charactersLeft -= use.cost;
    const charge = this.#account.charge(use);
    const refund = once(() => {
      this.#charactersLeft += use.cost;
      charge.refund();
    });
    return { refusal: charge.refusal, refund };
  }

  allowance(): Promise<Allowance> {
    return this.#account.allowance();
  }
}
