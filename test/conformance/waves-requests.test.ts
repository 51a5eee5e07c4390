import { describe, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import { courseOf } from "../support/waves.ts";
import { createGatedTone, prose, toneBytes, useServer, useToneServer } from "./bench.ts";
import { openOn, runEnd, say, token } from "./waves-bench.ts";

const hello = "Hello there. ";
const again = "And here again. ";

const bench = useToneServer();
const { clock, tone } = bench;
const open = () => openOn(bench);
const idsOf = (frames: readonly { readonly request_id?: string }[]): (string | undefined)[] => [
  ...new Set(frames.map(({ request_id }) => request_id)),
];

describe("plain requests", () => {
  it("[W15] must answer with chunks, then exactly one complete", async () => {
    const client = await open();
    client.send({ voice_id: "tone", text: hello, speed: 1.0, sample_rate: 16_000 });
    await client.heard("chunk");
    await client.settled();
    clock.advance(250);
    await client.heard("complete");
    clock.advance(20_000);
    await client.settled();
    expect(courseOf(client.frames)).toEqual(["chunk", "complete"]);
    expect(client.frames.filter(({ status }) => status === "complete")).toHaveLength(1);
  });

  it("[W16] must name session and request in every chunk, with whole samples", async () => {
    const client = await open();
    client.send(say(prose(300), { flush: true }));
    const complete = await client.heard("complete");
    const chunks = client.frames.filter(({ status }) => status === "chunk");
    expect(chunks.length).toBeGreaterThan(2);
    for (const { session_id, request_id, data } of chunks) {
      expect(session_id).toMatch(/^ws_[0-9a-f]{32}$/);
      expect(request_id).toBe(complete.request_id);
      const bytes = Buffer.from(data?.audio ?? "", "base64");
      expect(bytes.length).toBeGreaterThan(0);
      expect(bytes.length % 2).toBe(0);
      expect(bytes.length).toBeLessThanOrEqual(32_768);
    }
  });

  // Sentences that fill their last chunk.
  it.for([64, 129, 194])(
    "[W16] must keep chunks below 32 KiB at another rate than the voice's: %i characters",
    async (length) => {
      const client = await open();
      client.send(say(prose(length).repeat(4), { sample_rate: 44_100, flush: true }));
      await client.heard("complete");
      const sizes = client.frames
        .filter(({ status }) => status === "chunk")
        .map(({ data }) => Buffer.byteLength(data?.audio ?? "", "base64"));
      expect(Math.max(...sizes)).toBeGreaterThan(32_000);
      expect(sizes.filter((size) => size % 2 !== 0 || size > 32_768)).toEqual([]);
    },
  );

  it("[W17] must send status, done and message in complete, and no data", async () => {
    const client = await open();
    client.send(say(hello, { flush: true }));
    const complete = await client.heard("complete");
    expect(complete).toEqual({
      session_id: expect.any(String),
      request_id: expect.any(String),
      status: "complete",
      done: true,
      message: "All chunks sent",
    });
  });

  it.for([8000, 16_000, 24_000, 44_100])(
    "[W18] must send as many samples as asked for at %i Hz, without a header",
    async (rateHz) => {
      const client = await open();
      client.send(say(hello, { sample_rate: rateHz, flush: true }));
      await client.heard("complete");
      const samples = client.audio().length / 2;
      expect(Math.abs(samples - (toneBytes(hello) / 2 / 16_000) * rateHz)).toBeLessThanOrEqual(1);
      expect(client.audio().subarray(0, 4).toString("latin1")).not.toBe("RIFF");
    },
  );

  it.for([
    ["ulaw", 1],
    ["alaw", 1],
    ["wav", 2],
  ] as const)("[W18] must send %s when asked to", async ([output_format, bytesPerSample]) => {
    const client = await open();
    client.send(say(hello, { output_format, flush: true }));
    await client.heard("complete");
    const header = output_format === "wav" ? 44 : 0;
    expect(client.audio()).toHaveLength((toneBytes(hello) / 2) * bytesPerSample + header);
  });

  it.for([8000, 16_000, 24_000, 44_100])("[W18] must send MP3 at %i Hz", async (sample_rate) => {
    const client = await open();
    client.send(say(hello, { output_format: "mp3", sample_rate, flush: true }));
    await client.heard("complete");
    expect(client.audio().readUInt16BE(0) & 0xffe0).toBe(0xffe0);
  });

  it("[W19] must send the client's ids back, and only if there are some", async () => {
    const client = await open();
    client.send(say(hello, { request_id: "r-1", session_id: "s.1", flush: true }));
    await client.heard("complete");
    for (const frame of client.frames) {
      expect(frame).toMatchObject({ external_request_id: "r-1", external_session_id: "s.1" });
    }
    const before = client.frames.length;
    client.send(say(hello, { flush: true }));
    await client.heard("complete", 2);
    for (const frame of client.frames.slice(before)) {
      expect(frame).not.toHaveProperty("external_request_id");
      expect(frame).not.toHaveProperty("external_session_id");
    }
  });

  it("[W20] must keep the socket open for a second request with a new request_id", async () => {
    const client = await open();
    client.send(say(hello, { flush: true }));
    const first = await client.heard("complete");
    client.send(say(again, { flush: true }));
    const second = await client.heard("complete", 2);
    expect(second.request_id).not.toBe(first.request_id);
    expect(second.session_id).toBe(first.session_id);
    expect(client.audio(second.request_id)).toHaveLength(toneBytes(again));
  });

  it("[W21] must speak three requests in order with one complete after the last", async () => {
    const client = await open();
    const texts = [hello, again, "A third one. "];
    client.send(...texts.map((text) => say(text)));
    await client.heard("chunk");
    await client.settled();
    clock.advance(250);
    const complete = await client.heard("complete");
    expect(courseOf(client.frames)).toEqual(["chunk", "complete"]);
    const ids = idsOf(client.frames);
    expect(ids).toHaveLength(3);
    expect(complete.request_id).toBe(ids[2]);
    const chunks = client.frames.filter(({ status }) => status === "chunk");
    // Each id comes in one stretch: nothing is interleaved.
    const stretches = chunks.filter(
      ({ request_id }, index) => request_id !== chunks[index - 1]?.request_id,
    );
    expect(stretches).toHaveLength(3);
    for (const [index, text] of texts.entries()) {
      expect(client.audio(ids[index])).toHaveLength(toneBytes(text));
    }
  });

  it("[W23] must let rate and speed change between requests", async () => {
    const client = await open();
    client.send(say(hello, { flush: true }));
    client.send(say(hello, { speed: 2, sample_rate: 8000, flush: true }));
    client.send(say(hello, { speed: 9, flush: true }));
    await client.heard("complete");
    const [first, second, third] = idsOf(client.frames);
    expect(client.audio(first)).toHaveLength(toneBytes(hello));
    expect(client.audio(second)).toHaveLength(toneBytes(hello, 2) / 2);
    expect(client.audio(third)).toHaveLength(toneBytes(hello, 2));
  });
});

describe("two voices", () => {
  const deepVoice = { id: "Tone0000000000000002", slug: "deep", name: "Deep", engine: "deep" };
  const own = useServer(() => {
    const high = createToneEngine();
    const deep = createToneEngine({ sampleRateHz: 8000, msPerChar: 70 });
    const voices = deep.voices.map((voice) => ({ ...voice, ...deepVoice }));
    return {
      engines: [high, { ...deep, name: deepVoice.engine, voices }],
      flags: { workers: "1" },
    };
  });
  const inDeep = { voice_id: deepVoice.slug };

  const spokenAlone = async (others: object): Promise<Buffer> => {
    const client = await openOn(own);
    client.send(say(hello, { flush: true, ...others }));
    await client.heard("complete");
    return client.audio();
  };

  it("[W23] must let the voice change between requests", async () => {
    const [high, deep] = [await spokenAlone({}), await spokenAlone(inDeep)];
    expect(deep.equals(high)).toBe(false);
    const client = await openOn(own);
    client.send(say(hello), say(hello, inDeep), say(hello, { flush: true }));
    await client.heard("complete");
    const heard = idsOf(client.frames).map((id) => client.audio(id));
    expect(heard.map((audio) => audio.equals(high))).toEqual([true, false, true]);
    expect(heard[1]?.equals(deep)).toBe(true);
  });

  it("[W23] must keep the voice of a run's first message through the run", async () => {
    const high = await spokenAlone({});
    const client = await openOn(own);
    client.send(token(hello.slice(0, 5)), token(hello.slice(5), inDeep));
    client.send(say("", { ...inDeep, continue: false, flush: true }));
    await client.heard("complete");
    expect(client.audio().equals(high)).toBe(true);
  });
});

describe("a long text", () => {
  const gated = createGatedTone((text) => (text.includes("The end") ? "hold" : "speak"));
  const own = useServer(() => ({ engines: [gated.engine], flags: { workers: "1" } }));

  it("[W22] must be cut, and its first chunk must come before the whole is made", async () => {
    const client = await openOn(own);
    client.send(say(`${prose(240).repeat(8)}The end of it.`, { flush: true }));
    await gated.begun("The end");
    await client.heard("chunk");
    expect(courseOf(client.frames)).toEqual(["chunk"]);
    gated.release();
    await client.heard("complete");
    expect(idsOf(client.frames)).toHaveLength(1);
  });
});

describe("continue and flush", () => {
  const tokens = ["This ", "is ", "one ", "run ", "of ", "ten ", "to", "kens", " in", " all."];
  const whole = tokens.join("");

  it("[W24] must speak ten tokens as one request with one complete", async () => {
    const client = await open();
    client.send(...tokens.map((text) => token(text)), runEnd);
    const complete = await client.heard("complete");
    await client.settled();
    expect(client.frames.filter(({ status }) => status === "complete")).toHaveLength(1);
    expect(idsOf(client.frames)).toEqual([complete.request_id]);
    expect(tone.begun.join("")).toBe(whole);
  });

  it("[W25] must release after max_buffer_flush_ms, still with one complete", async () => {
    const client = await open();
    client.send(token("Wait for me ", { max_buffer_flush_ms: 200 }));
    await client.settled();
    clock.advance(199);
    await client.settled();
    expect(client.frames).toEqual([]);
    clock.advance(801);
    await client.heard("chunk");
    client.send(token("and go on."), runEnd);
    await client.heard("complete");
    clock.advance(20_000);
    await client.settled();
    expect(courseOf(client.frames)).toEqual(["chunk", "complete"]);
    expect(tone.begun.join("")).toBe("Wait for me and go on.");
  });

  it("[W25] must release after 1 s at the latest, and after no time that is not positive", async () => {
    const client = await open();
    client.send(token("Wait for me ", { max_buffer_flush_ms: 60_000 }));
    await client.settled();
    clock.advance(999);
    await client.settled();
    expect(tone.begun).toEqual([]);
    clock.advance(1);
    await client.heard("chunk");
    client.send(runEnd);
    await client.heard("complete");
    client.send(token("And not for me ", { max_buffer_flush_ms: -5 }));
    await client.settled();
    clock.advance(20_000);
    await client.settled();
    expect(tone.begun).toEqual(["Wait for me "]);
  });

  it("[W26] must release at once for flush with continue, without a complete", async () => {
    const client = await open();
    client.send(token("At once ", { flush: true }));
    await client.heard("chunk");
    clock.advance(20_000);
    await client.settled();
    expect(courseOf(client.frames)).toEqual(["chunk"]);
    client.send(runEnd);
    await client.heard("complete");
  });

  it("[W27] must answer a closing flush without text with complete alone", async () => {
    const client = await open();
    client.send(runEnd);
    await client.heard("complete");
    await client.settled();
    expect(courseOf(client.frames)).toEqual(["complete"]);
  });

  it("[W28] must send one complete when all was released before the end", async () => {
    const client = await open();
    client.send(token("All of it. ", { max_buffer_flush_ms: 100 }));
    await client.settled();
    clock.advance(100);
    await client.heard("chunk");
    await client.settled();
    const chunks = client.frames.length;
    client.send(runEnd);
    await client.heard("complete");
    await client.settled();
    expect(client.frames).toHaveLength(chunks + 1);
  });

  it("[W29] must send complete at once after an explicit end", async () => {
    const client = await open();
    const askedAt = clock.now();
    client.send(say(hello, { continue: false }));
    await client.heard("complete");
    expect(clock.now()).toBe(askedAt);
  });

  it("[W29] must send complete after complete_backoff_ms", async () => {
    const client = await open();
    client.send(say(hello, { complete_backoff_ms: 1500, flush: true }));
    await client.heard("chunk");
    await client.settled();
    clock.advance(1400);
    await client.settled();
    expect(courseOf(client.frames)).toEqual(["chunk"]);
    clock.advance(100);
    await client.heard("complete");
  });

  it("[W29] must keep the complete_backoff_ms of an earlier message of the run", async () => {
    const client = await open();
    client.send(token(hello, { complete_backoff_ms: 1500 }), runEnd);
    await client.heard("chunk");
    await client.settled();
    clock.advance(1499);
    await client.settled();
    expect(courseOf(client.frames)).toEqual(["chunk"]);
    clock.advance(1);
    await client.heard("complete");
  });

  it.for([
    [60_000, 10_000],
    [-5, 0],
  ] as const)("[W29] must take a complete_backoff_ms of %i for %i", async ([asked, taken]) => {
    const client = await open();
    client.send(say(hello, { complete_backoff_ms: asked }));
    await client.heard("chunk");
    await client.settled();
    clock.advance(Math.max(0, taken - 1));
    await client.settled();
    expect(courseOf(client.frames)).toEqual(taken === 0 ? ["chunk", "complete"] : ["chunk"]);
    clock.advance(1);
    await client.heard("complete");
  });

  it("[W30] must hold complete back when another request comes in time", async () => {
    const client = await open();
    client.send(say(hello));
    await client.heard("chunk");
    await client.settled();
    clock.advance(200);
    client.send(say(again));
    await client.heard("chunk", 4);
    await client.settled();
    clock.advance(100);
    await client.settled();
    expect(courseOf(client.frames)).toEqual(["chunk"]);
    clock.advance(150);
    const complete = await client.heard("complete");
    expect(idsOf(client.frames).at(-1)).toBe(complete.request_id);
  });

  it("[W30] must not hold complete back for a keepalive", async () => {
    const client = await open();
    client.send(say(hello));
    await client.heard("chunk");
    await client.settled();
    clock.advance(200);
    client.send(say(" "));
    await client.settled();
    clock.advance(50);
    await client.heard("complete");
  });

  const spoilers: [string, string | object][] = [
    ["cannot be read", "{"],
    ["fails", token("Gone flat. ", { flush: true })],
  ];
  it.for(spoilers)(
    "[W30] must send the complete of a request when the run after it %s",
    async ([, spoiler]) => {
      tone.failWith(new Error("The tone has gone flat"), "flat");
      const client = await open();
      client.send(say(hello, { flush: true }), token("Half a "));
      await client.heard("chunk");
      await client.settled();
      clock.advance(20_000);
      await client.settled();
      expect(courseOf(client.frames)).toEqual(["chunk"]);
      client.send(spoiler);
      const complete = await client.heard("complete");
      expect(complete.request_id).toBe(client.frames[0]?.request_id);
      await client.settled();
      expect(courseOf(client.frames)).toEqual(["chunk", "error", "complete"]);
    },
  );

  it.for(["", " "])("[W31] must not begin a run with '%s' alone", async (text) => {
    const client = await open();
    client.send(token(text, { voice_id: "nobody" }), token(text, { sample_rate: 8000 }));
    await client.settled();
    clock.advance(20_000);
    await client.settled();
    expect(client.frames).toEqual([]);
    client.send(token(hello), runEnd);
    await client.heard("complete");
    expect(client.audio()).toHaveLength(toneBytes(hello));
  });

  it("[W31] must ignore a lone flush on an idle socket", async () => {
    const client = await open();
    client.send({ flush: true });
    clock.advance(20_000);
    await client.settled();
    expect(client.frames).toEqual([]);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    client.send(token("Then this."), { flush: true });
    await client.heard("complete");
    expect(tone.begun).toEqual(["Then this."]);
  });
});

describe("the wait for a frame", () => {
  const held = useToneServer({ leadSeconds: "10" });

  /** How long the client waits for each frame up to `complete`, in ms. */
  const waits = async (messages: readonly object[]): Promise<number[]> => {
    const client = await openOn(held);
    const heardAt: number[] = [];
    client.socket.on("message", () => heardAt.push(held.clock.now()));
    client.send(...messages);
    const askedAt = held.clock.now();
    while (client.frames.at(-1)?.status !== "complete") {
      await client.settled();
      held.clock.advance(50);
    }
    return heardAt.map((at, index) => at - (heardAt[index - 1] ?? askedAt));
  };

  const requests: [string, object[]][] = [
    ["a run", [token(hello), token(again), runEnd]],
    ["a run that ends with words", [token(hello), say(again)]],
    ["several requests", [say(hello), say(again), say(hello)]],
    ["an empty run", [runEnd]],
    ["a minute of speech, which is sent as it is heard", [say(prose(240).repeat(6))]],
  ];
  it.for(requests)("[W32] must never be 9 s long: %s", async ([, messages]) => {
    const all = await waits(messages);
    expect(all.length).toBeGreaterThan(0);
    // LiveKit waits 10 s for each frame, and is not alone on its machine.
    expect(Math.max(...all)).toBeLessThanOrEqual(1100);
  });
});

describe("cancel_request without a context", () => {
  it("[W39] must drop the open run and the queue without a frame", async () => {
    const client = await open();
    tone.hold();
    client.send(say(hello), say(again), token("Half a "));
    await client.settled();
    client.send({ cancel_request: true });
    await client.settled();
    tone.release();
    clock.advance(20_000);
    await client.settled();
    expect(client.frames).toEqual([]);
    client.send(say(hello, { flush: true }));
    await client.heard("complete");
    expect(client.audio()).toHaveLength(toneBytes(hello));
  });
});
