/** One final frame of a client (RFC 6455 section 5.2); the mask is all zeros, which is allowed. */
export function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const size = payload.length;
  const length = size < 126 ? [size | 0x80] : [126 | 0x80, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), payload]);
}

/** Messages as the bytes of text frames, one after another. */
export const textFrames = (...messages: object[]): Buffer =>
  Buffer.concat(messages.map((message) => maskedFrame(0x1, Buffer.from(JSON.stringify(message)))));
