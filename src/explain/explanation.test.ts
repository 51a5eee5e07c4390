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
  const begun = [message(0, "text", "flush"), event(40, "speaking"), event(50, "utterance")];
  const spoken = [...begun, event(90, "sent", { word: "audio" }), event(100, "paused")];
  // What the encoder still held.
  const final = event(8001, "sent", { word: "audio" });
  expect(evidenceOf(...spoken, message(8000, "end"), final)).toContainEqual(
    "8.000 s that was 8.000 s after its last text, when nothing was left to be spoken",
  );
  expect(evidenceOf(...spoken, message(900, "end"), final).join()).not.toMatch(late);
});

it("an end marker that has something spoken is one", () => {
  const waiting = [message(0, "text"), message(8000, "end")];
  expect(evidenceOf(...waiting, event(8001, "utterance")).join()).not.toMatch(late);
  const speaking = [message(0, "text"), event(5, "speaking"), event(9, "utterance")];
  expect(evidenceOf(...speaking, message(8000, "end")).join()).not.toMatch(late);
});

it("neither shows a key that stood in the wrong place nor moves a terminal's cursor", () => {
  const sentenceOf = (voiceId: string): string =>
    explain({
      method: "GET",
      events: [],
      cause: { id: "voice_not_found", details: { voiceId } },
    } as unknown as ConnectionRecord).sentence;
  expect(sentenceOf("sk_0123456789abcdef")).not.toContain("0123");
  expect(sentenceOf("x\u001b[2J\nforged")).not.toMatch(/\p{Cc}/u);
  expect(sentenceOf("flite-nobody")).toContain("flite-nobody");
});

it("of a message that was not received nobody knows the size", () => {
  const big = event(0, "received", { parts: ["unreadable"], values: { sizeBytes: 0 } });
  expect(evidenceOf(big)).toContainEqual(
    "0.000 s the client's last message: unreadable (of unknown size)",
  );
});
