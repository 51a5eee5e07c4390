import { describe, expect, it } from "vitest";
import { normalClose, toneBytes, useToneServer } from "../conformance/bench.ts";
import { testKey } from "../support/server.ts";
import { type OpenOptions, openStreamInput, Refused } from "../support/stream-input.ts";

const pcm = "output_format=pcm_16000";
const hello = "Hello there. ";
const greeting = [{ text: " " }, { text: hello }, { text: "" }] as const;

describe("upgrades with handshake errors as a status", () => {
  const bench = useToneServer({ auth: "on", handshakeErrors: "status" });
  const headers = { "xi-api-key": testKey };
  const refused = async (options: OpenOptions): Promise<Refused> => {
    const answer: unknown = await openStreamInput(bench.server.wsUrl, options).catch(
      (error: unknown) => error,
    );
    if (answer instanceof Refused) return answer;
    throw new Error("The upgrade was not refused");
  };

  it("refuses a bad key with 401 in place of 101", async () => {
    const { status, body } = await refused({ headers: { "xi-api-key": "sk_wrong" } });
    expect(status).toBe(401);
    expect(body).toMatchObject({ detail: { status: "invalid_api_key" } });
  });

  it("refuses an unknown voice with 404 in place of 101", async () => {
    const { status, body } = await refused({ headers, voice: "nobody" });
    expect(status).toBe(404);
    expect(body).toMatchObject({ detail: { status: "voice_not_found" } });
  });

  it("speaks with a good key, and still takes one with the first message", async () => {
    for (const [options, first] of [
      [{ headers }, {}],
      [{}, { xi_api_key: testKey }],
    ] as const) {
      const { closed, audio } = await bench.converse(
        [{ text: " ", ...first }, { text: hello }, { text: "" }],
        { query: pcm, ...options },
      );
      expect(closed).toEqual(normalClose);
      expect(audio).toHaveLength(toneBytes(hello));
    }
  });

  it("uses a single-use token once, not twice", async () => {
    const response = await fetch(`${bench.server.url}/v1/single-use-token/tts_websocket`, {
      method: "POST",
      headers,
    });
    const { token } = (await response.json()) as { token: string };
    const query = `${pcm}&single_use_token=${token}`;
    const { audio } = await bench.converse(greeting, { query });
    expect(audio).toHaveLength(toneBytes(hello));
    expect((await refused({ query })).status).toBe(401);
  });
});
