import { z } from "zod";
import { CommandError } from "./errors.ts";

/** A key as the wire shows it. */
export interface ShownKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly voices: readonly string[] | null;
  readonly models: readonly string[] | null;
  readonly character_quota: { readonly characters: number; readonly period: string } | null;
  readonly quota_use: {
    readonly characters: number;
    readonly resets_at_unix: number | null;
  } | null;
  readonly max_concurrency: number | null;
  readonly requests_per_second: number | null;
  readonly addresses: readonly string[] | null;
  readonly created_at_unix: number | null;
  readonly expires_at_unix: number | null;
  readonly revoked_at_unix: number | null;
  readonly secrets: readonly {
    readonly preview: string | null;
    readonly created_at_unix: number | null;
    readonly expires_at_unix: number | null;
  }[];
}

/** A key that was just made or given a new secret. */
export interface ShownNewKey extends ShownKey {
  readonly xi_api_key: string;
}

const texts = z.array(z.string()).nullable();
const count = z.number().nullable();

const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  voices: texts,
  models: texts,
  character_quota: z.object({ characters: z.number(), period: z.string() }).nullable(),
  quota_use: z.object({ characters: z.number(), resets_at_unix: count }).nullable(),
  max_concurrency: count,
  requests_per_second: count,
  addresses: texts,
  created_at_unix: count,
  expires_at_unix: count,
  revoked_at_unix: count,
  secrets: z.array(
    z.object({ preview: z.string().nullable(), created_at_unix: count, expires_at_unix: count }),
  ),
});
const listSchema = z.object({ keys: z.array(keySchema) });
const newKeySchema = keySchema.extend({ xi_api_key: z.string() });

export const readKey = (answer: unknown): ShownKey => read(keySchema, answer);
export const readNewKey = (answer: unknown): ShownNewKey => read(newKeySchema, answer);
export const readKeys = (answer: unknown): readonly ShownKey[] => read(listSchema, answer).keys;

/** @throws {CommandError} */
function read<Value>(schema: z.ZodType<Value>, answer: unknown): Value {
  const { data } = schema.safeParse(answer);
  if (data !== undefined) return data;
  throw new CommandError("What answers there is no server with keys: check --server.");
}

/** The key of an id, or of a name that no other has which is still good. @throws {CommandError} */
export function findKey(keys: readonly ShownKey[], wanted: string): ShownKey {
  const byId = keys.find(({ id }) => id === wanted);
  if (byId) return byId;
  const [found, ...others] = keys.filter(
    ({ name, revoked_at_unix }) => name === wanted && revoked_at_unix === null,
  );
  if (!found) throw new CommandError(`There is no key ${wanted}: see syrinx keys list.`);
  if (others.length === 0) return found;
  const ids = [found, ...others].map(({ id }) => id).join(", ");
  throw new CommandError(
    `${others.length + 1} keys are called ${wanted}: name one by its id, ${ids}.`,
  );
}

/** Whether a key may be used, in a word. */
export function stateOf(key: ShownKey, nowUnixMs: number): string {
  if (key.revoked_at_unix !== null) return "revoked";
  const { expires_at_unix: atUnix } = key;
  if (atUnix === null) return "good";
  return atUnix * 1000 > nowUnixMs ? `until ${formatMoment(atUnix)}` : "expired";
}

/** What of a key is limited, in a few words. */
export function limitsOf(key: ShownKey): string {
  const { voices, models, addresses, max_concurrency: streams, requests_per_second: rate } = key;
  const limits = [
    quotaOf(key),
    streams === null ? undefined : `${streams} at once`,
    rate === null ? undefined : `${rate}/s`,
    voices ? counted(voices.length, "voice", "voices") : undefined,
    models ? counted(models.length, "model", "models") : undefined,
    addresses ? counted(addresses.length, "address", "addresses") : undefined,
  ];
  return limits.filter((limit) => limit !== undefined).join(", ") || "none";
}

/** A key in lines of their own. */
export function factsOf(key: ShownKey, nowUnixMs: number): Readonly<Record<string, string>> {
  const any = (items: readonly string[] | null): string => items?.join(", ") ?? "any";
  const some = (limit: number | null): string => (limit === null ? "unlimited" : String(limit));
  return {
    id: key.id,
    name: key.name,
    scopes: key.scopes.join(", "),
    voices: any(key.voices),
    models: any(key.models),
    quota: quotaOf(key) ?? "unlimited",
    "max concurrency": some(key.max_concurrency),
    "requests per second": some(key.requests_per_second),
    addresses: any(key.addresses),
    made: key.created_at_unix === null ? "by the settings" : formatMoment(key.created_at_unix),
    state: stateOf(key, nowUnixMs),
    secrets: key.secrets.map(secretOf).join(", ") || "none",
  };
}

function quotaOf({ character_quota: quota, quota_use: use }: ShownKey): string | undefined {
  if (!quota) return undefined;
  const resets = use?.resets_at_unix ?? null;
  const anew = resets === null ? "" : `, anew ${formatMoment(resets)}`;
  return `${use?.characters ?? 0} of ${quota.characters}/${quota.period}${anew}`;
}

function secretOf({ preview, expires_at_unix: atUnix }: ShownKey["secrets"][number]): string {
  const until = atUnix === null ? "" : ` until ${formatMoment(atUnix)}`;
  return `${preview ?? "unknown"}${until}`;
}

const counted = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

/** Such as `2027-01-01T00:00:00Z`. */
export const formatMoment = (atUnix: number): string =>
  new Date(atUnix * 1000).toISOString().replace(".000", "");
