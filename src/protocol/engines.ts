import type { Voice } from "./voice.ts";

/** Another server that an engine speaks through, and how it is doing. */
export interface UpstreamStatus {
  readonly name: string;
  /** `down`: it is not asked for now; `trying`: the next utterance shows whether it is back. */
  readonly state: "up" | "trying" | "down";
  /** Failures in a row. */
  readonly failures: number;
  /** When it is asked again at the earliest, in ms from now; while it is `down`. */
  readonly retryInMs?: number;
}

/** One engine, for whoever wants to know how it is. */
export interface EngineStatus {
  readonly name: string;
  readonly voices: number;
  /** Whether audio comes while the rest of its utterance is still made. */
  readonly streams: boolean;
  /** Whether the same text gives the same audio every time. */
  readonly isDeterministic: boolean;
  /** Empty when all of it runs on this machine. */
  readonly upstreams: readonly UpstreamStatus[];
}

/** Why a voice that was put there cannot be used. */
export interface VoiceFault {
  /** The voice's folder, without a path. */
  readonly name: string;
  /** One sentence: what is wrong and what to do. */
  readonly reason: string;
}

/** What came of looking for voices again. */
export interface VoiceChanges {
  readonly added: readonly Voice[];
  readonly removed: readonly Voice[];
  readonly faults: readonly VoiceFault[];
}

/** The engines of a server. */
export interface EngineDirectory {
  status(): readonly EngineStatus[];
  /** Looks for voices that have come or gone. Who is being spoken to by one that went is not cut off. */
  refresh(): Promise<VoiceChanges>;
}
