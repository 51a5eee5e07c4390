import { JsonBytes } from "./json-bytes.ts";

/** Gives memory that a frame may be written into. */
export type Allocate = (sizeBytes: number) => Uint8Array;

const nothing = Buffer.alloc(0);

/**
 * Builds frames of JSON with base64 audio in them, one after another. Base64 needs no escaping:
 * stringifying audio costs ten times as much. Frames are built as bytes because the socket would
 * copy a text once more.
 */
export class Base64Frame {
  /** What stands around the audio. */
  readonly json: JsonBytes = new JsonBytes();
  #audio: Buffer = nothing;
  #audioAt = 0;

  /** Puts audio behind what was written so far; its quotes are to be written too. */
  audio({ buffer, byteOffset, length }: Uint8Array): void {
    this.#audio = Buffer.from(buffer, byteOffset, length);
    this.#audioAt = this.json.length;
  }

  /** The frame, in memory from `allocate`; the next one begins empty. */
  finish(allocate: Allocate): Uint8Array {
    const { json } = this;
    const base64 = this.#audio.toString("base64");
    const audioAt = this.#audioAt;
    const { buffer, byteOffset, length } = allocate(json.length + base64.length);
    const frame = Buffer.from(buffer, byteOffset, length);
    frame.set(json.slice(0, audioAt));
    frame.write(base64, audioAt, "latin1");
    frame.set(json.slice(audioAt), audioAt + base64.length);
    json.clear();
    this.#audio = nothing;
    this.#audioAt = 0;
    return frame;
  }
}
