import type { Allowance, Key, NewKey } from "../../protocol/accounts.ts";

/** A key as whoever looks after keys sees it: everything but its secrets. */
export function formatKey(key: Key, use: Allowance | undefined): Readonly<Record<string, unknown>> {
  return {
    id: key.id,
    name: key.name,
    scopes: key.scopes,
    voices: key.voices ?? null,
    models: key.models ?? null,
    character_quota: key.quota ?? null,
    quota_use: use ? { characters: use.used, resets_at_unix: use.resetsAtUnix ?? null } : null,
    max_concurrency: key.maxConcurrency ?? null,
    requests_per_second: key.requestsPerSecond ?? null,
    addresses: key.addresses ?? null,
    // The key of the settings has neither a time nor a preview.
    created_at_unix: key.createdAtUnix || null,
    expires_at_unix: key.expiresAtUnix ?? null,
    revoked_at_unix: key.revokedAtUnix ?? null,
    secrets: key.secrets.map(({ preview, createdAtUnix, expiresAtUnix }) => ({
      preview: preview || null,
      created_at_unix: createdAtUnix || null,
      expires_at_unix: expiresAtUnix ?? null,
    })),
  };
}

/** The same with its newest secret, which nobody can show again. */
export function formatNewKey({ key, secret }: NewKey, use: Allowance | undefined): unknown {
  return { ...formatKey(key, use), xi_api_key: secret };
}
