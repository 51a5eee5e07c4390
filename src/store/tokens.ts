import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { TokenStore } from "../protocol/stores.ts";

const lifetimeMs = 15 * 60 * 1000;

/** Tokens that open one socket each, within 15 minutes of being made. */
export class SingleUseTokens implements TokenStore {
  readonly #clock: Clock;
  /** By token, in the order in which they expire. */
  readonly #expiresAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  mint(): Promise<string> {
    this.#forgetExpired();
    const token = `sutkn_${randomBytes(24).toString("base64url")}`;
    this.#expiresAt.set(token, this.#clock.now() + lifetimeMs);
    return Promise.resolve(token);
  }

  use(token: string): Promise<boolean> {
    this.#forgetExpired();
    return Promise.resolve(this.#expiresAt.delete(token));
  }

  #forgetExpired(): void {
    for (const [token, expiresAt] of this.#expiresAt) {
      if (expiresAt > this.#clock.now()) return;
      this.#expiresAt.delete(token);
    }
  }
}
