import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WavesFrame } from "../../support/waves.ts";
import { type BuiltServer, startBuiltServer } from "../../cli/built.ts";
import {
  type HeardFrame,
  playWaves,
  type WavesConversation,
  wavesConversations,
} from "./waves-conversation.ts";

// Clients of Waves that are not on npm: their side of a conversation is on file, and what comes
// back is read as they read it.

let server: BuiltServer;

beforeAll(async () => {
  server = await startBuiltServer();
});
afterAll(() => server?.close());

/** The frames up to each `complete`, with it. */
function turnsOf(heard: readonly HeardFrame[]): WavesFrame[][] {
  const turns: WavesFrame[][] = [];
  let isOver = true;
  for (const { frame } of heard) {
    if (isOver) turns.push([]);
    turns.at(-1)?.push(frame);
    isOver = frame.status === "complete";
  }
  return turns;
}

/** What the client would have raised, or stumbled over. */
function complaintsOf(heard: readonly HeardFrame[]): string[] {
  return heard.flatMap(({ frame: { status, data, message, request_id, done } }) => {
    if (status === "error") return [`raised: ${message}`];
    // Python's `data.get("data", {}).get("audio")` fails on null.
    if (data === null) return ["data is null"];
    if (request_id === undefined) return ["no request_id"];
    if (status === "chunk") return data?.audio ? [] : ["a chunk without audio"];
    if (status === "complete") return done && data === undefined ? [] : ["a broken complete"];
    if (status !== "word_timestamp") return [`unknown status ${status}`];
    return data?.word !== undefined && (data.start ?? 1) <= (data.end ?? 0)
      ? []
      : ["a broken word"];
  });
}

const rateOf = ({ steps }: WavesConversation): number =>
  steps
    .flatMap((step) => ("send" in step ? [Number(step.send["sample_rate"] ?? 0)] : []))
    .find(Boolean) ?? 0;

const wantsWords = ({ steps }: WavesConversation): boolean =>
  steps.some((step) => "send" in step && step.send["word_timestamps"] === true);

describe.each([...wavesConversations])("%s", (_name, conversation) => {
  it("is spoken whole, ends once per turn and leaves its client content", async () => {
    const heard = await playWaves(conversation, server);
    expect(complaintsOf(heard)).toEqual([]);
    const turns = turnsOf(heard);
    expect(turns).toHaveLength(conversation.turns.length);
    for (const [index, text] of conversation.turns.entries()) {
      const frames = turns[index] ?? [];
      expect(frames.at(-1)?.status).toBe("complete");
      const bytes = frames.reduce(
        (sum, { data }) => sum + Buffer.byteLength(data?.audio ?? "", "base64"),
        0,
      );
      // Even a voice in a hurry needs 25 ms for a character.
      expect(bytes).toBeGreaterThanOrEqual(text.length * 0.025 * 2 * rateOf(conversation));
      const words = frames.flatMap(({ data }) => data?.word ?? []);
      expect(words).toEqual(wantsWords(conversation) ? text.split(" ") : []);
    }
  });
});

it("LiveKit never waits 600 ms for a frame of a continuation", async () => {
  const conversation = wavesConversations.get("livekit-continuations");
  if (!conversation) throw new Error("the conversation is missing");
  const heard = await playWaves(conversation, server);
  const gaps = heard.slice(1).map(({ atMs }, index) => atMs - (heard[index]?.atMs ?? atMs));
  expect(Math.max(...gaps)).toBeLessThan(600);
});
