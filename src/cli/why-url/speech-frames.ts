import { z } from "zod";
import { type Told, readTold } from "../../why/told-cause.ts";

/** What a message of a server says, whichever of the protocols it belongs to. */
export interface SpeechFrame {
  readonly sizeBytes: number;
  /** Names of its members, `[]` for a binary one; undefined where it is neither that nor a JSON object. */
  readonly members: readonly string[] | undefined;
  readonly isBinary: boolean;
  readonly audioBytes: number;
  /** Which alignments it brings. */
  readonly alignments: readonly string[];
  /** Whether all of the text that was sent is spoken. */
  readonly isFinal: boolean;
  /** Whether the server is ready for text, where it says so first. */
  readonly isReady: boolean;
  /** What went wrong. */
  readonly told: Told | undefined;
}

/** What has another type than it should counts as absent. */
const text = z.string().optional().catch(undefined);
const yes = z.literal(true).optional().catch(undefined);
const something = z.unknown().optional();
const frameSchema = z.looseObject({
  audio: text,
  isFinal: yes,
  is_final: yes,
  alignment: something,
  normalizedAlignment: something,
  message: text,
  error: something,
  status: text,
  data: z.looseObject({ audio: text, word: text }).optional().catch(undefined),
  event: text,
});
type WireFrame = z.infer<typeof frameSchema>;

/** The second of two says that text may come. */
const isReadyFrame = ({ event, ...members }: WireFrame): boolean =>
  event === "ready" && "sample_rate" in members;

const finalStatuses: readonly unknown[] = ["complete", "comp"];

const isFinalFrame = ({ isFinal, is_final, status, event }: WireFrame): boolean =>
  isFinal === true || is_final === true || finalStatuses.includes(status) || event === "turn_end";

/** A final frame of Waves has a message, too. */
const isErrorFrame = (frame: WireFrame): boolean =>
  frame.status === "error" ||
  frame.event === "error" ||
  (frame.error !== undefined && frame.error !== null) ||
  (frame.message !== undefined && !isFinalFrame(frame) && "code" in frame);

/** Bytes that base64 stands for. */
const decodedBytes = (base64: string): number =>
  Math.floor((base64.replace(/=+$/, "").length * 3) / 4);

function alignmentsOf({ alignment, normalizedAlignment, status }: WireFrame): readonly string[] {
  return [
    ...(alignment ? ["alignment"] : []),
    ...(normalizedAlignment ? ["normalizedAlignment"] : []),
    ...(status === "word_timestamp" ? ["word_timestamp"] : []),
  ];
}

const nothing = {
  audioBytes: 0,
  alignments: [],
  isFinal: false,
  isReady: false,
  told: undefined,
} as const;

/** Reads any message; one that is no frame of a speech protocol has no `members`. */
export function readSpeechFrame(data: string | Uint8Array): SpeechFrame {
  if (typeof data !== "string") {
    const { length: sizeBytes } = data;
    return { ...nothing, sizeBytes, members: [], isBinary: true, audioBytes: sizeBytes };
  }
  const sizeBytes = Buffer.byteLength(data);
  const json = parse(data);
  const frame = frameSchema.safeParse(json).data;
  if (!frame) return { ...nothing, sizeBytes, members: undefined, isBinary: false };
  const audio = frame.audio ?? frame.data?.audio ?? "";
  return {
    sizeBytes,
    members: Object.keys(json as object),
    isBinary: false,
    audioBytes: decodedBytes(audio),
    alignments: alignmentsOf(frame),
    isFinal: isFinalFrame(frame),
    isReady: isReadyFrame(frame),
    told: isErrorFrame(frame) ? readTold(frame) : undefined,
  };
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
