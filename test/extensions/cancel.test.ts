import { describe, expect, it } from "vitest";
import {
  audioFrames,
  finalFrame,
  finalFrom,
  framesOf,
  multiPath,
  named,
  normalClose,
  prose,
  sounding,
  soundOf,
  toneBytes,
  useToneServer,
} from "../conformance/bench.ts";
import { until } from "../property/until.ts";
import { type StreamInput } from "../support/stream-input.ts";
import {
  again,
  courseOf,
  hello,
  isFinalFrame,
  openExtended,
  pcm,
  sockets,
  told,
  toneMs,
  typed,
} from "./sockets.ts";

const bench = useToneServer();
const { tone } = bench;

describe.for(named("socket", sockets))("cancel on %s", ([socket, { of, naming, end }]) => {
  const cancel = { type: "cancel", ...of };

  /** Speaks one text and holds the next one up in the engine. */
  async function interrupted(query = ""): Promise<StreamInput> {
    const client = await openExtended(bench, socket, query);
    client.send({ text: " ", ...of }, { text: hello, ...of, flush: true });
    await sounding(client, toneBytes(hello));
    await client.settled();
    tone.hold();
    client.send({ text: again, ...of, flush: true }, { text: "Not yet due", ...of });
    await client.settled();
    return client;
  }

  it("stops the engine and says what was sent and what was not", async () => {
    const client = await interrupted();
    const heard = client.frames.length;
    client.send(cancel);
    await client.frame(isFinalFrame);
    await until(() => tone.aborted.includes(again), "the synthesis is aborted");
    if (socket === "stream-input") expect(await client.closed).toEqual(normalClose);
    await client.settled();
    const [cancelled, turn, last, ...others] = client.frames.slice(heard);
    expect(cancelled).toEqual({
      type: "cancelled",
      audio_ms_sent: toneMs(hello),
      text_spoken: hello,
      text_remaining: `${again}Not yet due`,
      ...naming,
    });
    expect(turn).toMatchObject({ type: "turn_end", reason: "cancelled", audio_ms: toneMs(hello) });
    expect(last).toMatchObject({ ...finalFrame, ...naming });
    expect(courseOf(others)).toEqual(socket === "stream-input" ? ["session_end"] : []);
  });

  it.for([
    { playedMs: 0, spoken: "" },
    { playedMs: toneMs(hello) / 2, spoken: "Hello t" },
    { playedMs: 99_999, spoken: hello },
  ])("splits the text where the client stopped playing: $playedMs ms", async (row) => {
    const client = await interrupted();
    client.send({ ...cancel, played_ms: row.playedMs });
    const cancelled = await told(client, "cancelled");
    expect(cancelled).toMatchObject({ text_spoken: row.spoken, audio_ms_sent: toneMs(hello) });
    expect(`${cancelled.text_spoken}${cancelled.text_remaining}`).toBe(
      `${hello}${again}Not yet due`,
    );
  });

  it("says the text as it was sent, also where a flush cut it before a space", async () => {
    const client = await openExtended(bench, socket);
    client.send({ text: "One", ...of, flush: true }, { text: " two", ...of, flush: true });
    client.send({ text: " three", ...of });
    await client.frame(() => client.audio().length >= toneBytes("One") + toneBytes("two"));
    client.send(cancel);
    const { text_spoken, text_remaining } = await told(client, "cancelled");
    expect(`${text_spoken}|${text_remaining}`).toBe("One two| three");
  });

  it("does not cut the text inside a tag", async () => {
    const client = await openExtended(bench, socket, "enable_ssml_parsing=true");
    client.send({ text: 'One <break time="1s"/> two. ', ...of, flush: true });
    await told(client, "flush_done");
    client.send({ ...cancel, played_ms: 300 });
    const { text_spoken, text_remaining } = await told(client, "cancelled");
    expect(`${text_spoken}${text_remaining}`).toBe('One <break time="1s"/> two. ');
    expect(text_spoken).not.toMatch(/<[^>]*$/);
  });

  it("sends no audio after the acknowledgement, however much was ready", async () => {
    const client = await openExtended(bench, socket);
    client.send({ text: prose(100).repeat(40), ...of, flush: true }, cancel);
    const cancelled = await told(client, "cancelled");
    await client.frame(isFinalFrame);
    await client.settled();
    const ackAt = client.frames.indexOf(cancelled);
    expect(audioFrames(client.frames.slice(ackAt))).toEqual([]);
    expect(client.audio().length / 32).toBe(cancelled.audio_ms_sent);
    expect(typed(client, "turn_end").map(({ audio_ms }) => audio_ms)).toEqual([
      cancelled.audio_ms_sent,
    ]);
  });

  it("keeps the context open with keep, for another turn", async () => {
    const client = await interrupted();
    client.send({ ...cancel, keep: true });
    await told(client, "turn_end");
    tone.release();
    const heard = client.frames.length;
    client.send({ text: again, ...of }, end);
    await client.frame(isFinalFrame);
    expect(soundOf(client.frames.slice(heard))).toHaveLength(toneBytes(again));
    expect(client.frames.filter(isFinalFrame)).toHaveLength(1);
    expect(typed(client, "turn_end").map(({ reason }) => reason)).toEqual([
      "cancelled",
      "complete",
    ]);
  });

  it("keeps the voice_settings that were changed on the way, with keep", async () => {
    const client = await openExtended(bench, socket);
    client.send({ text: " ", ...of, voice_settings: { speed: 1 } });
    client.send({ text: hello, ...of, voice_settings: { speed: 0.8 }, flush: true });
    await sounding(client, toneBytes(hello, 0.8));
    client.send({ ...cancel, keep: true });
    await told(client, "turn_end");
    const heard = client.frames.length;
    client.send({ text: again, ...of }, end);
    await client.frame(isFinalFrame);
    expect(soundOf(client.frames.slice(heard))).toHaveLength(toneBytes(again, 0.8));
  });

  it("refuses members of the wrong type", async () => {
    for (const wrong of [{ played_ms: -1 }, { played_ms: "9" }, { keep: 1 }, { contextId: 7 }]) {
      const client = await openExtended(bench, socket);
      client.send({ text: hello, ...of }, { ...cancel, ...wrong });
      expect((await client.closed).code).toBe(1008);
      expect(courseOf(client.frames)).toEqual(["ready", "turn_end", "error", "session_end"]);
    }
  });
});

