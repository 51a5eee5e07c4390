export type { Alignment, AlignmentSlice, CharacterSlice, CharacterTimings } from "./alignment.ts";
export type { AudioContainer, AudioEncoding, AudioFormat } from "./audio-format.ts";
export {
  type Cause,
  type CauseId,
  causeIds,
  type CauseKind,
  type CauseRow,
  causeRow,
  type EndingId,
  type EndingRow,
  endings,
} from "./causes.ts";
export type {
  ConnectionCounts,
  ConnectionPage,
  ConnectionQuery,
  ConnectionRecord,
  ConnectionStore,
  ConnectionSummary,
  MessagePart,
  RunningTimer,
  StoryEvent,
  StoryEventType,
  TimerFiring,
  TimerName,
  TimerReset,
} from "./connections.ts";
export type {
  ConnectionEnd,
  ConnectionObserver,
  ConnectionSubject,
  ContextObserver,
  ContextOutcome,
  ContextSubject,
  LiveConnection,
  Observer,
  RefusalSubject,
  RequestSubject,
  UtteranceObserver,
  UtteranceSubject,
} from "./observer.ts";
export type { TextNormalization } from "./normalization.ts";
export {
  describe,
  type ErrorCode,
  type Problem,
  type ProblemRow,
  problemRow,
  problems,
  SpeechError,
} from "./problems.ts";
export {
  type AskedEvent,
  type AudioEvent,
  type BasicEvent,
  type Boundary,
  type BoundaryKind,
  type Command,
  type Configuration,
  type ContextId,
  type Credential,
  defaultContext,
  type DetailEvent,
  type Details,
  type Event,
  type SessionPlan,
  type SessionRules,
  type SessionTotals,
  type TurnOutcome,
  type TurnSummary,
} from "./speech.ts";
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
export { describeWarning, type Warning, type WarningCode, warnings } from "./warnings.ts";
