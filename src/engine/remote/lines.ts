import { UpstreamFailure } from "./upstream-failure.ts";

/** A minute of the fastest PCM in base64 fits in a line. */
const maxLineBytes = 8 * 1024 * 1024;

/**
 * The lines of a body, without their ends; empty ones are left out.
 * @throws {UpstreamFailure} bad_answer when one is too long
 */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let length = 0;
  for await (const bytes of body) {
    const [rest = "", ...others] = decoder.decode(bytes, { stream: true }).split("\n");
    parts.push(rest);
    length += rest.length;
    for (const next of others) {
      const line = parts.join("").trim();
      if (line !== "") yield line;
      parts = [next];
      length = next.length;
    }
    if (length > maxLineBytes) throw new UpstreamFailure("bad_answer");
  }
  const last = parts.join("").trim();
  if (last !== "") yield last;
}
