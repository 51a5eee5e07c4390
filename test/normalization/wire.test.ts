import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createToneEngine } from "../../src/engine/tone.ts";
import { startServer, type TestServer, testKey } from "../support/server.ts";

// This voice reads by itself, so only "on" changes what it is given.
const rows = [
  [undefined, "Mr. 42"],
  ["auto", "Mr. 42"],
  ["on", "mister forty two"],
  ["off", "Mr. 42"],
] as const;
const text = "Mr. 42";

let server: TestServer;
let speech: string;
beforeAll(async () => {
  server = await startServer({ engines: [createToneEngine({ msPerChar: 1 })] });
  speech = `/v1/text-to-speech/${server.server.voices[0]?.id}`;
});
afterAll(() => server.close());

const headers = { "xi-api-key": testKey, "content-type": "application/json" };

describe.each(rows)("apply_text_normalization %s", (value, spoken) => {
  it("is heeded over HTTP, and when the turn is heard again", async () => {
    const response = await fetch(`${server.url}${speech}/with-timestamps`, {
      method: "POST",
      headers,
      body: JSON.stringify({ text, apply_text_normalization: value }),
    });
    const answer = (await response.json()) as Answer;
    expect(answer.normalized_alignment.characters.join("").trim()).toBe(spoken);
    expect(answer.alignment.characters.join("").trim()).toBe(text);
    const again = await fetch(
      `${server.url}/v1/history/${response.headers.get("history-item-id")}/audio`,
      { headers },
    );
    const bytes = Buffer.from(await again.arrayBuffer());
    expect(bytes.equals(Buffer.from(answer.audio_base64, "base64"))).toBe(true);
  });

  it.each(["stream-input", "multi-stream-input"])("is heeded on %s", async (kind) => {
    const query = value === undefined ? "" : `?apply_text_normalization=${value}`;
    const socket = new WebSocket(`${server.wsUrl}${speech}/${kind}${query}`, { headers });
    const heard: string[] = [];
    socket.on("open", () => {
      socket.send(JSON.stringify({ text: `${text} `, flush: true }));
      socket.send(JSON.stringify(kind === "stream-input" ? { text: "" } : { close_socket: true }));
    });
    socket.on("message", (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame;
      heard.push(...(frame.normalizedAlignment?.chars ?? []));
    });
    await new Promise((resolve) => socket.on("close", resolve));
    expect(heard.join("").trim()).toBe(spoken);
  });
});

interface Answer {
  readonly audio_base64: string;
  readonly alignment: { readonly characters: readonly string[] };
  readonly normalized_alignment: { readonly characters: readonly string[] };
}

interface Frame {
  readonly normalizedAlignment?: { readonly chars: readonly string[] } | null;
}
