import type { SocketRoute } from "./finding.ts";
import { elevenLabsIdleSeconds, wavesIdleSeconds } from "./vendor-values.ts";

/** What a parameter takes. */
export type ValueRule =
  | { readonly kind: "boolean" }
  | {
      readonly kind: "number";
      readonly min: number;
      readonly max: number;
      readonly isWhole?: true;
      readonly unit?: string;
    }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "format" | "model" | "language" | "voice" | "text" }
  /** `isShortLived`: a token that is good once, made to stand in an address. */
  | { readonly kind: "credential"; readonly isShortLived?: true };

/** One parameter of an address. */
export interface ParameterRow {
  readonly rule: ValueRule;
  /** What the server takes where the parameter is absent. */
  readonly fallback?: string;
  /** Syrinx has it, and no vendor: on the hosted service it means nothing. */
  readonly isExtension?: true;
  /** `ext=1` must stand beside it. */
  readonly needsExt?: true;
  /** What is to be known of it wherever it is given. */
  readonly note?: string;
}

const boolean = (fallback: boolean): ParameterRow => ({
  rule: { kind: "boolean" },
  fallback: String(fallback),
});
const extension = (rule: ValueRule, needsExt = true): ParameterRow => ({
  rule,
  isExtension: true,
  ...(needsExt && { needsExt: true }),
});
const extensionFlag = extension({ kind: "boolean" });

/** What `ext=1` lets sockets of both vendors be asked for. */
const sharedExtensions = {
  ext: extension({ kind: "boolean" }, false),
  boundaries: extension({ kind: "text" }),
  segments: extensionFlag,
  playback: extension({ kind: "choice", values: ["live", "file"] }),
  ping_keeps_alive: extensionFlag,
} as const;

const { min, max, fallback: idleFallback } = elevenLabsIdleSeconds;

/** Of both of ElevenLabs' text-to-speech sockets. */
const elevenLabs: Readonly<Record<string, ParameterRow>> = {
  model_id: { rule: { kind: "model" } },
  output_format: { rule: { kind: "format" }, fallback: "mp3_44100_128" },
  language_code: { rule: { kind: "language" } },
  enable_logging: boolean(true),
  enable_ssml_parsing: boolean(false),
  inactivity_timeout: {
    rule: { kind: "number", min, max, isWhole: true, unit: "seconds" },
    fallback: String(idleFallback),
  },
  sync_alignment: boolean(false),
  auto_mode: boolean(false),
  apply_text_normalization: {
    rule: { kind: "choice", values: ["auto", "on", "off"] },
    fallback: "auto",
  },
  apply_language_text_normalization: boolean(false),
  optimize_streaming_latency: {
    rule: { kind: "number", min: 0, max: 4, isWhole: true },
    note: "The vendor has given it up; the sockets' documents do not name it any more.",
  },
  seed: { rule: { kind: "number", min: 0, max: 4_294_967_295, isWhole: true } },
  authorization: { rule: { kind: "credential" } },
  single_use_token: { rule: { kind: "credential", isShortLived: true } },
  ...sharedExtensions,
  x_alignment_base: extension({ kind: "choice", values: ["chunk", "context", "auto"] }, false),
  x_discard_on_close: extension({ kind: "boolean" }, false),
  x_close_race: extension({ kind: "choice", values: ["silent", "lost"] }, false),
  max_buffer_delay_ms: extension({ kind: "text" }),
  audio_transport: extension({ kind: "choice", values: ["json", "binary"] }),
};

/** Of Waves' sockets but the one of Lightning v4: all else stands in the messages. */
const wavesLive: Readonly<Record<string, ParameterRow>> = {
  timeout: {
    rule: {
      kind: "number",
      min: wavesIdleSeconds.min,
      max: Number.POSITIVE_INFINITY,
      isWhole: true,
      unit: "seconds",
    },
    fallback: String(wavesIdleSeconds.fallback),
  },
  token: { rule: { kind: "credential" } },
  api_key: { rule: { kind: "credential" } },
  ...sharedExtensions,
};

