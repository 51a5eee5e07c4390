import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltServer, startBuiltServer } from "../../cli/built.ts";
import {
  type Conversation,
  conversations,
  type NamedFrame,
  play,
  type Played,
} from "./conversation.ts";
import { readBolna } from "./readers/bolna.ts";
import type { Reader } from "./readers/heard.ts";
import { readLiveKitPython } from "./readers/livekit-python.ts";
import { readMultiSample, readPythonSdk, readStreamInputSample } from "./readers/official.ts";
import { readPipecat } from "./readers/pipecat.ts";
import { readTen } from "./readers/ten.ts";
import { readVocode } from "./readers/vocode.ts";

// Clients that are not on npm, or not for Node: their side of a conversation is on file, and what
// comes back is read as they read it.

const readers: Readonly<Record<string, Reader>> = {
  bolna: readBolna,
  "elevenlabs-python": readPythonSdk,
  "livekit-python": readLiveKitPython,
  "official-multi": readMultiSample,
  "official-stream-input": readStreamInputSample,
  pipecat: readPipecat,
  ten: readTen,
  vocode: readVocode,
  "vocode-silent": readVocode,
};

let server: BuiltServer;

beforeAll(async () => {
  server = await startBuiltServer();
});
afterAll(() => server?.close());

it("every conversation on file has a reader", () => {
  expect([...conversations.keys()].toSorted()).toEqual(Object.keys(readers).toSorted());
});

describe.each(Object.entries(readers))("%s", (name, read) => {
  it("is spoken whole, ends once and leaves its client content", async () => {
    const { spoken, closed } = conversationOf(name);
    const played = await play(conversationOf(name), server);
    const { contexts, complaints } = read(played.raw, played.closed);
    expect(complaints).toEqual([]);
    expect(Object.keys(contexts).toSorted()).toEqual(Object.keys(spoken).toSorted());
    for (const [context, text] of Object.entries(spoken)) {
      const heard = contexts[context];
      expect(plain(spelled(played, context))).toBe(text);
      expect(plain(heard?.text ?? text)).toBe(text);
      expect(heard?.endings).toBe(1);
      // Even a voice in a hurry needs 25 ms for a character, and mu-law 8 bytes for 1 ms.
      expect(heard?.audioBytes).toBeGreaterThanOrEqual(text.length * 25 * 8);
    }
    expect(played.upgradeHeaders["x-trace-id"]).toMatch(/^[0-9a-f]{32}$/);
    if (closed) expect(played.closed).toEqual(closed);
  });
});

it("Pipecat's clock, which adds times up, and LiveKit's, which does not, agree", async () => {
  // Both speak this turn with the same voice, sentence by sentence.
  const clocks = ["pipecat", "livekit-python"].map(async (name) => {
    const { raw, closed } = await play(conversationOf(name), server);
    const words = readers[name]?.(raw, closed).contexts["turn"]?.words ?? [];
    return words.map(({ startMs }) => startMs);
  });
  const [pipecat = [], livekit = []] = await Promise.all(clocks);
  expect(pipecat).toHaveLength(
    "Of course, I can do that. Your table for 2 is booked at seven.".split(" ").length,
  );
  expect(livekit).toHaveLength(pipecat.length);
  // Pipecat reads `alignment`, where an utterance's first letter takes in the silence before it.
  const apartMs = pipecat.map((startMs, index) => Math.abs(startMs - (livekit[index] ?? 0)));
  expect(Math.max(...apartMs)).toBeLessThanOrEqual(25);
});

function conversationOf(name: string): Conversation {
  const conversation = conversations.get(name);
  if (!conversation) throw new Error(`conversations/${name}.json is missing`);
  return conversation;
}

/** Text as a person compares it: how many spaces lie between two words is no one's business. */
const plain = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

/** What the server says it has spoken. */
function spelled({ raw }: Played, context: string): string {
  return raw
    .map((message) => JSON.parse(message) as NamedFrame)
    .filter(({ contextId }) => (contextId ?? "") === context)
    .flatMap(({ alignment }) => alignment?.chars ?? [])
    .join("");
}
