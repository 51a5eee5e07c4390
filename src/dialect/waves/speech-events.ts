import { toProblem } from "../../protocol/problems.ts";
import type { AudioEvent } from "../../protocol/speech.ts";
import { formatSocketError } from "./errors.ts";

/** How the events of one answer look. */
export interface EventStyle {
  readonly requestId: string;
  /** Whether they also have the members that routes of older models are documented with. */
  readonly isOlder: boolean;
}

/**
 * Audio as server-sent events (HTML Living Standard, section 9.2), then the one that says it is all.
 * @throws {SpeechError} what went wrong before there was any audio; later it is told in an event
 */
export async function* encodeEvents(
  audio: AsyncIterable<AudioEvent>,
  { requestId, isOlder }: EventStyle,
): AsyncGenerator<string> {
  let hasBegun = false;
  try {
    for await (const { bytes } of audio) {
      hasBegun = true;
      const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
      yield isOlder
        ? formatEvent({
            request_id: requestId,
            status: "chunk",
            data: { audio: base64 },
            audio: base64,
            done: false,
          })
        : `event: audio\n${formatEvent({ audio: base64, done: false, status: "206" })}`;
    }
  } catch (error) {
    if (!hasBegun) throw error;
    yield formatEvent({ status: "error", ...formatSocketError(toProblem(error)), done: true });
    return;
  }
  yield formatEvent(
    isOlder
      ? { request_id: requestId, status: "complete", message: "All chunks sent", done: true }
      : { status: "200", done: true },
  );
}

const formatEvent = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