const wavesTurns: Readonly<Record<string, ParameterRow>> = {
  voice_id: { rule: { kind: "voice" } },
  language: { rule: { kind: "text" } },
  sample_rate: {
    rule: { kind: "choice", values: ["8000", "16000", "24000", "44100", "48000"] },
    fallback: "48000",
  },
  output_format: { rule: { kind: "choice", values: ["pcm"] }, fallback: "pcm" },
  speed: { rule: { kind: "number", min: 0.5, max: 2 }, fallback: "1" },
  content_filter: boolean(false),
  content_filter_action: { rule: { kind: "choice", values: ["reject", "flag"] } },
  token: { rule: { kind: "credential" } },
  api_key: { rule: { kind: "credential" } },
};

/** The parameters of each kind of socket. */
export const parametersOf: Readonly<Record<SocketRoute, Readonly<Record<string, ParameterRow>>>> = {
  "stream-input": elevenLabs,
  "multi-stream-input": elevenLabs,
  "tts-live": wavesLive,
  "lightning-v4": wavesTurns,
};

/** What is said in messages, and has no meaning in an address. */
const elevenLabsMembers: readonly string[] = [
  "text",
  "voice_settings",
  "stability",
  "similarity_boost",
  "style",
  "use_speaker_boost",
  "speed",
  "generation_config",
  "chunk_length_schedule",
  "pronunciation_dictionary_locators",
  "flush",
  "try_trigger_generation",
  "context_id",
  "close_context",
  "close_socket",
];
const wavesMembers: readonly string[] = [
  "text",
  "voice_id",
  "model",
  "language",
  "sample_rate",
  "output_format",
  "speed",
  "word_timestamps",
  "continue",
  "flush",
  "max_buffer_flush_ms",
  "complete_backoff_ms",
  "max_buffer_delay_ms",
  "context_id",
  "session_id",
  "request_id",
];
export const messageMembersOf: Readonly<Record<SocketRoute, readonly string[]>> = {
  "stream-input": elevenLabsMembers,
  "multi-stream-input": elevenLabsMembers,
  "tts-live": wavesMembers,
  "lightning-v4": ["text", "turn_id", "event"],
};

/** Names of other services, of other sockets or of the mind, by what is meant. */
const elevenLabsLikely: Readonly<Record<string, string>> = {
  model: "model_id",
  language: "language_code",
  lang: "language_code",
  format: "output_format",
  encoding: "output_format",
  idle_timeout: "inactivity_timeout",
  keepalive: "inactivity_timeout",
  ssml: "enable_ssml_parsing",
  logging: "enable_logging",
  latency: "optimize_streaming_latency",
  normalize: "apply_text_normalization",
  text_normalization: "apply_text_normalization",
};
export const likelyNamesOf: Readonly<Record<SocketRoute, Readonly<Record<string, string>>>> = {
  "stream-input": elevenLabsLikely,
  "multi-stream-input": elevenLabsLikely,
  "tts-live": { idle_timeout: "timeout", keepalive: "timeout" },
  "lightning-v4": { voice: "voice_id", lang: "language", language_code: "language" },
};

/** What only the other vendor's sockets take, by what does the same here. */
export const otherVendorNames: Readonly<
  Record<SocketRoute, Readonly<Record<string, string | undefined>>>
> = {
  "stream-input": { timeout: "inactivity_timeout", sample_rate: "output_format" },
  "multi-stream-input": { timeout: "inactivity_timeout", sample_rate: "output_format" },
  "tts-live": {
    inactivity_timeout: "timeout",
    model_id: undefined,
    language_code: undefined,
    auto_mode: undefined,
    sync_alignment: undefined,
    enable_ssml_parsing: undefined,
    enable_logging: undefined,
    authorization: "token",
    single_use_token: "token",
  },
  "lightning-v4": {
    inactivity_timeout: undefined,
    model_id: undefined,
    auto_mode: undefined,
    authorization: "token",
    single_use_token: "token",
  },
};

/** Names under which keys are put into addresses, rightly or not; their values are never shown. */
const secretName = /key|token|auth|secret|passw|credential|bearer|jwt|sig(?:nature)?$/i;

export const namesSecret = (name: string): boolean => secretName.test(name);
