import { compareText } from "./coverage.ts";
import type { MeasureAudio } from "./decode.ts";
import type { Failure } from "./failure.ts";
import { play, type Underrun } from "./playback.ts";
import type { Recording } from "./stream-client.ts";
import { isOfTurn, readFrame, type ServerFrame } from "./wire.ts";

/** What came of one turn. Instants count from the start of the run. */
export interface TurnResult {
  readonly stream: number;
  readonly turn: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Absent when the turn was complete. */
  readonly failure?: Failure;
  /** Broken off because the run was. */
  readonly isInterrupted: boolean;
  /** Opening the socket; absent when it was open. */
  readonly connectMs?: number;
  /** From the first text sent to the first sound: arrival and leading silence together. */
  readonly firstAudioMs?: number;
  /** From the first text sent to the first audio frame. */
  readonly firstFrameMs?: number;
  readonly leadingSilenceMs?: number;
  /** The length of the audio that came. */
  readonly audioMs: number;
  /** From the first text sent to the last audio frame, as a share of the audio's length. */
  readonly rtf?: number;
  /** When a listener began to play, and when all was heard; absent without audio. */
  readonly playedFrom?: number;
  readonly playedTo?: number;
  readonly underruns: readonly Underrun[];
  readonly sentChars: number;
  /** Absent when the turn failed, or no frame had an alignment. */
  readonly lostChars?: number;
  readonly repeatedChars?: number;
  readonly frames: number;
  readonly receivedBytes: number;
}

/** Which turn of the run a recording is. */
export interface TurnPlace {
  readonly stream: number;
  readonly turn: number;
  /** The start of the run on the clock of the recording. */
  readonly originAt: number;
}

/** Reads and measures what was recorded of a turn. */
export async function measureTurn(
  recording: Recording,
  { stream, turn, originAt }: TurnPlace,
  measureAudio: MeasureAudio,
): Promise<TurnResult> {
  const frames = framesOf(recording);
  const arrivals: number[] = [];
  const pieces: Uint8Array[] = [];
  for (const { arrivedAt, frame } of frames) {
    if (!frame.audio) continue;
    arrivals.push(arrivedAt - originAt);
    pieces.push(Buffer.from(frame.audio, "base64"));
  }
  const { audioMs, leadingSilenceMs } = await measureAudio(pieces);
  const playback = play(
    arrivals.map((arrivedAt, index) => ({ arrivedAt, audioMs: audioMs[index] ?? 0 })),
  );
  const spoken = frames.flatMap(({ frame }) => frame.alignment?.chars ?? []);
  const failure = recording.failure ?? faultOf(recording, pieces, playback?.audioMs);
  const isComplete = failure === undefined && !recording.isInterrupted;
  const coverage = isComplete && spoken.length > 0 && compareText(recording.sentText, spoken);
  const textAt = (recording.firstTextAt ?? recording.startedAt) - originAt;
  const lastArrival = arrivals.at(-1);
  const firstFrameMs = playback && playback.startedAt - textAt;
  return {
    stream,
    turn,
    startedAt: recording.startedAt - originAt,
    endedAt: recording.endedAt - originAt,
    ...(failure && { failure }),
    isInterrupted: recording.isInterrupted,
    ...(recording.connectMs !== undefined && { connectMs: recording.connectMs }),
    ...(firstFrameMs !== undefined && { firstFrameMs }),
    ...(leadingSilenceMs !== undefined && { leadingSilenceMs }),
    ...(firstFrameMs !== undefined &&
      leadingSilenceMs !== undefined && { firstAudioMs: firstFrameMs + leadingSilenceMs }),
    audioMs: playback?.audioMs ?? 0,
    ...(playback &&
      lastArrival !== undefined && { rtf: (lastArrival - textAt) / playback.audioMs }),
    ...(playback && { playedFrom: playback.startedAt, playedTo: playback.endedAt }),
    underruns: playback?.underruns ?? [],
    sentChars: Array.from(recording.sentText).length,
    ...(coverage && { lostChars: coverage.lost, repeatedChars: coverage.repeated }),
    frames: pieces.length,
    receivedBytes: recording.frames.reduce((sum, { data }) => sum + data.length, 0),
  };
}

interface ReadFrame {
  readonly arrivedAt: number;
  readonly frame: ServerFrame;
}

/** The frames of this turn; on a socket of many, those of an earlier one may still have come. */
function framesOf({ frames, context }: Recording): ReadFrame[] {
  return frames.flatMap(({ arrivedAt, data }) => {
    const frame = readFrame(data);
    return frame && isOfTurn(frame, context) ? [{ arrivedAt, frame }] : [];
  });
}

/** What is wrong with a turn that ended as it should. */
function faultOf(
  { isInterrupted }: Recording,
  pieces: readonly Uint8Array[],
  audioMs: number | undefined,
): Failure | undefined {
  if (isInterrupted) return undefined;
  if (pieces.length === 0) return { kind: "no_audio" };
  return audioMs === undefined ? { kind: "unreadable_audio" } : undefined;
}
