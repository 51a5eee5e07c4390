import { type AddressRanges, parseRanges } from "../addresses.ts";
import type { Clock } from "../clock.ts";
import type { Account, TokenStore, UsedToken } from "../protocol/accounts.ts";
import { isProblem } from "../protocol/dialect.ts";
import type { Problem } from "../protocol/problems.ts";
import type { Credential } from "../protocol/speech.ts";
import type { AccountParts } from "./account-parts.ts";
import { KeyAccount } from "./key-account.ts";
import type { KeyRing } from "./key-ring.ts";
import { OpenAccount } from "./open-account.ts";
import { TokenAccount } from "./token-account.ts";

/** What accounts are built on. */
export interface AccountsOptions extends AccountParts {
  readonly clock: Clock;
  /** Undefined where everybody may do everything. */
  readonly keys: KeyRing | undefined;
  readonly tokens: TokenStore;
  /** Told why a credential was not good, which its owner is not. */
  readonly onRefused: (reason: CredentialFault, keyId: string) => void;
}

/** What is wrong with a credential. */
export type CredentialFault = "unknown" | "revoked" | "expired" | "replaced" | "address";

/** Lets in whoever shows a good credential. */
export class Accounts {
  readonly #options: AccountsOptions;
  readonly #everybody: Account;
  /** Of each key, in use or not: there are as many as keys. */
  readonly #byKey = new Map<string, KeyAccount>();
  /** Of the addresses of keys, which are others when they change. */
  readonly #ranges = new WeakMap<readonly string[], AddressRanges | undefined>();

  constructor(options: AccountsOptions) {
    this.#options = options;
    this.#everybody = new OpenAccount(options);
  }

  /** The account of a credential, or the one answer that all get whose credential is not good. */
  async admit(credential: Credential | undefined, address: string): Promise<Account | Problem> {
    const { keys, tokens, limits } = this.#options;
    if (!keys) return this.#everybody;
    if (!credential) return { code: "authentication_required", details: {} };
    if (credential.kind === "token") return this.#admitToken(credential.value, keys, tokens);
    let found = keys.find(credential.value);
    let fault = this.#faultOf(found, keys, address);
    if (fault) {
      // It may have been made, or changed, by another process just now.
      await keys.refresh().catch(() => {});
      found = keys.find(credential.value);
      fault = this.#faultOf(found, keys, address);
    }
    if (!found || fault) {
      const keyId = found?.key.id ?? "";
      this.#options.onRefused(fault ?? "unknown", keyId);
      const hidden = { id: `key_${fault ?? "unknown"}`, details: { keyId } } as const;
      return { code: "invalid_api_key", details: {}, hidden };
    }
    const { id, requestsPerSecond } = found.key;
    if (requestsPerSecond !== undefined) {
      const waitSeconds = await limits.takeRequest(id, requestsPerSecond);
      if (waitSeconds > 0) return tooFast(requestsPerSecond, waitSeconds);
    }
    return this.#accountOf(id, keys);
  }

  #faultOf(
    found: ReturnType<KeyRing["find"]>,
    keys: KeyRing,
    address: string,
  ): CredentialFault | undefined {
    if (!found) return "unknown";
    const { key, secret } = found;
    if (key.revokedAtUnix !== undefined) return "revoked";
    if (!keys.isGood(key)) return "expired";
    if (!keys.isGoodSecret(secret)) return "replaced";
    const { addresses } = key;
    if (addresses && !this.#rangesOf(addresses)?.has(address)) return "address";
    return undefined;
  }

  #rangesOf(addresses: readonly string[]): AddressRanges | undefined {
    if (!this.#ranges.has(addresses)) this.#ranges.set(addresses, parseRanges(addresses));
    return this.#ranges.get(addresses);
  }

  async #admitToken(value: string, keys: KeyRing, tokens: TokenStore): Promise<Account | Problem> {
    const token = await this.#use(value, tokens);
    if (token && isProblem(token)) return token;
    const key = token && keys.get(token.keyId);
    if (!key || !keys.isGood(key)) return { code: "invalid_token", details: {} };
    const account = this.#accountOf(key.id, keys);
    return new TokenAccount(account, token.limits, this.#options.clock);
  }

  async #use(value: string, tokens: TokenStore): Promise<UsedToken | Problem | undefined> {
    try {
      return await tokens.use(value);
    } catch (error) {
      this.#options.onFault(error);
      return { code: "records_unavailable", details: {} };
    }
  }

  #accountOf(keyId: string, keys: KeyRing): Account {
    const known = this.#byKey.get(keyId);
    if (known) return known;
    const account = new KeyAccount(keyId, keys, this.#options);
    this.#byKey.set(keyId, account);
    return account;
  }
}

const tooFast = (limit: number, waitSeconds: number): Problem => ({
  code: "rate_limited",
  details: { limit, retryAfterSeconds: Math.ceil(waitSeconds) },
});
