import { z } from "zod";
import {
  type KeyRules,
  quotaPeriods,
  type Scope,
  scopes,
  usualScopes,
} from "../../protocol/accounts.ts";
import { readBody } from "./body.ts";
import type { ElevenLabsParts } from "./parts.ts";

/** What keys are compared with when they are made or changed. */
export type KeyBodyParts = Pick<
  ElevenLabsParts,
  "catalogue" | "keyModelIds" | "keys" | "wallClock"
>;

const maxNameChars = 200;
const maxListed = 100;
const maxAtOnce = 1_000_000;
/** The end of the year 9999: later moments have no date that everybody can write. */
const latestUnix = 253_402_300_799;
const maxGraceSeconds = 30 * 24 * 60 * 60;
const usualGraceSeconds = 24 * 60 * 60;

/** At least one, each of them once. */
const listOf = <Item>(item: z.ZodType<Item>) =>
  z
    .array(item)
    .min(1)
    .max(maxListed)
    .transform((items) => [...new Set(items)]);

/** Names of voices or models, turned into ids by `findId`. */
function idsSchema(what: "voice" | "model", findId: (name: string) => string | undefined) {
  const id = z.string().transform((name, context) => {
    const found = findId(name);
    if (found !== undefined) return found;
    context.addIssue({ code: "custom", message: `There is no ${what} of this name` });
    return z.NEVER;
  });
  return listOf(id);
}

/** Ids of the voices and models that a key or token may be limited to. */
export function allowedSchemas({
  catalogue,
  keyModelIds,
}: Pick<KeyBodyParts, "catalogue" | "keyModelIds">): {
  readonly voices: z.ZodType<readonly string[]>;
  readonly models: z.ZodType<readonly string[]>;
} {
  return {
    voices: idsSchema("voice", (name) => catalogue.findVoice(name)?.id),
    models: idsSchema("model", (name) => keyModelIds.find((id) => id === name)),
  };
}

/** What bodies may say of a key; a misspelled limit would be none, so nothing else is taken. */
function membersOf(parts: KeyBodyParts) {
  const { voices, models } = allowedSchemas(parts);
  return {
    name: z
      .string()
      .trim()
      .min(1)
      .max(maxNameChars)
      .regex(/^\P{Cc}*$/u, "Control characters are not permitted"),
    scopes: listOf<Scope>(z.enum(scopes)),
    voices: voices.nullish(),
    models: models.nullish(),
    character_quota: z
      .strictObject({ characters: z.int().min(0), period: z.enum(quotaPeriods) })
      .nullish(),
    max_concurrency: z.int().min(1).max(maxAtOnce).nullish(),
    requests_per_second: z.int().min(1).max(maxAtOnce).nullish(),
    addresses: listOf(
      z
        .string()
        .refine(parts.keys.isAddressRange, "Expected an address, or a range such as 10.0.0.0/8"),
    ).nullish(),
    expires_at_unix: z
      .int()
      .max(latestUnix)
      .refine((atUnix) => atUnix * 1000 > parts.wallClock(), "Expected a moment to come")
      .nullish(),
  };
}

/** How the wire spells what a key may do. */
const ruleNames = {
  name: "name",
  scopes: "scopes",
  voices: "voices",
  models: "models",
  character_quota: "quota",
  max_concurrency: "maxConcurrency",
  requests_per_second: "requestsPerSecond",
  addresses: "addresses",
  expires_at_unix: "expiresAtUnix",
} as const satisfies Readonly<Record<keyof ReturnType<typeof membersOf>, keyof KeyRules>>;

const wireNames = Object.keys(ruleNames) as (keyof typeof ruleNames)[];

const unlimited: Omit<KeyRules, "name"> = {
  scopes: usualScopes,
  voices: undefined,
  models: undefined,
  quota: undefined,
  maxConcurrency: undefined,
  requestsPerSecond: undefined,
  addresses: undefined,
  expiresAtUnix: undefined,
};

/** What a new key is to be good for. @throws {SpeechError} invalid_body */
export function readNewKey(body: unknown, parts: KeyBodyParts): KeyRules {
  const members = membersOf(parts);
  const schema = z.strictObject({ ...members, scopes: members.scopes.optional() });
  const wire = readBody(schema, body);
  return { ...unlimited, name: wire.name, ...rulesOf(wire) };
}

/** What is to be changed of a key; null takes a limit away. @throws {SpeechError} invalid_body */
export function readKeyChange(body: unknown, parts: KeyBodyParts): Partial<KeyRules> {
  const { name, scopes: scopesSchema, ...limits } = membersOf(parts);
  const required = { name: name.optional(), scopes: scopesSchema.optional() };
  return rulesOf(readBody(z.strictObject({ ...required, ...limits }), body));
}

const rotationSchema = z
  .strictObject({ grace_seconds: z.int().min(0).max(maxGraceSeconds).optional() })
  .nullish();

/** How long the secrets before are good after a rotation. @throws {SpeechError} invalid_body */
export function readGraceSeconds(body: unknown): number {
  return readBody(rotationSchema, body)?.grace_seconds ?? usualGraceSeconds;
}

/** What was given, and nothing else. */
function rulesOf(
  wire: Readonly<Partial<Record<keyof typeof ruleNames, unknown>>>,
): Partial<KeyRules> {
  const given = wireNames.filter((name) => wire[name] !== undefined);
  return Object.fromEntries(given.map((name) => [ruleNames[name], wire[name] ?? undefined]));
}
