import type { Frame } from "../../../support/stream-input.ts";
import { contextOf, nothingHeard, type Reader, sizeOf } from "./heard.ts";

const maxMessageBytes = 2 ** 20;

/** The stream-input sample: isFinal is only looked at in a frame without audio. */
export const readStreamInputSample: Reader = (raw) => {
  const heard = nothingHeard();
  const stream = contextOf(heard, "");
  for (const message of raw) {
    if (message.length > maxMessageBytes) heard.complaints.push("message too big");
    const frame = JSON.parse(message) as Frame;
    if (frame.audio) stream.audioBytes += sizeOf(frame.audio);
    else if (frame.isFinal) {
      stream.endings += 1;
      break;
    }
  }
  return heard;
};

/** The Python SDK: audio until the socket closes; code 1000 and no `message`, or it raises. */
export const readPythonSdk: Reader = (raw, closed) => {
  const heard = nothingHeard();
  const stream = contextOf(heard, "");
  let last: object = {};
  for (const message of raw) {
    if (message.length > maxMessageBytes) heard.complaints.push("message too big");
    const frame = JSON.parse(message) as Frame;
    if (frame.audio) stream.audioBytes += sizeOf(frame.audio);
    last = frame;
  }
  stream.endings += 1;
  if ("message" in last) heard.complaints.push(`ApiError ${closed.code}`);
  else if (closed.code !== 1000) heard.complaints.push(`ApiError ${closed.code}: ${closed.reason}`);
  return heard;
};

interface MultiFrame extends Frame {
  readonly contextId?: string;
  readonly is_final?: boolean;
}

/** The multi-context sample: ids in camel case, the end in snake case. */
export const readMultiSample: Reader = (raw) => {
  const heard = nothingHeard();
  for (const message of raw) {
    const frame = JSON.parse(message) as MultiFrame;
    const context = contextOf(heard, frame.contextId ?? "");
    if (frame.audio) context.audioBytes += sizeOf(frame.audio);
    if (frame.is_final) context.endings += 1;
  }
  return heard;
};
