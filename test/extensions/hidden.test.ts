import { describe, expect, it } from "vitest";
import {
  finalFrom,
  finalOf,
  multiPath,
  named,
  profilePaths,
  toneBytes,
  useToneServer,
} from "../conformance/bench.ts";
import { again, hello, isFinalFrame, pathOf, pcm } from "./sockets.ts";

const bench = useToneServer();
const { clock } = bench;

describe("without ext=1", () => {
  const vendors = ["alignment", "audio", "isFinal", "normalizedAlignment"];
  const rows = [
    { what: "stream-input", base: profilePaths.kind, socket: "stream-input", keys: vendors },
    {
      what: "stream-input, observed",
      base: profilePaths.observed,
      socket: "stream-input",
      keys: vendors,
    },
    {
      what: "multi-stream-input",
      base: profilePaths.kind,
      socket: "multi-stream-input",
      keys: [...vendors, "contextId", "context_id", "is_final"],
    },
    {
      what: "multi-stream-input, observed",
      base: profilePaths.observed,
      socket: "multi-stream-input",
      keys: [...vendors, "contextId"],
    },
  ] as const;
  it.for(named("what", rows))(
    "has no frame and no member that the vendor does not have: %s",
    async ([, { base, socket, keys }]) => {
      const client = await bench.open({
        path: pathOf(socket, base),
        query: `${pcm}&segments=true&boundaries=word,sentence&audio_transport=binary&max_buffer_delay_ms=100&colour=red`,
      });
      const id = socket === "stream-input" ? {} : { context_id: "a" };
      client.send({ text: " ", ...id, unknown: 1 }, { text: hello, ...id, flush: true });
      client.send({ ...id, flush: true }, { type: "keep_alive", ...id }, { text: again, ...id });
      await client.settled();
      clock.advance(19_000);
      client.send(socket === "stream-input" ? { text: "" } : { ...id, close_context: true });
      await client.frame(isFinalFrame);
      await client.settled();
      const used = new Set(client.frames.flatMap((frame) => Object.keys(frame)));
      expect([...used].toSorted()).toEqual([...keys].toSorted());
      expect(client.binary).toEqual([]);
      expect(client.audio()).toHaveLength(toneBytes(hello) + toneBytes(again));
      expect(client.frames.filter(isFinalFrame)).toHaveLength(1);
    },
  );

  it("has final frames as ever", async () => {
    const client = await bench.open({ path: multiPath(), query: pcm });
    client.send({ text: hello, context_id: "a", close_context: true });
    expect(await finalFrom(client, "a")).toStrictEqual(finalOf("a"));
  });
});
