import type { Clock } from "../clock.ts";
import type {
  Account,
  Allowance,
  Charge,
  Concurrency,
  Key,
  Lease,
  QuotaStore,
  Scope,
  TokenLimits,
  TokenStore,
  Use,
} from "../protocol/accounts.ts";
import { type Problem, SpeechError } from "../protocol/problems.ts";
import type { Credential } from "../protocol/speech.ts";
import type { UsageStore } from "../protocol/stores.ts";
import type { Model, Voice } from "../protocol/voice.ts";
import { readAddressRanges } from "./address-ranges.ts";
import type { KeyRing } from "./key-ring.ts";
import type { LeaseAnswer, LeaseWish } from "./leases.ts";
import { periodAt } from "./quota-period.ts";
import { readQuotaUse } from "./quota-use.ts";

/** What keys share over all processes of a server, and what is asked of it. */
export interface SharedLimits {
  acquire(wish: LeaseWish): Promise<LeaseAnswer>;
  release(keyId: string): Promise<void>;
  /** In how many seconds the key may make a request; 0 for now, which counts as one. */
  takeRequest(keyId: string, perSecond: number): Promise<number>;
}

/** What accounts are built on. */
export interface AccountsOptions {
  readonly clock: Clock;
  /** Unix time in ms. */
  readonly wallClock: () => number;
  /** Undefined where everybody may do everything. */
  readonly keys: KeyRing | undefined;
  readonly tokens: TokenStore;
  readonly quotas: QuotaStore;
  readonly usage: Pick<UsageStore, "add" | "total">;
  readonly limits: SharedLimits;
  /** How many may speak at the same time. */
  readonly maxConcurrency: number;
  /** Told why a credential was not good, which its owner is not. */
  readonly onRefused: (reason: CredentialFault, keyId: string) => void;
  readonly onFault: (error: unknown) => void;
}

/** What is wrong with a credential. */
export type CredentialFault = "unknown" | "revoked" | "expired" | "replaced" | "address";

const nothing = (): void => {};

/** Lets in whoever shows a good credential. */
export class Accounts {
  readonly #options: AccountsOptions;
  readonly #everybody: Account;
  /** Of each key, in use or not: there are as many as keys. */
  readonly #byKey = new Map<string, KeyAccount>();

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
    const found = keys.find(credential.value);
    const fault = this.#faultOf(found, keys, address);
    if (!found || fault) {
      this.#options.onRefused(fault ?? "unknown", found?.key.id ?? "");
      return { code: "invalid_api_key", details: {} };
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
    if (addresses && !readAddressRanges(addresses)(address)) return "address";
    return undefined;
  }

  async #admitToken(value: string, keys: KeyRing, tokens: TokenStore): Promise<Account | Problem> {
    const token = await tokens.use(value);
    const key = token && keys.get(token.keyId);
    if (!key || !keys.isGood(key)) return { code: "invalid_token", details: {} };
    const account = this.#accountOf(key.id, keys);
    return new TokenAccount(account, token.limits, this.#options.clock);
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

/** Asks for leases, and remembers how many there were. */
class Speakers {
  readonly #options: AccountsOptions;
  readonly #keyId: string;
  #concurrency: Concurrency;

  constructor(keyId: string, options: AccountsOptions) {
    this.#keyId = keyId;
    this.#options = options;
    this.#concurrency = { active: 0, limit: options.maxConcurrency };
  }

  get concurrency(): Concurrency {
    return this.#concurrency;
  }

  async acquire(limit: number | undefined, signal: AbortSignal): Promise<Lease> {
    const { limits } = this.#options;
    const { isGiven, ...concurrency } = await limits.acquire({ keyId: this.#keyId, limit });
    this.#concurrency = concurrency;
    if (!isGiven) {
      signal.throwIfAborted();
      throw new SpeechError("too_many_concurrent_requests", { ...concurrency });
    }
    const release = this.#createLease();
    if (signal.aborted) release();
    signal.throwIfAborted();
    return release;
  }

  #createLease(): Lease {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const { active, limit } = this.#concurrency;
      this.#concurrency = { active: Math.max(0, active - 1), limit };
      // Where nobody counts any more nothing needs to be given back.
      this.#options.limits.release(this.#keyId).catch(nothing);
    };
  }
}

/** What is counted of an utterance; less than nothing of one that is taken back. */
function count(
  { usage, wallClock, onFault }: AccountsOptions,
  keyId: string,
  { voice, model, characters, cost }: Use,
): () => void {
  const atUnix = Math.floor(wallClock() / 1000);
  const entry = { atUnix, keyId, voiceId: voice.id, modelId: model.id, requests: 0, audioMs: 0 };
  usage.add({ ...entry, characters, cost }).catch(onFault);
  return () => {
    usage.add({ ...entry, characters: -characters, cost: -cost }).catch(onFault);
  };
}

/** Does it at the first call only. */
function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}

/** Whoever comes, where nobody needs a key. */
class OpenAccount implements Account {
  readonly keyId = "";
  readonly sees = undefined;
  readonly endsAt = undefined;
  readonly #options: AccountsOptions;
  readonly #speakers: Speakers;

