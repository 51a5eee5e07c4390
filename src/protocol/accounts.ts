import type { Problem } from "./problems.ts";
import type { Model, Voice } from "./voice.ts";

/** What a key may be good for, and what it may do then. */
export const scopeRows = {
  tts: "Speak, over HTTP and on sockets of both protocols, and make single-use tokens for sockets.",
  "voices:read":
    "List voices, models, engines and pronunciation dictionaries, and read the settings of voices.",
  "voices:write":
    "Change the settings of voices and pronunciation dictionaries, and have voice folders looked through again.",
  history: "List what was spoken with this key, hear it again and delete it.",
  connections:
    "List the connections that were opened with this key, see why they ended, and those that are open now.",
  usage:
    "Read what this key has used, and what is left of its quota; read `/metrics` where that needs a key.",
  admin:
    "Look after all keys; what it sees of history and usage is everybody's. It lets in nowhere else by itself.",
} as const;
export type Scope = keyof typeof scopeRows;
export const scopes: readonly Scope[] = Object.keys(scopeRows) as Scope[];

/** What a key is good for that was made without saying so. */
export const usualScopes: readonly Scope[] = ["tts", "voices:read"];

/** After which time a quota begins anew, in UTC; `never` for one that is used up once. */
export const quotaPeriods = ["hour", "day", "month", "never"] as const;
export type QuotaPeriod = (typeof quotaPeriods)[number];

export interface Quota {
  /** Characters, each as much as its model costs. */
  readonly characters: number;
  readonly period: QuotaPeriod;
}

/** What a key may do; what is undefined has no limit. */
export interface KeyRules {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Ids, slugs or names. */
  readonly voices: readonly string[] | undefined;
  /** Ids. */
  readonly models: readonly string[] | undefined;
  readonly quota: Quota | undefined;
  /** Streams that may speak at the same time. */
  readonly maxConcurrency: number | undefined;
  /** HTTP requests and sockets that are opened; as many may come at once. */
  readonly requestsPerSecond: number | undefined;
  /** Addresses, or ranges such as 10.0.0.0/8, from which it is good. */
  readonly addresses: readonly string[] | undefined;
  readonly expiresAtUnix: number | undefined;
}

/** What a key may do that has no limit. */
export const unlimited: Omit<KeyRules, "name" | "scopes"> = {
  voices: undefined,
  models: undefined,
  quota: undefined,
  maxConcurrency: undefined,
  requestsPerSecond: undefined,
  addresses: undefined,
  expiresAtUnix: undefined,
};

/** One secret of a key. Nobody knows it but who was shown it. */
export interface KeySecret {
  /** SHA-256, in hexadecimal digits. */
  readonly hash: string;
  /** Enough of it to be told from others: its beginning and its last four characters. */
  readonly preview: string;
  readonly createdAtUnix: number;
  /** Of one that was replaced. */
  readonly expiresAtUnix: number | undefined;
}

/** A key, whose secrets may change. */
export interface Key extends KeyRules {
  /** 20 letters and digits. */
  readonly id: string;
  readonly createdAtUnix: number;
  readonly revokedAtUnix: number | undefined;
  /** The newest one first; those that have expired are left out. */
  readonly secrets: readonly KeySecret[];
}

/** A key with its newest secret, which is shown once. */
export interface NewKey {
  readonly key: Key;
  readonly secret: string;
}

/** Keys that have changed. */
export interface KeyChanges {
  /** Names the state in which the keys are now. */
  readonly version: number;
  readonly keys: readonly Key[];
}

/** The keys of a server. */
export interface KeyStore {
  create(rules: KeyRules): Promise<NewKey>;
  /** Takes a secret that exists already, such as one of an older server, by its SHA-256. */
  adopt(rules: KeyRules, hash: string): Promise<Key>;
  /** All of them, the oldest first; revoked ones, too. */
  list(): Promise<readonly Key[]>;
  find(id: string): Promise<Key | undefined>;
  /** Changes what is given; `undefined` takes a limit away. */
  update(id: string, change: Partial<KeyRules>): Promise<Key | undefined>;
  /** A new secret; the others are good for `graceSeconds` more. Undefined for a key that is not there or revoked. */
  rotate(id: string, graceSeconds: number): Promise<NewKey | undefined>;
  /** For good. Undefined if it is not there; one that was revoked before stays as it is. */
  revoke(id: string): Promise<Key | undefined>;
  /** What has changed, by whomever, since the keys were as `version` names; all of them since 0. */
  changesSince(version: number): Promise<KeyChanges>;
}

