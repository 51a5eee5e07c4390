import type { FileHandle } from "node:fs/promises";

/** A file does not hold what its name promises; the message says what it is instead. */
export class FormatError extends Error {}

/** Wire types of protobuf that are in use: https://protobuf.dev/programming-guides/encoding */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** One field of a message in a file; what it holds has not been read. */
export interface Field {
  readonly number: number;
  /** The value of a varint, and for all others where the content begins. */
  readonly value: number;
  /** Bytes of content, 0 for a varint. */
  readonly length: number;
}

/** A tag and a length, each of ten bytes at the most. */
const maxHeadBytes = 20;
const windowBytes = 64 * 1024;

/**
 * Reads protobuf messages where they lie in a file: of a model of a gigabyte only the heads of its
 * fields, and what is asked for.
 */
export class ProtobufFile {
  readonly #file: FileHandle;
  readonly sizeBytes: number;
  readonly #window: Buffer;
  #windowStart = 0;
  #windowLength = 0;

  constructor(file: FileHandle, sizeBytes: number) {
    this.#file = file;
    this.sizeBytes = sizeBytes;
    this.#window = Buffer.allocUnsafe(Math.min(windowBytes, Math.max(1, sizeBytes)));
  }

  /** The fields of a message in order; the whole file is one. @throws {FormatError} */
  async *fields(start = 0, end: number = this.sizeBytes): AsyncGenerator<Field, void, undefined> {
    let at = start;
    while (at < end) {
      await this.#cover(at, Math.min(maxHeadBytes, end - at));
      const tag = this.#varint(at, end);
      const number = Math.floor(tag.value / 8);
      const wireType = tag.value % 8;
      if (number === 0) throw new FormatError("is not made of fields");
      if (wireType === wire.varint) {
        const { value, end: next } = this.#varint(tag.end, end);
        yield { number, value, length: 0 };
        at = next;
        continue;
      }
      const content = this.#content(wireType, tag.end, end);
      if (content.value + content.length > end) throw new FormatError("is cut off");
      yield { number, ...content };
      at = content.value + content.length;
    }
  }

  /** What a field of bytes holds, as text. @throws {FormatError} for more than `maxBytes` */
  async text({ value, length }: Field, maxBytes = 1_000_000): Promise<string> {
    if (length > maxBytes) throw new FormatError("has a text that is too long");
    const bytes = Buffer.alloc(length);
    await this.#read(bytes, value);
    return bytes.toString("utf8");
  }

  #content(wireType: number, at: number, end: number): Omit<Field, "number"> {
    if (wireType === wire.bytes) {
      const length = this.#varint(at, end);
      return { value: length.end, length: length.value };
    }
    if (wireType === wire.fixed32) return { value: at, length: 4 };
    if (wireType === wire.fixed64) return { value: at, length: 8 };
    throw new FormatError("is not made of fields");
  }

  /** Sees to it that `length` bytes from `at` on are in the window. */
  async #cover(at: number, length: number): Promise<void> {
    const isInside =
      at >= this.#windowStart && at + length <= this.#windowStart + this.#windowLength;
    if (isInside) return;
    this.#windowStart = at;
    this.#windowLength = Math.min(this.#window.length, this.sizeBytes - at);
    await this.#read(this.#window.subarray(0, this.#windowLength), at);
  }

  async #read(into: Buffer, at: number): Promise<void> {
    const { bytesRead } = await this.#file.read(into, 0, into.length, at);
    if (bytesRead < into.length) throw new FormatError("is cut off");
  }

  /** Values above 2^53 lose their last digits: none of them is a length. */
  #varint(start: number, end: number): { readonly value: number; readonly end: number } {
    let value = 0;
    let scale = 1;
    for (let at = start; at < Math.min(end, start + 10); at += 1) {
      const byte = this.#window[at - this.#windowStart] ?? 0;
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return { value, end: at + 1 };
    }
    throw new FormatError(end - start < 10 ? "is cut off" : "is not made of fields");
  }
}

/** A field that holds a whole number from 0 to 2^53. */
export function numberField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8 + wire.varint), varint(value)]);
}

/** A field that holds a text, bytes or a message. */
export function bytesField(number: number, content: string | Uint8Array): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  return Buffer.concat([varint(number * 8 + wire.bytes), varint(bytes.length), bytes]);
}

/** A message as a field. */
export function messageField(number: number, fields: readonly Uint8Array[]): Buffer {
  return bytesField(number, Buffer.concat(fields));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}