  constructor(options: AccountsOptions) {
    this.#options = options;
    this.#speakers = new Speakers("", options);
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

  acquire(signal: AbortSignal): Promise<Lease> {
    return this.#speakers.acquire(undefined, signal);
  }

  charge(use: Use): Charge {
    return { refusal: undefined, refund: once(count(this.#options, "", use)) };
  }

  async allowance(): Promise<Allowance> {
    const { cost } = await this.#options.usage.total(undefined);
    return { used: cost, limit: undefined, resetsAtUnix: undefined };
  }
}

/** Whoever has a key. What the key may do is looked up each time: it may be changed. */
class KeyAccount implements Account {
  readonly keyId: string;
  readonly endsAt = undefined;
  readonly #keys: KeyRing;
  readonly #options: AccountsOptions;
  readonly #speakers: Speakers;

  constructor(keyId: string, keys: KeyRing, options: AccountsOptions) {
    this.keyId = keyId;
    this.#keys = keys;
    this.#options = options;
    this.#speakers = new Speakers(keyId, options);
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

  acquire(signal: AbortSignal): Promise<Lease> {
    return this.#speakers.acquire(this.#key?.maxConcurrency, signal);
  }

  charge(use: Use): Charge {
    const quota = this.#key?.quota;
    const { wallClock, quotas, onFault } = this.#options;
    if (!quota) {
      return { refusal: undefined, refund: once(count(this.#options, this.keyId, use)) };
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
      const uncount = count(this.#options, this.keyId, use);
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
    const { quotas, usage, wallClock } = this.#options;
    const key = this.#key;
    const use = key && (await readQuotaUse(key, quotas, wallClock()));
    if (use) return use;
    const { cost } = await usage.total(this.sees);
    return { used: cost, limit: undefined, resetsAtUnix: undefined };
  }
}

/** Whoever has opened a socket with a token: the account of its key, within what the token allows. */
class TokenAccount implements Account {
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

  acquire(signal: AbortSignal): Promise<Lease> {
    return this.#account.acquire(signal);
  }

  charge(use: Use): Charge {
    if (use.cost > this.#charactersLeft) {
      const { maxCharacters: limit = 0 } = this.#limits;
      const problem: Problem = { code: "token_used_up", details: { limit } };
      return { refusal: Promise.resolve(problem), refund: nothing };
    }
    this.#charactersLeft -= use.cost;
    const { refusal, refund } = this.#account.charge(use);
    const giveBack = once(() => {
      this.#charactersLeft += use.cost;
      refund();
    });
    return { refusal, refund: giveBack };
  }

  allowance(): Promise<Allowance> {
    return this.#account.allowance();
  }
}

/** Why a key or a token does not let somebody use a voice or a model, if it does not. */
function refusalBy(
  { voices, models }: Pick<TokenLimits, "voices" | "models">,
  { id, slug, name }: Voice,
  model: Model,
): Problem | undefined {
  const isNamed = (allowed: string): boolean =>
    [id, slug, name].some((each) => each.toLowerCase() === allowed.toLowerCase());
  if (voices && !voices.some(isNamed)) {
    return { code: "voice_not_allowed", details: { voiceId: id } };
  }
  if (models && !models.includes(model.id)) {
    return { code: "model_not_allowed", details: { modelId: model.id } };
  }
  return undefined;
}