describe("cancel among contexts", () => {
  const socket = "multi-stream-input";

  it("is ignored for a context that is not open", async () => {
    const client = await openExtended(bench, socket);
    client.send({ type: "cancel", contextId: "nobody" }, { type: "cancel" });
    client.send({ text: hello, context_id: "a", close_context: true });
    await finalFrom(client, "a");
    client.send({ type: "cancel", contextId: "a" });
    await client.settled();
    expect(courseOf(client.frames)).toEqual(["ready", "audio", "turn_end", "final"]);
  });

  it("ends a draining context and the one of the same name that waits for it", async () => {
    tone.hold();
    const client = await openExtended(bench, socket);
    client.send({ text: hello, context_id: "a", close_context: true });
    client.send({ text: again, context_id: "a", flush: true });
    client.send({ text: prose(50), context_id: "b", flush: true });
    await client.settled();
    client.send({ type: "cancel", contextId: "a" });
    await client.frame(() => client.frames.filter(isFinalFrame).length === 2);
    tone.release();
    await client.frame(() => framesOf(client.frames, "b").some(({ audio }) => audio));
    await client.settled();
    expect(courseOf(framesOf(client.frames, "a"))).toEqual([
      ...["warning", "cancelled", "turn_end", "final"],
      ...["cancelled", "turn_end", "final"],
    ]);
    const remaining = typed(client, "cancelled").map(({ text_remaining }) => text_remaining);
    expect(remaining).toEqual([hello, again]);
    expect(tone.begun).not.toContain(again);
  });

  it("leaves the other contexts alone", async () => {
    const client = await openExtended(bench, socket);
    client.send({ text: hello, context_id: "a" }, { text: again, context_id: "b" });
    client.send({ type: "cancel", context_id: "a" }, { context_id: "b", close_context: true });
    await finalFrom(client, "b");
    expect(soundOf(framesOf(client.frames, "b"))).toHaveLength(toneBytes(again));
    expect(soundOf(framesOf(client.frames, "a"))).toHaveLength(0);
  });
});

describe("x_discard_on_close", () => {
  it.for(["", "ext=1&"])("drops what has not been sent, and answers at once: ?%s", async (ext) => {
    tone.hold();
    const client = await bench.open({
      path: multiPath(),
      query: `${ext}${pcm}&x_discard_on_close=true`,
    });
    client.send({ text: hello, context_id: "a", flush: true }, { text: again, context_id: "a" });
    await client.settled();
    client.send({ context_id: "a", close_context: true });
    await finalFrom(client, "a");
    expect(audioFrames(client.frames)).toEqual([]);
    expect(tone.begun).toEqual([hello]);
    await until(() => tone.aborted.includes(hello), "the synthesis is aborted");
    tone.release();
    client.send({ text: again, context_id: "a", flush: true });
    await sounding(client, toneBytes(again));
  });
});
