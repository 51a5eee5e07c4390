import { describe, expect, it } from "vitest";
import { finalFrom, sounding, toneBytes, useToneServer } from "../conformance/bench.ts";
import { courseOf, hello, openExtended, toneMs, typed } from "./sockets.ts";

const bench = useToneServer();
const { clock, tone } = bench;

describe("turns that do not end well", () => {
  it("say failed, after the error", async () => {
    const client = await openExtended(bench, "multi-stream-input");
    tone.failWith(new Error("The tone has gone flat"));
    client.send({ text: hello, context_id: "a", flush: true });
    await finalFrom(client, "a");
    expect(courseOf(client.frames)).toEqual(["ready", "error", "turn_end", "final"]);
    expect(typed(client, "turn_end")[0]).toMatchObject({ reason: "failed", contextId: "a" });
    expect(client.frames[1]?.ext).toMatchObject({ code: "internal_error", retryable: true });
  });

  it("say idle_timeout, with what was never spoken", async () => {
    const client = await openExtended(bench, "multi-stream-input");
    client.send({ text: hello, context_id: "a" });
    await client.settled();
    clock.advance(15_000);
    client.send({ text: "" });
    await client.settled();
    clock.advance(5000);
    await finalFrom(client, "a");
    expect(courseOf(client.frames)).toEqual(["ready", "warning", "turn_end", "final"]);
    expect(typed(client, "turn_end")[0]).toMatchObject({ reason: "idle_timeout", audio_ms: 0 });
  });

  it("say failed for a context too many", async () => {
    const client = await openExtended(bench, "multi-stream-input");
    for (const id of ["a", "b", "c", "d", "e", "f"]) client.send({ text: hello, context_id: id });
    await finalFrom(client, "f");
    expect(courseOf(client.frames)).toEqual(["ready", "error", "turn_end", "final"]);
    expect(typed(client, "turn_end")[0]).toMatchObject({ reason: "failed", characters: 0 });
  });

  it("are counted in session_end when the socket ends before them", async () => {
    const client = await openExtended(bench, "stream-input");
    client.send({ text: hello, flush: true });
    await sounding(client, toneBytes(hello));
    await client.settled();
    clock.advance(20_000);
    expect((await client.closed).code).toBe(1008);
    expect(client.frames.at(-1)).toMatchObject({
      type: "session_end",
      reason: "input_timeout",
      turns: 1,
      characters: hello.length,
      audio_ms: toneMs(hello),
    });
  });

  it("still have their turn_end when the socket ends before them", async () => {
    const client = await openExtended(bench, "multi-stream-input");
    client.send({ text: hello, context_id: "a", flush: true });
    await sounding(client, toneBytes(hello));
    client.send("{");
    expect((await client.closed).code).toBe(1008);
    expect(typed(client, "turn_end")).toMatchObject([{ contextId: "a", audio_ms: toneMs(hello) }]);
  });
});
