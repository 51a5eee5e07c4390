import { z } from "zod";
import type { TokenLimits } from "../../protocol/accounts.ts";
import { readBody } from "./body.ts";
import { allowedSchemas } from "./key-body.ts";
import type { ElevenLabsParts } from "./parts.ts";

type TokenLimitsParts = Pick<ElevenLabsParts, "catalogue" | "keyModelIds">;

const maxLifetimeSeconds = 15 * 60;

const count = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullish();

/**
 * What a server of the vendor knows nothing of: there, a token has no limits but its time. A misspelled
 * limit would be none, so nothing else is taken.
 */
function createSchema(parts: TokenLimitsParts) {
  const { voices, models } = allowedSchemas(parts);
  return z
    .strictObject({
      voice_ids: voices.nullish(),
      model_ids: models.nullish(),
      max_characters: count,
      max_seconds: count,
      valid_seconds: z.number().int().min(1).max(maxLifetimeSeconds).nullish(),
    })
    .nullish();
}

/** What a token is to be good for, and how long it waits to be used. @throws {SpeechError} invalid_body */
export function readTokenLimits(
  body: unknown,
  parts: TokenLimitsParts,
): { readonly limits: TokenLimits; readonly lifetimeSeconds: number } {
  const wanted = readBody(createSchema(parts), body) ?? {};
  return {
    limits: {
      voices: wanted.voice_ids ?? undefined,
      models: wanted.model_ids ?? undefined,
      maxCharacters: wanted.max_characters ?? undefined,
      maxSeconds: wanted.max_seconds ?? undefined,
    },
    lifetimeSeconds: wanted.valid_seconds ?? maxLifetimeSeconds,
  };
}
