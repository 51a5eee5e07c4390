import { describe, expect, it } from "vitest";
import { multiPath, useToneServer } from "../conformance/bench.ts";
import { testKey } from "../support/server.ts";

describe("a socket without a credential", () => {
  const bench = useToneServer({ auth: "on" });
  const { clock } = bench;
  const paths = ["/v1/text-to-speech/tone/stream-input", multiPath()];

  it.each(paths)("may be silent no longer than any other: %s", async (path) => {
    const client = await bench.open({ path });
    clock.advance(19_999);
    await client.settled();
    expect(client.frames).toEqual([]);
    clock.advance(1);
    expect((await client.closed).code).toBe(1008);
    expect(client.frames).toMatchObject([{ error: "input_timeout_exceeded" }]);
  });

  it.each(paths)("is not kept open by pings, though it asks for it: %s", async (path) => {
    const query = "inactivity_timeout=5&ext=1&ping_keeps_alive=true";
    const client = await bench.open({ path, query });
    for (let second = 0; second < 4; second += 1) {
      await client.settled();
      clock.advance(1000);
    }
    await client.settled();
    clock.advance(1000);
    expect((await client.closed).code).toBe(1008);
    // It is told of nothing else: neither who speaks, nor what the server can do.
    expect(client.frames.map(({ type, error }) => error ?? type)).not.toContain("ready");
  });

  it("is not kept open by a message that never ends", async () => {
    const client = await bench.open({ query: "inactivity_timeout=5" });
    for (let second = 0; second < 5; second += 1) {
      client.socket.send('{"text":"', { fin: false });
      await client.settled();
      clock.advance(1000);
    }
    expect((await client.closed).code).toBe(1008);
    expect(client.frames).toMatchObject([{ error: "input_timeout_exceeded" }]);
  });

  it("is told what it asked to know when it has shown one", async () => {
    const client = await bench.open({ query: "ext=1" });
    await client.settled();
    expect(client.frames).toEqual([]);
    client.send({ text: " ", xi_api_key: testKey });
    expect(await client.frame(({ type }) => type === "ready")).toHaveProperty("voice.slug", "tone");
  });

  it("is kept open by pings when it has shown one", async () => {
    const query = "inactivity_timeout=5&ext=1&ping_keeps_alive=true";
    const client = await bench.open({ query, headers: { "xi-api-key": testKey } });
    for (let second = 0; second < 12; second += 1) {
      await client.settled();
      clock.advance(1000);
    }
    await client.settled();
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });
});
