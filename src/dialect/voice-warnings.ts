import type { Catalogue, Voice } from "../protocol/voice.ts";
import type { Warning } from "../protocol/warnings.ts";
import { shorten } from "./short-text.ts";

/** The voice that a client asks for. */
export interface AskedVoice {
  readonly voiceId: string;
  readonly language: string | undefined;
}

/** What is other with `voice` than its client has asked for. */
export function voiceWarnings(
  voice: Voice,
  { voiceId, language }: AskedVoice,
  catalogue: Pick<Catalogue, "findVoice">,
): Warning[] {
  const warnings: Warning[] = [];
  if (!catalogue.findVoice(voiceId)) {
    const details = { voiceId: shorten(voiceId), fallback: voice.slug };
    warnings.push({ code: "voice_fallback", details });
  }
  if (language && !voice.language.toLowerCase().startsWith(language.toLowerCase())) {
    const details = { voiceLanguage: voice.language, language: shorten(language) };
    warnings.push({ code: "language_unsupported", details });
  }
  return warnings;
}
