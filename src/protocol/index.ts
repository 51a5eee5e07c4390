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
export type { Catalogue, Model, Voice, VoiceSettings } from "./voice.ts";
