import { expect, it } from "vitest";
import type { ConnectionRecord, MessagePart, StoryEvent } from "../protocol/connections.ts";
import { explain } from "./explanation.ts";

const event = (
  atMs: number,
  type: StoryEvent["type"],
  changes: Partial<StoryEvent> = {},
): StoryEvent => ({
  atMs,
  type,
  context: undefined,
  word: undefined,
  parts: [],
  values: {},
  ...changes,
});
const message = (atMs: number, ...parts: MessagePart[]): StoryEvent =>
  event(atMs, "received", { parts, values: { sizeBytes: 11 } });

const evidenceOf = (...events: StoryEvent[]): readonly string[] =>
  explain({
    method: "GET",
    transport: "socket",
    url: "/",
    credential: "key",
    userAgent: "",
    durationMs: 9000,
    endedBy: "server",
    closeReason: "",
    cause: { id: "end_marker", details: {} },
    events,
  } as unknown as ConnectionRecord).evidence;

const late = /s after its last text, when nothing was left to be spoken/;

it("an end marker long after all was spoken may have been a keep-alive", () => {
  const spoken = [message(0, "text", "flush"), event(50, "utterance"), event(90, "sent")];
  const final = event(8001, "sent", { word: "final" });
  expect(evidenceOf(...spoken, message(8000, "end"), final)).toContainEqual(
    "8.000 s that was 8.000 s after its last text, when nothing was left to be spoken",
  );
  expect(evidenceOf(...spoken, message(900, "end"), final).join()).not.toMatch(late);
});

it("an end marker that has something spoken is one", () => {
  const waiting = [message(0, "text"), message(8000, "end")];
  expect(evidenceOf(...waiting, event(8001, "utterance")).join()).not.toMatch(late);
  const sent = event(8001, "sent", { word: "audio" });
  expect(evidenceOf(...waiting, sent).join()).not.toMatch(late);
});

it("of a message that was not received nobody knows the size", () => {
  const big = event(0, "received", { parts: ["unreadable"], values: { sizeBytes: 0 } });
  expect(evidenceOf(big)).toContainEqual(
    "0.000 s the client's last message: unreadable (of unknown size)",
  );
});
