import { z } from "zod";
import type { Credential } from "../../protocol/speech.ts";
import { neutralSettings, type VoiceSettings } from "../../protocol/voice.ts";
import { clamp } from "./query.ts";

/** Clients of 2023 send `true` where a number is meant. */
const numberOrBoolean = z.preprocess(
  (value) => (typeof value === "boolean" ? Number(value) : value),
  z.number(),
);

/** `voice_settings` as clients send it. */
export interface WireVoiceSettings {
  readonly stability?: number | null | undefined;
  readonly similarity_boost?: number | null | undefined;
  readonly similarityBoost?: number | null | undefined;
  readonly style?: number | null | undefined;
  readonly use_speaker_boost?: boolean | null | undefined;
  readonly useSpeakerBoost?: boolean | null | undefined;
  readonly speed?: number | null | undefined;
}

/** Unknown members may hold anything. */
export const voiceSettingsSchema: z.ZodType<WireVoiceSettings> = z.looseObject({
  stability: numberOrBoolean.nullish(),
  similarity_boost: numberOrBoolean.nullish(),
  similarityBoost: numberOrBoolean.nullish(),
  style: numberOrBoolean.nullish(),
  use_speaker_boost: z.boolean().nullish(),
  useSpeakerBoost: z.boolean().nullish(),
  speed: numberOrBoolean.nullish(),
});

/** Ranges of `speed`: the sockets and the HTTP endpoints document different ones. */
export const speedRanges = {
  socket: { min: 0.7, max: 1.2 },
  http: { min: 0.25, max: 4 },
} as const;

/** A client's settings; values out of range are moved into it, absent ones are as in `base`. */
export function readVoiceSettings(
  wire: WireVoiceSettings,
  speedRange: { readonly min: number; readonly max: number },
  base: VoiceSettings = neutralSettings,
): VoiceSettings {
  const share = (value: number | null | undefined, fallback: number): number =>
    clamp(value ?? fallback, 0, 1);
  return {
    speed: clamp(wire.speed ?? base.speed, speedRange.min, speedRange.max),
    stability: share(wire.stability, base.stability),
    similarityBoost: share(wire.similarity_boost ?? wire.similarityBoost, base.similarityBoost),
    style: share(wire.style, base.style),
    useSpeakerBoost: wire.use_speaker_boost ?? wire.useSpeakerBoost ?? base.useSpeakerBoost,
  };
}

interface WireGenerationConfig {
  readonly chunk_length_schedule?: unknown;
}

// An unusable schedule means the default one, whatever it holds.
const generationConfigSchema = z.looseObject({ chunk_length_schedule: z.unknown().optional() });

/** One client message of a socket; unknown members are ignored, `null` means absent. */
export interface ClientMessage {
  readonly text?: string | null | undefined;
  readonly flush?: boolean | null | undefined;
  readonly try_trigger_generation?: boolean | null | undefined;
  readonly voice_settings?: WireVoiceSettings | null | undefined;
  readonly generation_config?: WireGenerationConfig | null | undefined;
  readonly generator_config?: WireGenerationConfig | null | undefined;
  readonly xi_api_key?: string | null | undefined;
  readonly "xi-api-key"?: string | null | undefined;
  readonly authorization?: string | null | undefined;
  readonly single_use_token?: string | null | undefined;
}

export const clientMessageSchema: z.ZodType<ClientMessage> = z.looseObject({
  text: z.string().nullish(),
  flush: z.boolean().nullish(),
  try_trigger_generation: z.boolean().nullish(),
  voice_settings: voiceSettingsSchema.nullish(),
  generation_config: generationConfigSchema.nullish(),
  generator_config: generationConfigSchema.nullish(),
  xi_api_key: z.string().nullish(),
  "xi-api-key": z.string().nullish(),
  authorization: z.string().nullish(),
  single_use_token: z.string().nullish(),
});

/** Buffered characters that start the 1st, 2nd, ... synthesis unless the client says otherwise. */
export const defaultScheduleChars: readonly number[] = [120, 160, 250, 290];
const scheduleRange = { min: 50, max: 500 } as const;

/** The schedule of a message; undefined when it has none. */
export function readSchedule(message: ClientMessage): readonly number[] | undefined {
  const config = message.generation_config ?? message.generator_config;
  const wire = config?.chunk_length_schedule;
  if (wire === undefined || wire === null) return undefined;
  const items = Array.isArray(wire) ? wire : [];
  const usable = items.length > 0 && items.every((item) => typeof item === "number");
  return usable
    ? items.map((item: number) => Math.round(clamp(item, scheduleRange.min, scheduleRange.max)))
    : defaultScheduleChars;
}

/** The credential of a message. */
export function readCredential(message: ClientMessage): Credential | undefined {
  const key = message.xi_api_key ?? message["xi-api-key"] ?? message.authorization;
  if (key) return { kind: "key", value: withoutScheme(key) };
  const token = message.single_use_token;
  return token ? { kind: "token", value: token } : undefined;
}

/** `Bearer x` as `x`. */
export function withoutScheme(authorization: string): string {
  return authorization.replace(/^Bearer\s+/i, "");
}
