/** Gives memory that a frame may be written into. */
export type Allocate = (sizeBytes: number) => Uint8Array;

/**
 * A frame of JSON with base64 audio in it. What comes before and after is joined around the
 * base64, which needs no escaping: stringifying audio costs ten times as much. It is built as
 * bytes because the socket would copy a text once more.
 */
export function frameAround(
  head: string,
  audioBytes: Uint8Array,
  tail: string,
  allocate: Allocate,
): Uint8Array {
  const { buffer: source, byteOffset: offset, length: size } = audioBytes;
  const audio = Buffer.from(source, offset, size).toString("base64");
  const headBytes = Buffer.byteLength(head);
  const audioEnd = headBytes + audio.length;
  const { buffer, byteOffset, length } = allocate(audioEnd + Buffer.byteLength(tail));
  const frame = Buffer.from(buffer, byteOffset, length);
  frame.write(head, 0, "utf8");
  frame.write(audio, headBytes, "latin1");
  frame.write(tail, audioEnd, "utf8");
  return frame;
}
