import { z } from "zod";
import type { TokenLimits } from "../../protocol/accounts.ts";
import { readBody } from "./body.ts";

const maxLifetimeSeconds = 15 * 60;

const names = z.array(z.string().min(1).max(200)).min(1).max(100).nullish();
const count = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullish();

/** What a server of the vendor knows nothing of: there, a token has no limits but its time. */
const bodySchema = z
  .looseObject({
    voice_ids: names,
    model_ids: names,
    max_characters: count,
    max_seconds: count,
    valid_seconds: z.number().int().min(1).max(maxLifetimeSeconds).nullish(),
  })
  .nullish();

/** What a token is to be good for, and how long it waits to be used. @throws {SpeechError} invalid_body */
export function readTokenLimits(body: unknown): {
  readonly limits: TokenLimits;
  readonly lifetimeSeconds: number;
} {
  const wanted = readBody(bodySchema, body) ?? {};
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
