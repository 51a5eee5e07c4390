import { fill } from "./problems.ts";

/**
 * What a client should know although nothing has failed, one sentence each with its advice;
 * `{name}` is filled from the warning's details.
 */
export const warnings = {
  unknown_parameter:
    "The query parameter '{name}' is not known here and does nothing: check its spelling.",
  unknown_member:
    "The message's member '{name}' is not known here and does nothing: check its spelling.",
  value_clamped: "{name} was out of range and has been set to {value}.",
  voice_fallback:
    "A voice '{voiceId}' was not found: the fallback voice '{fallback}' speaks instead.",
  settings_ignored:
    "{settings} changes nothing in how the voice '{voice}' sounds, which heeds {heeded}: leave it out, or choose a voice whose labels.settings name it.",
  language_unsupported:
    "The voice speaks {voiceLanguage}; the language '{language}' was asked for and is not spoken: choose a voice of that language.",
  dictionary_not_found:
    "The pronunciation dictionary '{dictionaryId}' was not found, so its rules do not apply: list them with GET /v1/pronunciation-dictionaries.",
  markup_broken:
    "Markup was broken in {count} places ({faults}) and spoken as text there: see docs/markup.md.",
  empty_flush: "There was nothing to flush: no text had come since the last flush.",
  auto_flushed:
    "Text was spoken because max_buffer_delay_ms was over: send a flush where a sentence ends.",
  text_after_close:
    "Text came for a context that is being closed: it is spoken as a new context after the final frame of the old one.",
  idle_soon:
    "No message came for {silentSeconds} seconds: at {limitSeconds} this is closed. Send a keep-alive if it is still wanted.",
} as const;

export type WarningCode = keyof typeof warnings;

/** One occurrence of a row of the table. Its details never hold text, audio or keys. */
export interface Warning {
  readonly code: WarningCode;
  readonly details: Readonly<Record<string, string | number>>;
}

/** The sentence of a warning with its details filled in. */
export function describeWarning({ code, details }: Warning): string {
  return fill(warnings[code], details);
}
