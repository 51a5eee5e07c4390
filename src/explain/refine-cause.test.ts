import { expect, it } from "vitest";
import type { ConnectionRecord, MessagePart, StoryEvent } from "../protocol/connections.ts";
import { refineCause } from "./refine-cause.ts";

const message = (atMs: number, ...parts: MessagePart[]): StoryEvent => ({
  atMs,
  type: "received",
  context: undefined,
  word: undefined,
  parts,
  values: {},
});

it.each<[string, StoryEvent[], string]>([
  ["all was said", [message(0, "text"), message(10, "end")], "end_marker"],
  ["there was nothing to say", [message(0, "end")], "end_marker"],
  [
    "there was nothing to say after all",
    [message(0, "blank_text"), message(5, "end")],
    "end_marker",
  ],
  ["the first message had no text", [message(0, "end", "end_implied")], "no_text"],
  [
    "an empty text was to keep it open",
    [message(0, "blank_text", "settings"), message(15_000, "end")],
    "empty_text_as_keepalive",
  ],
  [
    "a ping is no message",
    [message(0, "blank_text"), message(14_999, "ping"), message(15_000, "end")],
    "empty_text_as_keepalive",
  ],
  [
    "more text came",
    [message(0, "text"), message(10, "end"), message(11, "late", "late_text")],
    "text_after_end",
  ],
  ["another end came", [message(0, "text"), message(10, "end"), message(11, "late")], "end_marker"],
  [
    "the socket was closed by name",
    [message(0, "text"), message(9, "close_socket", "end")],
    "close_socket",
  ],
])("when %s", (_what, events, cause) => {
  const record = {
    cause: { id: "end_marker", details: {} },
    events,
  } as unknown as ConnectionRecord;
  expect(refineCause(record).id).toBe(cause);
});

it("changes no other cause", () => {
  const cause = { id: "input_timeout", details: { seconds: 20 } } as const;
  const record = { cause, events: [message(0, "end")] } as unknown as ConnectionRecord;
  expect(refineCause(record)).toBe(cause);
});
