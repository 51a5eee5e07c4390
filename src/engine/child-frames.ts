import type { CharacterTimings } from "../protocol/alignment.ts";
import type { WorkerAnswer } from "./pool-worker.ts";
import type { Pcm } from "./synthesizer.ts";

/**
 * How a pool and its child processes speak: frames of two lengths (32 bits each, least first), a
 * head in JSON and a body of bytes. Samples travel as they lie in memory: both ends are one machine.
 */
export interface Frame {
  readonly head: unknown;
  readonly body: Uint8Array;
}

/** What a child is told. `start` comes once and first. */
export type ChildOrder<Job> =
  | { readonly type: "start"; readonly own: unknown; readonly niceness: number }
  | { readonly type: "job"; readonly job: Job }
  | { readonly type: "cancel" };

/** Where a child finds its orders, and where it answers: its output belongs to native libraries. */
export const childPipes = { orders: 3, answers: 4 } as const;

const prefixBytes = 8;
/** Larger than any list of voices, and than the longest text as one piece, spoken slowly. */
const maxHeadBytes = 4 * 1024 * 1024;
const maxBodyBytes = 512 * 1024 * 1024;
const noBytes = new Uint8Array(0);

/** Bytes that are no frame; whoever sent them cannot be understood any more. */
export class BrokenFrameError extends Error {
  override readonly name = "BrokenFrameError";
}

/** @throws {BrokenFrameError} when it is too large */
export function encodeFrame(head: unknown, ...body: readonly ArrayBufferView[]): Buffer {
  const headBytes = Buffer.from(JSON.stringify(head));
  const parts = body.map(bytesOf);
  const bodyBytes = parts.reduce((sum, part) => sum + part.length, 0);
  checkLengths(headBytes.length, bodyBytes);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32LE(headBytes.length, 0);
  prefix.writeUInt32LE(bodyBytes, 4);
  return Buffer.concat([prefix, headBytes, ...parts]);
}

/** Reads frames out of bytes that come in any pieces. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;

  /** The frames that are whole now. @throws {BrokenFrameError} */
  read(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const frames: Frame[] = [];
    for (;;) {
      const wanted = this.#wantedBytes();
      if (this.#length < wanted) return frames;
      const bytes = this.#join();
      frames.push(frameOf(bytes.subarray(0, wanted)));
      this.#chunks = [bytes.subarray(wanted)];
      this.#length -= wanted;
    }
  }

  /** The length of the next frame, or of a prefix as long as that is not there. */
  #wantedBytes(): number {
    if (this.#length < prefixBytes) return prefixBytes;
    const [headBytes, bodyBytes] = lengthsOf(this.#join(prefixBytes));
    checkLengths(headBytes, bodyBytes);
    return prefixBytes + headBytes + bodyBytes;
  }

  /** Everything in one, unless the first chunk is long enough. */
  #join(enough: number = this.#length): Buffer {
    const [first] = this.#chunks;
    if (first && first.length >= enough) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}

/** What a child answers, as it travels. @throws {BrokenFrameError} when it is too large */
export function encodeAnswer(answer: WorkerAnswer<Pcm>): Buffer {
  if (!("piece" in answer) || !answer.piece) return encodeFrame(answer);
  const { samples, alignment, synthesisMs } = answer.piece;
  const { sampleRateHz, original, normalized } = alignment;
  const texts = [original.chars.join(""), normalized.chars.join("")];
  const head: PieceHead = { type: answer.type, texts, sampleRateHz, synthesisMs };
  return encodeFrame(head, original.endsAtSample, normalized.endsAtSample, samples);
}

/** @throws {BrokenFrameError} when it is no answer */
export function decodeAnswer({ head, body }: Frame): WorkerAnswer<Pcm> {
  const answer = head as WorkerAnswer<Pcm> | PieceHead;
  if ("texts" in answer) return { type: answer.type, piece: decodePiece(answer, body) };
  if (!answerTypes.has(answer.type)) throw new BrokenFrameError("an answer of no kind");
  return answer;
}

const answerTypes: ReadonlySet<string> = new Set(["ready", "piece", "done", "failed"]);

/** A piece without its numbers, which are the body: the ends of both texts, then the samples. */
interface PieceHead {
  readonly type: "piece" | "done";
  readonly texts: readonly string[];
  readonly sampleRateHz: number;
  readonly synthesisMs: number | undefined;
}

function decodePiece({ texts, sampleRateHz, synthesisMs }: PieceHead, body: Uint8Array): Pcm {
  let at = 0;
  const take = (bytes: number): ArrayBuffer => {
    if (at + bytes > body.length) throw new BrokenFrameError("a piece that is too short");
    // Memory of its own: whoever gets the samples may hand them on.
    const taken = new Uint8Array(body.subarray(at, at + bytes)).buffer;
    at += bytes;
    return taken;
  };
  const [original = noTimings, normalized = noTimings] = texts.map((text): CharacterTimings => {
    if (typeof text !== "string") throw new BrokenFrameError("a text that is none");
    const chars = Array.from(text);
    return { chars, endsAtSample: new Uint32Array(take(4 * chars.length)) };
  });
  const samples = new Int16Array(take(body.length - at));
  const piece = { samples, alignment: { sampleRateHz, original, normalized } };
  return synthesisMs === undefined ? piece : { ...piece, synthesisMs, isOfChild: true };
}

const noTimings: CharacterTimings = { chars: [], endsAtSample: new Uint32Array(0) };

function frameOf(bytes: Buffer): Frame {
  const bodyAt = prefixBytes + lengthsOf(bytes)[0];
  const json = bytes.toString("utf8", prefixBytes, bodyAt);
  const body = bodyAt < bytes.length ? bytes.subarray(bodyAt) : noBytes;
  try {
    const head: unknown = JSON.parse(json);
    if (typeof head === "object" && head !== null) return { head, body };
  } catch {
    // The parser's own words would quote what it read.
  }
  throw new BrokenFrameError("a head that is not JSON");
}

const lengthsOf = (bytes: Buffer): [headBytes: number, bodyBytes: number] => [
  bytes.readUInt32LE(0),
  bytes.readUInt32LE(4),
];

function checkLengths(headBytes: number, bodyBytes: number): void {
  if (headBytes > maxHeadBytes || bodyBytes > maxBodyBytes) {
    throw new BrokenFrameError("a frame that is too large");
  }
  if (headBytes === 0) throw new BrokenFrameError("a frame without a head");
}

const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
