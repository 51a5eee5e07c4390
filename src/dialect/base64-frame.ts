import { base64Length, writeBase64 } from "../base64.ts";
import { JsonBytes } from "./json-bytes.ts";

/** Gives memory that a frame may be written into. */
export type Allocate = (sizeBytes: number) => Uint8Array;

const nothing = new Uint8Array();

/**
 * Builds frames of JSON with base64 audio in them, one after another. Base64 needs no escaping:
 * stringifying audio costs ten times as much. Frames are built as bytes because the socket would
 * copy a text once more.
 */
export class Base64Frame {
  /** What stands around the audio. */
  readonly json: JsonBytes = new JsonBytes();
  #audio: Uint8Array = nothing;
  #audioAt = 0;

  /** Puts audio behind what was written so far; its quotes are to be written too. */
  audio(bytes: Uint8Array): void {
    this.#audio = bytes;
    this.#audioAt = this.json.length;
  }

  /** The frame, in memory from `allocate`; the next one begins empty. */
  finish(allocate: Allocate): Uint8Array {
    const { json } = this;
    const audioAt = this.#audioAt;
    const base64Bytes = base64Length(this.#audio.length);
    const frame = allocate(json.length + base64Bytes);
    frame.set(json.slice(0, audioAt));
    writeBase64(this.#audio, frame, audioAt);
    frame.set(json.slice(audioAt), audioAt + base64Bytes);
    json.clear();
    this.#audio = nothing;
    this.#audioAt = 0;
    return frame;
  }
}
