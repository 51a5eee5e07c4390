import { hash as digest, timingSafeEqual } from "node:crypto";
import type { Cancel, Clock } from "../clock.ts";
import type { Key, KeySecret, KeyStore } from "../protocol/accounts.ts";

/** What a key ring is built on. */
export interface KeyRingOptions {
  readonly store: Pick<KeyStore, "changesSince">;
  readonly clock: Clock;
  /** Unix time in ms. */
  readonly wallClock: () => number;
  /** Keys that are kept nowhere, such as the one of the settings. */
  readonly fixed: readonly Key[];
  /** Told of every key that is not good any more. */
  readonly onEnded: (keyId: string) => void;
  readonly onFault: (error: unknown) => void;
}

/** A secret that was found, and the key it belongs to. */
export interface FoundSecret {
  readonly key: Key;
  readonly secret: KeySecret;
}

/** How often it is asked what has changed: a key that is revoked anywhere ends its sockets within a second. */
const lookMs = 190;
/** By so many digits of its hash a secret is looked for; the others are compared in constant time. */
const indexDigits = 16;

/**
 * All keys of the server, by their secrets. It follows what others change in the store, and tells when a
 * key ends, be it revoked or expired.
 */
export class KeyRing {
  readonly #options: KeyRingOptions;
  readonly #keys = new Map<string, Key>();
  readonly #secrets = new Map<string, FoundSecret>();
  /** Keys that are good, and expire. */
  readonly #expiring = new Set<string>();
  #version = 0;
  /** The look that comes last: one at a time, or an older answer could come after a newer one. */
  #lastLook: Promise<void> = Promise.resolve();
  #cancelLook: Cancel = () => {};
  /** One that has not begun. */
  #nextLook: Promise<void> | undefined;
  #isClosed = false;
  /** Whether the store could not be asked the last time. */
  #isBlind = false;

  constructor(options: KeyRingOptions) {
    this.#options = options;
    for (const key of options.fixed) this.#put(key);
  }

  /** Reads all keys, and goes on looking for changes until it is closed. */
  async start(): Promise<void> {
    await this.#look();
    this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelLook();
  }

  /** Takes over all that has changed so far, by whomever. Who asks at the same time waits for the same look. */
  async refresh(): Promise<void> {
    this.#nextLook ??= this.#lookNext();
    await this.#nextLook;
  }

  async #lookNext(): Promise<void> {
    await this.#lastLook;
    this.#nextLook = undefined;
    await this.#look();
  }

  get(id: string): Key | undefined {
    return this.#keys.get(id);
  }

  /** The key of a secret, whether it is good or not. Takes as long for one that there is not. */
  find(secret: string): FoundSecret | undefined {
    const hash = digest("sha256", secret, "hex");
    const found = this.#secrets.get(hash.slice(0, indexDigits));
    const isSame = timingSafeEqual(Buffer.from(found?.secret.hash ?? noHash), Buffer.from(hash));
    return isSame ? found : undefined;
  }

  /** Whether a key may be used now. */
  isGood({ revokedAtUnix, expiresAtUnix = Number.POSITIVE_INFINITY }: Key): boolean {
    return revokedAtUnix === undefined && expiresAtUnix * 1000 > this.#options.wallClock();
  }

  /** Whether a secret may be used now; its key may not be good. */
  isGoodSecret({ expiresAtUnix = Number.POSITIVE_INFINITY }: KeySecret): boolean {
    return expiresAtUnix * 1000 > this.#options.wallClock();
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#cancelLook = this.#options.clock.schedule(lookMs, () => void this.#lookAgain());
  }

  async #lookAgain(): Promise<void> {
    try {
      await this.#look();
      this.#isBlind = false;
    } catch (error) {
      // Of one time without the database it is told once.
      if (!this.#isBlind) this.#options.onFault(error);
      this.#isBlind = true;
    }
    this.#schedule();
  }

  #look(): Promise<void> {
    const look = this.#lastLook.then(() => this.#takeChanges());
    this.#lastLook = look.catch(() => {});
    return look;
  }

  async #takeChanges(): Promise<void> {
    const { version, keys } = await this.#options.store.changesSince(this.#version);
    for (const key of keys) this.#put(key);
    this.#version = Math.max(this.#version, version);
    for (const id of this.#expiring) {
      const key = this.#keys.get(id);
      if (key && !this.isGood(key)) this.#end(id);
    }
  }

  #put(key: Key): void {
    for (const { hash } of this.#keys.get(key.id)?.secrets ?? []) {
      this.#secrets.delete(hash.slice(0, indexDigits));
    }
    this.#keys.set(key.id, key);
    for (const secret of key.secrets) {
      this.#secrets.set(secret.hash.slice(0, indexDigits), { key, secret });
    }
    if (!this.isGood(key)) this.#end(key.id);
    else if (key.expiresAtUnix === undefined) this.#expiring.delete(key.id);
    else this.#expiring.add(key.id);
  }

  #end(id: string): void {
    this.#expiring.delete(id);
    this.#options.onEnded(id);
  }
}

const noHash = "0".repeat(64);