/** What whoever looks after keys has to know of the process that asks. */
export interface KeyDesk {
  /** Keys of the settings: they are kept nowhere, and cannot be changed. */
  readonly fixed: readonly Key[];
  /** A key that is known here, good or not; none is where nobody needs one. */
  find(id: string): Key | undefined;
  /** Takes over what has just been changed, before anybody is told of it. */
  refresh(): Promise<void>;
  /** What is used of its quota; undefined if it has none. */
  quotaUse(key: Key): Promise<Allowance | undefined>;
  /** Whether a text names an address, or a range such as 10.0.0.0/8. */
  readonly isAddressRange: (text: string) => boolean;
}

/** What a single-use token is good for, besides opening one socket. */
export interface TokenLimits {
  readonly voices: readonly string[] | undefined;
  readonly models: readonly string[] | undefined;
  /** As quotas count them. */
  readonly maxCharacters: number | undefined;
  /** How long its socket may stay open. */
  readonly maxSeconds: number | undefined;
}

/** Tokens that open one socket each. */
export interface TokenStore {
  /** A token for whom a key lets in; `lifetimeSeconds` long. */
  mint(keyId: string, limits: TokenLimits, lifetimeSeconds: number): Promise<string>;
  /** What the token is good for, if it is; it is not any more afterwards, whoever else asks at the same time. */
  use(token: string): Promise<UsedToken | undefined>;
}

/** What a token was good for. */
export interface UsedToken {
  readonly keyId: string;
  readonly limits: TokenLimits;
}

/** What keys have used of their quotas. */
export interface QuotaStore {
  /**
   * Takes `cost` characters if not more than `limit` are used then. Gives how many are used, with
   * these if there was room.
   */
  take(use: QuotaUse, limit: number): Promise<{ readonly isTaken: boolean; readonly used: number }>;
  /** Gives back what was taken. */
  giveBack(use: QuotaUse): Promise<void>;
  used(keyId: string, periodStartUnix: number): Promise<number>;
}

export interface QuotaUse {
  readonly keyId: string;
  /** When the period began in which it was used. */
  readonly periodStartUnix: number;
  readonly cost: number;
}

/** The right to speak at the same time as others; to be released exactly once. */
export type Lease = () => void;

/** What is said in one go, and charged for. */
export interface Use {
  readonly voice: Voice;
  readonly model: Model;
  readonly characters: number;
  readonly cost: number;
}

/** What was charged for an utterance. */
export interface Charge {
  /** Why it may not be spoken, if it may not; undefined where that needs no asking. */
  readonly refusal: Promise<Problem | undefined> | undefined;
  /** Nothing came of it: gives everything back. */
  refund(): void;
}

/** How many speak at the same time. */
export interface Concurrency {
  readonly active: number;
  readonly limit: number;
}

/** What an account has used in this period of its quota, or ever if there is no quota. */
export interface Allowance {
  readonly used: number;
  /** Undefined for no limit. */
  readonly limit: number | undefined;
  /** When it begins anew, if it ever does. */
  readonly resetsAtUnix: number | undefined;
}

/** Whoever was let in: what may be used, and whom it is charged to. */
export interface Account {
  /** Of the key; empty where nobody needs one. */
  readonly keyId: string;
  /** Whose records may be seen: the key's own, or everybody's if undefined. */
  readonly sees: string | undefined;
  may(scope: Scope): boolean;
  /** Why a voice or a model may not be used, if it may not. */
  refusalOf(voice: Voice, model: Model): Problem | undefined;
  /** How many speak for it, and how many may. */
  readonly concurrency: Concurrency;
  /**
   * A lease to speak, perhaps after a moment.
   * @throws {SpeechError} too_many_concurrent_requests
   */
  acquire(): Promise<Lease>;
  /** Charges for an utterance that is about to be spoken. */
  charge(use: Use): Charge;
  allowance(): Promise<Allowance>;
  /** When its time is over, in ms of the clock, however it is used. */
  readonly endsAt: number | undefined;
}
