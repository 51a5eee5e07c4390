export type { Alignment, AlignmentSlice, CharacterSlice, CharacterTimings } from "./alignment.ts";
export type { AudioContainer, AudioEncoding, AudioFormat } from "./audio-format.ts";
export {
  describe,
  type ErrorCode,
  type Problem,
  type ProblemRow,
  problemRow,
  problems,
  SpeechError,
} from "./problems.ts";
export type { AudioEvent, Command, ContextId, Credential, Event, SessionPlan } from "./speech.ts";
export type { DictionaryLocator, PhoneticAlphabet, PronunciationRule } from "./pronunciation.ts";
export type { Retention, TurnRecord } from "./records.ts";
export type {
  Dictionary,
  DictionaryPage,
  DictionaryQuery,
  DictionaryStore,
  DictionaryVersion,
  HistoryPage,
  HistoryQuery,
  HistoryStore,
  ResolvedDictionaries,
  Stores,
  Usage,
  UsageEntry,
  UsageQuery,
  UsageSeries,
  UsageStore,
  VoiceSettingsStore,
} from "./stores.ts";
export {
  type Catalogue,
  type Model,
  neutralSettings,
  type Voice,
  type VoiceSettings,
} from "./voice.ts";
