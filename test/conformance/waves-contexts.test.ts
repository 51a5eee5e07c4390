import { describe, expect, it } from "vitest";
import { courseOf, type WavesClient } from "../support/waves.ts";
import { toneBytes, useToneServer } from "./bench.ts";
import { openOn, runEnd, say, token } from "./waves-bench.ts";

const hello = "Hello there. ";

const bench = useToneServer();
const { clock, tone } = bench;
const open = (query = "") => openOn(bench, { query });

interface Word {
  readonly requestId: string | undefined;
  readonly id: number;
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

const wordsOf = ({ frames }: WavesClient): Word[] =>
  frames
    .filter(({ status }) => status === "word_timestamp")
    .map(({ request_id, data }) => ({
      requestId: request_id,
      id: data?.id ?? -1,
      word: data?.word ?? "",
      start: data?.start ?? -1,
      end: data?.end ?? -1,
    }));

describe("timestamps", () => {
  const priced = "It costs $100, or so they say. Then  we left.";

  it("[W33] must send each word as it was sent, with an id and times in order", async () => {
    const client = await open();
    client.send(say(priced, { word_timestamps: true, flush: true }));
    await client.heard("complete");
    const words = wordsOf(client);
    expect(words.map(({ word }) => word)).toEqual(priced.split(/\s+/));
    expect(words.map(({ id }) => id)).toEqual(words.map((_, index) => index));
    let last = 0;
    for (const { start, end } of words) {
      expect(start).toBeGreaterThanOrEqual(last);
      expect(end).toBeGreaterThan(start);
      last = start;
    }
    const seconds = client.audio().length / 32_000;
    expect(words.at(-1)?.end).toBeLessThanOrEqual(seconds);
    expect(words.at(-1)?.end).toBeGreaterThan(seconds - 0.2);
  });

  it("[W34] must count from each request, and through all of a run", async () => {
    const client = await open();
    const one = { word_timestamps: true };
    client.send(token("First part. ", { ...one, flush: true }), token("Second part.", one), runEnd);
    client.send(say("Another.", { ...one, flush: true }));
    await client.heard("complete");
    const words = wordsOf(client);
    const [run, other] = [...new Set(words.map(({ requestId }) => requestId))];
    const own = words.filter(({ requestId }) => requestId === run);
    expect(own.map(({ word }) => word)).toEqual(["First", "part.", "Second", "part."]);
    const firstPartSeconds = toneBytes("First part.") / 32_000;
    expect(own[2]?.start).toBeGreaterThanOrEqual(firstPartSeconds - 0.1);
    const last = words.filter(({ requestId }) => requestId === other);
    expect(last).toHaveLength(1);
    expect(last[0]?.id).toBe(0);
    expect(last[0]?.start).toBeLessThan(0.1);
  });

  it("[W35] must send no words without the flag", async () => {
    const client = await open();
    client.send(say(priced, { flush: true }));
    await client.heard("complete");
    expect(courseOf(client.frames)).toEqual(["chunk", "complete"]);
  });
});

describe("continuations", () => {
  const inContext = (text: string, others: object = {}): object =>
    say(text, { context_id: "turn-1", continue: true, ...others });
  const end = inContext("", { continue: false });

  it("[W36] must end each piece with a complete of its own, and keep the socket open", async () => {
    const client = await open();
    client.send(inContext("One piece of text "), inContext("for now. ", { continue: false }));
    const first = await client.heard("complete");
    client.send(inContext("And another. "), end);
    const second = await client.heard("complete", 2);
    expect(courseOf(client.frames)).toEqual(["chunk", "complete", "chunk", "complete"]);
    expect(second.request_id).not.toBe(first.request_id);
    expect(second.session_id).toBe(first.session_id);
    for (const { context_id } of client.frames) expect(context_id).toBe("turn-1");
    expect(client.audio(second.request_id)).toHaveLength(toneBytes("And another."));
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it("[W36] must count words from each piece", async () => {
    const client = await open();
    const timed = { word_timestamps: true, continue: false };
    client.send(inContext("One. ", timed), inContext("Two.", timed));
    await client.heard("complete", 2);
    expect(wordsOf(client).map(({ id, word }) => [id, word])).toEqual([
      [0, "One."],
      [0, "Two."],
    ]);
    expect(wordsOf(client)[1]?.start).toBeLessThan(0.1);
  });

  it("[W36] must end the sound of each piece before its complete, in any format", async () => {
    const pieces = ["One piece of text. ", "And another. "];
    for (const format of [
      { output_format: "mp3" },
      { output_format: "wav" },
      { sample_rate: 44_100 },
    ]) {
      const alone = await Promise.all(
        pieces.map(async (text) => {
          const client = await open();
          client.send(say(text, { ...format, flush: true }));
          await client.heard("complete");
          return client.audio();
        }),
      );
      const client = await open();
      client.send(...pieces.map((text) => inContext(text, { ...format, continue: false })));
      await client.heard("complete", 2);
      client.send({ context_id: "turn-1", context_close: true });
      await client.settled();
      expect(courseOf(client.frames)).toEqual(["chunk", "complete", "chunk", "complete"]);
      const ids = [...new Set(client.frames.map(({ request_id }) => request_id))];
      expect(
        ids.map((id) => client.audio(id).equals(alone[ids.indexOf(id)] ?? Buffer.of())),
      ).toEqual([true, true]);
    }
  });

  it.for([{ flush: true }, { max_buffer_flush_ms: 100 }])(
    "[W37] must refuse context_id with %o",
    async (others) => {
      const client = await open();
      client.send(inContext("Text.", others));
      const error = await client.heard("error");
      expect(error.errors?.[0]?.path).toEqual(Object.keys(others));
      client.send(inContext("Text.", { continue: false }));
      await client.heard("complete");
    },
  );

  it.for([{ flush: false }, { max_buffer_flush_ms: 0 }, { flush: false, max_buffer_flush_ms: 0 }])(
    "[W37] must take context_id with %o",
    async (others) => {
      const client = await open();
      client.send(inContext("Text ", others), inContext("here.", { ...others, continue: false }));
      await client.heard("complete");
      expect(courseOf(client.frames)).toEqual(["chunk", "complete"]);
      expect(tone.begun).toEqual(["Text here."]);
    },
  );

  it("[W38] must release an unfinished sentence after 5 s at the latest", async () => {
    const client = await open();
    client.send(inContext("An unfinished ", { max_buffer_delay_ms: 60_000 }));
    await client.settled();
    clock.advance(4999);
    await client.settled();
    expect(tone.begun).toEqual([]);
    clock.advance(1);
    await client.heard("complete");
  });

  it("[W38] must release an unfinished sentence after max_buffer_delay_ms", async () => {
    const client = await open();
    client.send(inContext("An unfinished ", { max_buffer_delay_ms: 300 }));
    await client.settled();
    clock.advance(200);
    client.send(inContext("sentence "));
    await client.settled();
    clock.advance(99);
    await client.settled();
    expect(client.frames).toEqual([]);
    clock.advance(1);
    await client.heard("complete");
    expect(tone.begun).toEqual(["An unfinished sentence "]);
  });

  it("[W38] must release an unfinished sentence at once for a max_buffer_delay_ms of 0", async () => {
    const client = await open();
    client.send(inContext("An unfinished ", { max_buffer_delay_ms: 0 }));
    await client.settled();
    clock.advance(1);
    await client.heard("complete");
    expect(tone.begun).toEqual(["An unfinished "]);
  });

  it("[W39] must drop what is buffered on cancel_request, and take new text", async () => {
    const client = await open();
    client.send(inContext("Never heard "));
    client.send({ voice_id: "tone", context_id: "turn-1", cancel_request: true });
    await client.settled();
    clock.advance(5000);
    await client.settled();
    expect(client.frames).toEqual([]);
    client.send(inContext("Heard.", { continue: false }));
    await client.heard("complete");
    expect(tone.begun).toEqual(["Heard."]);
  });

  it("[W39] must drop what is being spoken too, of a context that was closed as well", async () => {
    const client = await open();
    tone.hold();
    client.send(inContext("Never heard. ", { continue: false }));
    client.send({ context_id: "turn-1", context_close: true });
    client.send(inContext("Nor this. ", { continue: false }));
    await client.settled();
    client.send({ context_id: "turn-1", cancel_request: true });
    await client.settled();
    tone.release();
    client.send(inContext("Heard. ", { continue: false }));
    await client.heard("complete");
    expect(courseOf(client.frames)).toEqual(["chunk", "complete"]);
    expect(client.audio()).toHaveLength(toneBytes("Heard."));
    expect(tone.aborted).toEqual(["Never heard. "]);
  });

  it("[W39] must count words from the first piece after cancel_request", async () => {
    const client = await open();
    const timed = { word_timestamps: true };
    client.send(inContext("Heard before. ", { ...timed, continue: false }));
    const first = await client.heard("complete");
    client.send({ context_id: "turn-1", cancel_request: true });
    client.send(inContext("Heard after that. ", { ...timed, continue: false }));
    const second = await client.heard("complete", 2);
    const [before, after] = [first, second].map(({ request_id }) =>
      wordsOf(client).filter(({ requestId }) => requestId === request_id),
    );
    expect(after?.map(({ id, word }) => [id, word])).toEqual([
      [0, "Heard"],
      [1, "after"],
      [2, "that."],
    ]);
    expect(after?.[0]?.start).toBe(before?.[0]?.start);
    for (const { start, end } of after ?? []) expect(end).toBeGreaterThan(start);
    expect(after?.[2]?.start).toBeGreaterThan(after?.[1]?.start ?? Infinity);
  });

  it("[W39] must keep the settings of a context that was emptied", async () => {
    const client = await open();
    client.send(inContext("Never heard ", { sample_rate: 8000 }));
    client.send({ context_id: "turn-1", cancel_request: true });
    client.send({ text: "Heard.", context_id: "turn-1", continue: false });
    await client.heard("complete");
    expect(client.audio()).toHaveLength(toneBytes("Heard.") / 2);
  });

  it("[W39] must speak as before in a context that was emptied long ago", async () => {
    const client = await open();
    const own = { sample_rate: 8000 };
    client.send(inContext("Never heard ", own));
    client.send({ context_id: "turn-1", cancel_request: true });
    for (let round = 0; round < 4; round += 1) {
      await client.settled();
      clock.advance(30_000);
      client.send(say(" "));
    }
    client.send(inContext("Heard.", { ...own, continue: false }));
    await client.heard("complete");
    expect(client.audio()).toHaveLength(toneBytes("Heard.") / 2);
  });

  const formats = [{}, { sample_rate: 44_100 }, { output_format: "mp3" }, { output_format: "wav" }];
  it.for(formats)(
    "[W40] must close a context without a frame when nothing is buffered: %o",
    async (format) => {
      const client = await open();
      client.send({ context_id: "turn-1", context_close: true });
      client.send(inContext("Something. ", { ...format, continue: false }));
      await client.heard("complete");
      const frames = client.frames.length;
      client.send({ context_id: "turn-1", context_close: true });
      await client.settled();
      clock.advance(5000);
      await client.settled();
      expect(client.frames).toHaveLength(frames);
    },
  );

  it("[W40] must speak what is buffered when a context is closed without text", async () => {
    const client = await open();
    client.send(inContext("Half a "), { context_id: "turn-1", context_close: true });
    await client.heard("complete");
    expect(tone.begun).toEqual(["Half a "]);
  });

  it("[W36] must let clients use a context for each utterance and close none", async () => {
    const client = await open();
    for (let turn = 1; turn <= 70; turn += 1) {
      const context_id = `turn-${turn}`;
      client.send(say("Yes. ", { context_id, continue: true }));
      client.send(say("", { context_id, continue: false }));
      await client.heard("complete", turn);
    }
    expect(courseOf(client.frames)).not.toContain("error");
    const bytes = 70 * toneBytes("Yes. ");
    expect(client.audio()).toHaveLength(bytes);
  });

  it("[W36] must refuse a context too many, once, and none of its text may be heard", async () => {
    const client = await open();
    tone.hold();
    for (let turn = 1; turn <= 20; turn += 1) {
      client.send(say("Wait. ", { context_id: `turn-${turn}`, continue: true }));
    }
    const extra = (text: string, others: object = {}): object =>
      say(text, { context_id: "extra", continue: true, ...others });
    for (const text of ["One ", "two ", "three "]) {
      client.send(extra(text));
      await client.settled();
    }
    client.send({ context_id: "turn-1", cancel_request: true });
    client.send(extra("four "), extra("", { continue: false }));
    client.send(extra("Let in.", { continue: false }));
    await client.settled();
    const errors = client.frames.filter(({ status }) => status === "error");
    expect(errors).toMatchObject([{ context_id: "extra", error: { code: "concurrency_limited" } }]);
    expect(tone.begun).toEqual(["Let in."]);
  });

  const quietMessages: [string, object | Uint8Array][] = [
    ["a space", inContext(" ", { continue: undefined })],
    ["an empty text", inContext("", { continue: undefined })],
    ["an empty text that goes on", inContext("")],
    ["a binary frame", Buffer.from("anything")],
    ["text for another context", say("More", { context_id: "other", continue: true })],
  ];
  it.for(quietMessages)(
    "[W38] must lose nothing of a context while %s comes now and then",
    async ([, message]) => {
      const client = await open("timeout=2");
      client.send(inContext("Kept ", { max_buffer_delay_ms: 5000 }));
      for (let round = 0; round < 3; round += 1) {
        await client.settled();
        clock.advance(1500);
        if (message instanceof Uint8Array) client.socket.send(message);
        else client.send(message);
      }
      client.send(inContext("and said.", { continue: false }));
      const isOwn = (text: string): boolean => !text.startsWith("More");
      await expect.poll(() => tone.begun.filter(isOwn)).toEqual(["Kept and said."]);
      expect(courseOf(client.frames)).not.toContain("error");
    },
  );

  it("[W19] must send each piece's own ids back", async () => {
    const client = await open();
    tone.hold();
    const piece = (text: string, others: object): object =>
      inContext(text, { continue: false, ...others });
    client.send(piece("One. ", { request_id: "r1", session_id: "s1" }));
    client.send(inContext("Tw", { request_id: "r2" }), piece("o. ", { request_id: "r2" }));
    client.send(piece("Three. ", {}));
    await client.settled();
    tone.release();
    await client.heard("complete", 3);
    const own = client.frames.map((frame) => [
      frame.status,
      frame.external_request_id,
      frame.external_session_id,
    ]);
    const distinct = own.filter(
      (row, index) => JSON.stringify(row) !== JSON.stringify(own[index - 1]),
    );
    expect(distinct).toEqual([
      ["chunk", "r1", "s1"],
      ["complete", "r1", "s1"],
      ["chunk", "r2", undefined],
      ["complete", "r2", undefined],
      ["chunk", undefined, undefined],
      ["complete", undefined, undefined],
    ]);
  });

  it("[W41] must not be silent for 0.5 s while a context is owed audio", async () => {
    const client = await open();
    tone.hold();
    const heardAt: number[] = [];
    client.socket.on("ping", () => heardAt.push(clock.now()));
    client.socket.on("message", () => heardAt.push(clock.now()));
    const pass = async (rounds: number): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        clock.advance(100);
        await client.settled();
      }
    };
    client.send(inContext("Slowly made. "), inContext("And slower still."), end);
    await client.settled();
    const askedAt = clock.now();
    await pass(23);
    tone.release();
    await client.heard("complete");
    const times = [askedAt, ...heardAt];
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
    expect(Math.max(...gaps)).toBeLessThan(500);
    expect(times.length).toBeGreaterThan(2300 / 500);
    const before = heardAt.length;
    await pass(40);
    expect(heardAt).toHaveLength(before);
  });
});

describe("the extension", () => {
  it("[W36] must mark the end of a context for clients that ask with ext=1", async () => {
    const client = await open("ext=1&odd=1");
    client.send(say(hello, { context_id: "c", continue: false }));
    client.send({ context_id: "c", context_close: true });
    const marker = await client.heard("context_complete");
    expect(marker).toMatchObject({
      context_id: "c",
      ext: { metrics: { characters: hello.length } },
    });
    expect(client.frames[0]).toMatchObject({
      status: "ext",
      type: "ready",
      protocol: "waves",
      session_id: marker.session_id,
      limits: { inactivity_timeout_s: 60, max_contexts: 20 },
      unknown_params: ["odd"],
    });
    const types = client.frames.map((frame) => (frame as { type?: string }).type);
    expect(types).toContain("turn_end");
  });

  it("[W33] must count words anew in a run that goes on after a cancel", async () => {
    const client = await open("ext=1");
    const timed = { word_timestamps: true, flush: true };
    client.send(token("Heard before. ", timed));
    await client.heard("word_timestamp", 2);
    client.send({ type: "cancel", keep: true });
    client.send(token("Heard after. ", timed), runEnd);
    await client.heard("complete");
    const after = wordsOf(client).slice(2);
    expect(after.map(({ id, word }) => [id, word])).toEqual([
      [0, "Heard"],
      [1, "after."],
    ]);
    expect(after[0]?.end).toBeGreaterThan(0);
    expect(after[1]?.start).toBeGreaterThanOrEqual(after[0]?.end ?? Infinity);
  });

  it("[W39] must not mark the end of a context that was only emptied, with ext=1", async () => {
    const client = await open("ext=1");
    client.send(say("Half a ", { context_id: "c", continue: true }));
    client.send({ context_id: "c", cancel_request: true });
    await client.settled();
    expect(client.frames.some((frame) => "text_remaining" in frame)).toBe(true);
    expect(courseOf(client.frames)).not.toContain("context_complete");
  });

  it("[W39] must tell a client of ext=1 what it cancelled", async () => {
    const client = await open("ext=1");
    tone.hold();
    client.send(say(hello, { context_id: "c", continue: false }));
    await client.settled();
    const next = say("Something else. ", { context_id: "c", continue: false });
    client.send({ type: "cancel", context_id: "c" }, next);
    await client.settled();
    tone.release();
    const marker = await client.heard("context_complete");
    expect(marker.context_id).toBe("c");
    const { request_id } = await client.heard("complete");
    expect(client.audio(request_id)).toHaveLength(toneBytes("Something else."));
    expect(client.frames.find((frame) => "text_remaining" in frame)).toMatchObject({
      status: "ext",
      type: "cancelled",
      context_id: "c",
      text_spoken: "",
    });
  });
});
