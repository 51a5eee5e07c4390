import type { AudioFormat } from "./audio-format.ts";
import type { Markup } from "./markup.ts";
import type { TextNormalization } from "./normalization.ts";
import type { DictionaryLocator } from "./pronunciation.ts";
import type { Model, Voice, VoiceSettings } from "./voice.ts";

/** What was spoken for a client: one per HTTP request, and one per context of a socket. */
export interface TurnRecord {
  /** 20 letters and digits; in the order of their characters, ids are in the order of time. */
  readonly id: string;
  readonly requestId: string;
  /** Of the key that it was charged to; empty where nobody needs one. */
  readonly keyId: string;
  readonly source: "TTS";
  readonly voiceId: string;
  readonly voiceName: string;
  readonly modelId: string;
  /** As the client sent it, all messages joined. */
  readonly text: string;
  readonly markup: Markup;
  readonly normalization: TextNormalization;
  /** Unicode code points that were charged for. */
  readonly characters: number;
  /** What they cost with this model. */
  readonly cost: number;
  readonly settings: VoiceSettings;
  /** The versions that were used: each has its `versionId`. */
  readonly dictionaries: readonly DictionaryLocator[];
  readonly startedAtUnix: number;
  readonly audioMs: number;
  /** The form of the sound that is kept of it; undefined if none is. */
  readonly audioFormat: AudioFormat | undefined;
}

/**
 * What is kept of a turn: all of it; how much it was but not what; the same, and not even for a
 * moment in a cache, because its client asks so; or nothing, as of speech that only repeats an
 * earlier turn.
 */
export type Retention = "history" | "usage" | "private" | "none";

/** What a turn's record is made of. */
export interface TurnFacts {
  readonly id: string;
  readonly requestId: string;
  readonly keyId: string;
  readonly voice: Voice;
  readonly model: Model;
  readonly settings: VoiceSettings;
  readonly markup: Markup;
  readonly normalization: TextNormalization;
  readonly dictionaries: readonly DictionaryLocator[];
  readonly text: string;
  /** What was charged for it. */
  readonly characters: number;
  readonly cost: number;
  readonly startedAtUnix: number;
  readonly audioMs: number;
  readonly audioFormat: AudioFormat | undefined;
}

/** The record of a turn. */
export function createTurnRecord(facts: TurnFacts): TurnRecord {
  const { voice, model, ...rest } = facts;
  return { ...rest, source: "TTS", voiceId: voice.id, voiceName: voice.name, modelId: model.id };
}

/** Unicode code points. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** What so many characters cost with a model, rounded up. */
export function costOf(characters: number, model: Model): number {
  return Math.ceil(characters * model.costPerChar);
}

/** Which records are deleted. */
export interface RecordLimits {
  /** Those that began before this. */
  readonly beforeUnix: number;
  /** The oldest ones, while all take more room. */
  readonly maxBytes: number;
}
