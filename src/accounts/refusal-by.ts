import type { TokenLimits } from "../protocol/accounts.ts";
import type { Problem } from "../protocol/problems.ts";
import type { Model, Voice } from "../protocol/voice.ts";

/** Why a key or a token does not let somebody use a voice or a model, if it does not. */
export function refusalBy(
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
