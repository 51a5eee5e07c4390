import { z } from "zod";
import type { Configuration, Credential } from "../../protocol/speech.ts";
import {
  type HeededSetting,
  neutralSettings,
  type Voice,
  type VoiceSettings,
} from "../../protocol/voice.ts";
import type { Warning } from "../../protocol/warnings.ts";
import {
  locatorsSchema,
  maxLocators,
  readLocators,
  type WireLocator,
} from "./dictionary-locators.ts";
import { withoutScheme } from "../credentials.ts";
import { ignoredSettings } from "../heeded-settings.ts";
import { clamp } from "../query.ts";

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

/** The settings besides speed, by their names on the wire. */
export const settingNames: Readonly<Record<HeededSetting, string>> = {
  stability: "stability",
  similarityBoost: "similarity_boost",
  style: "style",
  useSpeakerBoost: "use_speaker_boost",
};

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
  readonly pronunciation_dictionary_locators?: readonly WireLocator[] | null | undefined;
  readonly xi_api_key?: string | null | undefined;
  readonly "xi-api-key"?: string | null | undefined;
  readonly authorization?: string | null | undefined;
  readonly single_use_token?: string | null | undefined;
  readonly context_id?: string | null | undefined;
  readonly contextId?: string | null | undefined;
  readonly close_context?: boolean | null | undefined;
  readonly closeContext?: boolean | null | undefined;
  readonly close_socket?: boolean | null | undefined;
  readonly closeSocket?: boolean | null | undefined;
  /** Of the extension. */
  readonly max_buffer_delay_ms?: number | null | undefined;
  readonly close_connection?: boolean | null | undefined;
  readonly keep_context_alive?: boolean | null | undefined;
}

/** Every frame repeats it twice, and has to stay small. */
const maxContextIdChars = 4000;

/** Members of client messages, by their names on the wire. */
const members: Record<keyof ClientMessage, z.ZodType> = {
  text: z.string().nullish(),
  flush: z.boolean().nullish(),
  try_trigger_generation: z.boolean().nullish(),
  voice_settings: voiceSettingsSchema.nullish(),
  generation_config: generationConfigSchema.nullish(),
  generator_config: generationConfigSchema.nullish(),
  pronunciation_dictionary_locators: locatorsSchema.nullish(),
  xi_api_key: z.string().nullish(),
  "xi-api-key": z.string().nullish(),
  authorization: z.string().nullish(),
  single_use_token: z.string().nullish(),
  context_id: z.string().max(maxContextIdChars).nullish(),
  contextId: z.string().max(maxContextIdChars).nullish(),
  close_context: z.boolean().nullish(),
  closeContext: z.boolean().nullish(),
  close_socket: z.boolean().nullish(),
  closeSocket: z.boolean().nullish(),
  max_buffer_delay_ms: z.unknown().optional(),
  close_connection: z.boolean().nullish(),
  keep_context_alive: z.boolean().nullish(),
};

export const clientMessageSchema: z.ZodType<ClientMessage> = z.looseObject(
  members,
) as z.ZodType<ClientMessage>;

/** Whether a member means anything to the server. */
export const isKnownMember = (name: string): boolean => Object.hasOwn(members, name);

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

/** How long text may wait at most, for who asks with the extension; 0 for no limit. */
export const bufferDelayMs = { min: 0, max: 5000, fallback: 0 } as const;

/** What a message says about how its context speaks; undefined if nothing. */
export type ConfigurationReader = (message: ClientMessage) => Configuration | undefined;

/** `base` are the settings that a client's own leave out. */
export function createConfigurationReader(
  base: VoiceSettings,
  isExtended: boolean,
): ConfigurationReader {
  return (message) => {
    const scheduleChars = readSchedule(message);
    const wire = message.voice_settings;
    const voice = wire && readVoiceSettings(wire, speedRanges.socket, base);
    const locators = message.pronunciation_dictionary_locators?.slice(0, maxLocators);
    const maxBufferDelayMs = isExtended ? readBufferDelay(message) : undefined;
    if (!scheduleChars && !voice && !locators && maxBufferDelayMs === undefined) return undefined;
    return {
      ...(voice && { voice }),
      ...(scheduleChars && { scheduleChars }),
      ...(locators && { dictionaries: readLocators(locators) }),
      ...(maxBufferDelayMs !== undefined && { maxBufferDelayMs }),
    };
  };
}

function readBufferDelay({ max_buffer_delay_ms: ms }: ClientMessage): number | undefined {
  return typeof ms === "number" ? clamp(ms, bufferDelayMs.min, bufferDelayMs.max) : undefined;
}

/** What of a message was moved into its range. */
export function clampedMembers(message: ClientMessage, read: ConfigurationReader): Warning[] {
  const configuration = read(message);
  const config = message.generation_config ?? message.generator_config;
  const wire = message.voice_settings;
  const { voice, scheduleChars, dictionaries, maxBufferDelayMs } = configuration ?? {};
  const pairs: readonly (readonly [name: string, given: unknown, taken: unknown])[] = [
    ["voice_settings.speed", wire?.speed, voice?.speed],
    ["voice_settings.stability", wire?.stability, voice?.stability],
    [
      "voice_settings.similarity_boost",
      wire?.similarity_boost ?? wire?.similarityBoost,
      voice?.similarityBoost,
    ],
    ["voice_settings.style", wire?.style, voice?.style],
    ["chunk_length_schedule", config?.chunk_length_schedule, scheduleChars],
    [
      "pronunciation_dictionary_locators",
      message.pronunciation_dictionary_locators?.length,
      dictionaries?.length,
    ],
    ["max_buffer_delay_ms", message.max_buffer_delay_ms, maxBufferDelayMs],
  ];
  return pairs
    .filter(
      ([, given, taken]) =>
        given !== undefined && given !== null && String(given) !== String(taken),
    )
    .map(([name, , taken]) => ({ code: "value_clamped", details: { name, value: String(taken) } }));
}

/** What of a message's settings the voice does not heed. */
export function ignoredMembers({ voice_settings: wire }: ClientMessage, voice: Voice): Warning[] {
  if (!wire) return [];
  const asked = {
    stability: wire.stability,
    similarityBoost: wire.similarity_boost ?? wire.similarityBoost,
    style: wire.style,
    useSpeakerBoost: wire.use_speaker_boost ?? wire.useSpeakerBoost,
  };
  return ignoredSettings(voice, asked, neutralSettings, settingNames);
}

/** The credential of a message. */
export function readCredential(message: ClientMessage): Credential | undefined {
  const key = message.xi_api_key ?? message["xi-api-key"] ?? message.authorization;
  if (key) return { kind: "key", value: withoutScheme(key) };
  const token = message.single_use_token;
  return token ? { kind: "token", value: token } : undefined;
}
