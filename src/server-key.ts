import { hash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Key, type KeyRules, type KeyStore, scopes, unlimited } from "./protocol/accounts.ts";
import { SettingError, type Settings } from "./settings.ts";

/** The keys that a server begins with. */
export interface ServerKey {
  /** SHA-256 of the configured key, in hexadecimal digits. */
  readonly configuredHash: string | undefined;
  /** Only right after it was made: nobody can show it again. */
  readonly newKey: string | undefined;
}

/** Where versions without a database kept the hash of the one key there was. */
const olderFile = "api-key.sha256";

const everything: KeyRules = {
  name: "first key",
  scopes,
  ...unlimited,
};

/**
 * The key that the settings name, or one with all rights that is kept; a new one if there is none.
 * @throws {SettingError} when a file of an older version is damaged
 */
export async function openKey(
  { apiKey, dataDir }: Pick<Settings, "apiKey" | "dataDir">,
  store: KeyStore,
): Promise<ServerKey> {
  if (apiKey !== undefined) {
    return { configuredHash: hash("sha256", apiKey, "hex"), newKey: undefined };
  }
  await adoptOlderKey(join(dataDir, olderFile), store);
  const keys = await store.list();
  const nowUnix = Date.now() / 1000;
  const isThere = keys.some(
    ({ scopes: its, revokedAtUnix, expiresAtUnix = Number.POSITIVE_INFINITY }) =>
      its.includes("admin") && revokedAtUnix === undefined && expiresAtUnix > nowUnix,
  );
  const { secret } = isThere ? { secret: undefined } : await store.create(everything);
  return { configuredHash: undefined, newKey: secret };
}

/** A key of the settings, which is kept nowhere. */
export function configuredKey(configuredHash: string): Key {
  const secret = { hash: configuredHash, preview: "", createdAtUnix: 0, expiresAtUnix: undefined };
  return {
    ...everything,
    id: "settings",
    name: "SYRINX_API_KEY",
    createdAtUnix: 0,
    revokedAtUnix: undefined,
    secrets: [secret],
  };
}

/** @throws {SettingError} when the file holds no hash */
async function adoptOlderKey(path: string, store: KeyStore): Promise<void> {
  const kept = await readFile(path, "utf8").catch(() => undefined);
  if (kept === undefined) return;
  const keyHash = kept.trim().toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(keyHash)) {
    throw new SettingError(
      `${path} holds no key's hash: delete it to get a new key at the next start.`,
    );
  }
  await store.adopt(everything, keyHash);
  await rm(path);
}
