import type { UpstreamManifest } from "../voice-folders.ts";
import type { Pcm } from "../synthesizer.ts";
import type { VoiceSettings } from "../../protocol/voice.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import type { PlainText } from "./plain-text.ts";
import type { VoicePace } from "./voice-pace.ts";

/** What another server is asked to speak. */
export interface SpeechRequest {
  readonly plain: PlainText;
  /** Servers have speeds of their own, and hardly any keeps to them: it is not asked for. */
  readonly settings: Omit<VoiceSettings, "speed">;
  readonly manifest: UpstreamManifest;
  /** The rate its audio is to be given at. */
  readonly sampleRateHz: number;
  /** For servers that do not say when words are heard. */
  readonly pace: VoicePace;
}

/** Another server, by the protocol that it speaks. */
export interface UpstreamClient {
  /** Asks once. Fails with an {@link UpstreamFailure} or the reason of the abort. */
  speak(request: SpeechRequest, signal: AbortSignal): AsyncIterable<Pcm>;
  close(): void;
}

/** The longest that a character may take, and what may come besides. */
const longest = { msPerChar: 1000, besidesMs: 15_000 } as const;

/**
 * Checks that what came may be the speech of a text: who sends without end is cut off.
 * @throws {UpstreamFailure} too_much_audio
 */
export function checkLength(samples: number, sampleRateHz: number, { plain }: SpeechRequest): void {
  const mostMs = longest.besidesMs + plain.text.length * longest.msPerChar;
  if (durationMs(samples, sampleRateHz) > mostMs) throw new UpstreamFailure("too_much_audio");
}

/** What may be told of a character: a figure is some words, and each of their letters may come alone. */
const most = { perChar: 64, besides: 1024 } as const;

/**
 * Checks that so much may be told of a text, in characters and portions: who tells without end is
 * cut off.
 * @throws {UpstreamFailure} bad_answer
 */
export function checkTold(count: number, { plain }: SpeechRequest): void {
  if (count > most.besides + plain.text.length * most.perChar) {
    throw new UpstreamFailure("bad_answer");
  }
}

/** How long so many samples are heard. */
export const durationMs = (samples: number, sampleRateHz: number): number =>
  (samples * 1000) / sampleRateHz;
