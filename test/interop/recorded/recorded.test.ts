import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltServer, startBuiltServer } from "../../cli/built.ts";
import { conversations, type NamedFrame, play, type Played } from "./conversation.ts";
import type { Reader } from "./readers/heard.ts";
import { readPythonSdk, readStreamInputSample } from "./readers/official.ts";
import { readTen } from "./readers/ten.ts";
import { readVocode } from "./readers/vocode.ts";

// Clients that are not on npm, or not for Node: their side of a conversation is on file, and what
// comes back is read as they read it.

const readers: Readonly<Record<string, Reader>> = {
  "elevenlabs-python": readPythonSdk,
  "official-stream-input": readStreamInputSample,
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
    const conversation = conversations.get(name);
    if (!conversation) throw new Error(`conversations/${name}.json is missing`);
    const { spoken, closed } = conversation;
    const played = await play(conversation, server);
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
