import { describe, expect, it } from "vitest";
import { Refused } from "../support/stream-input.ts";
import { courseOf } from "../support/waves.ts";
import { toneBytes, useToneServer } from "./bench.ts";
import { openOn, runEnd, say, token } from "./waves-bench.ts";

const hello = "Hello there. ";

describe("errors on a socket", () => {
  const bench = useToneServer();
  const { tone, clock } = bench;
  const open = () => openOn(bench);

  it("[W42] must answer an unknown voice with an error about voice_id, and go on", async () => {
    const client = await open();
    client.send(say(hello, { voice_id: "nobody" }));
    const error = await client.heard("error");
    expect(error.message).toBe("Invalid Voice ID");
    expect(error.error).toMatchObject({ message: "Invalid Voice ID", code: "invalid_voice_id" });
    expect(error.errors?.[0]?.path[0]).toBe("voice_id");
    client.send(say(hello, { flush: true }));
    await client.heard("complete");
    expect(courseOf(client.frames)).toEqual(["error", "chunk", "complete"]);
  });

  it("[W42] must give up all of a run whose voice is unknown, with one error", async () => {
    const client = await open();
    const bad = { voice_id: "nobody" };
    client.send(token("One ", bad), token("two ", bad), say("", { ...bad, flush: true }));
    client.send(say(hello, { flush: true }));
    await client.heard("complete");
    expect(courseOf(client.frames)).toEqual(["error", "chunk", "complete"]);
    expect(client.frames.filter(({ status }) => status === "error")).toHaveLength(1);
    expect(tone.begun).toEqual([hello]);
  });

  it("[W42] must give up all of a context's text whose voice is unknown, with one error", async () => {
    const client = await open();
    const bad = { voice_id: "nobody", context_id: "c", request_id: "r" };
    for (const text of ["One ", "two ", "three "]) {
      client.send(token(text, { ...bad, flush: undefined }));
      await client.settled();
    }
    client.send(say("", { ...bad, continue: false }));
    client.send(say(hello, { context_id: "c", continue: false }));
    await client.heard("complete");
    expect(courseOf(client.frames)).toEqual(["error", "chunk", "complete"]);
    const errors = client.frames.filter(({ status }) => status === "error");
    expect(errors).toMatchObject([
      { context_id: "c", external_request_id: "r", request_id: expect.any(String) as string },
    ]);
    expect(tone.begun).toEqual([hello]);
  });

  it("[W42] must name the request that is refused", async () => {
    const client = await open();
    client.send(say(hello, { voice_id: "nobody", request_id: "r-1", session_id: "s-1" }));
    const first = await client.heard("error");
    expect(first).toMatchObject({
      request_id: expect.stringMatching(/^task_/) as string,
      external_request_id: "r-1",
      external_session_id: "s-1",
    });
    client.send(say(hello, { flush: true }));
    const { request_id } = await client.heard("complete");
    expect(request_id).not.toBe(first.request_id);
  });

  it("[W43] must answer mulaw with invalid_enum_value, and go on", async () => {
    const client = await open();
    client.send(say(hello, { output_format: "mulaw" }));
    const { errors, error } = await client.heard("error");
    expect(error?.code).toBe("invalid_enum_value");
    expect(errors).toEqual([mulawIssue]);
    client.send(say(hello, { flush: true }));
    await client.heard("complete");
  });

  it("[W43] must answer mulaw over HTTP with the same facts", async () => {
    const response = await fetch(`${bench.server.url}/waves/v1/tts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(say(hello, { output_format: "mulaw" })),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: "InvalidRequest",
      code: "invalid_enum_value",
      errors: [mulawIssue],
    });
  });

  const unreadable: [string, string, object | string][] = [
    ["what is not JSON", "invalid_json", "{"],
    ["an array", "invalid_request", "[1]"],
    ["a number", "invalid_request", "5"],
    ["a message without text", "invalid_request", { voice_id: "tone" }],
    ["an empty object", "invalid_request", {}],
    ["a text that is no string", "invalid_request", say(hello, { text: 5 })],
    ["a voice_id that is missing", "invalid_request", { text: hello }],
    ["a sample rate there is not", "invalid_request", say(hello, { sample_rate: 12_345 })],
    ["a format that is no string", "invalid_enum_value", say(hello, { output_format: 5 })],
    ["an id that is none", "invalid_request", say(hello, { request_id: "a b" })],
    ["a model there is not", "model_not_found", say(hello, { model: "thunder" })],
    ["a text that is too long", "text_too_long", say("a".repeat(10_001))],
  ];
  it.for(unreadable)("[W44] must answer %s with %s, and go on", async ([, code, message]) => {
    const client = await open();
    client.send(message);
    const error = await client.heard("error");
    expect(error.error?.code).toBe(code);
    expect(error.message).toMatch(/./);
    client.send(say(hello, { flush: true }));
    await client.heard("complete");
    expect(courseOf(client.frames)).toEqual(["error", "chunk", "complete"]);
  });

  const broken: [string, object | string][] = [
    ["what is not JSON", "{"],
    ["an array", "[1]"],
    ["a text that is no string", { text: 5 }],
    ["a token with a text that is no string", token("", { text: 5 })],
    ["a sample rate there is not", token("two ", { sample_rate: 12_345 })],
  ];
  it.for(broken)("[W44] must give up all of a run that has %s in it", async ([, message]) => {
    const client = await open();
    client.send(token("One ", { request_id: "r-1" }), message, token("three "), runEnd);
    client.send(say(hello, { flush: true }));
    await client.heard("complete");
    expect(courseOf(client.frames)).toEqual(["error", "chunk", "complete"]);
    expect(client.frames[0]).toMatchObject({
      request_id: expect.stringMatching(/^task_/) as string,
      external_request_id: "r-1",
    });
    expect(tone.begun).toEqual([hello]);
  });

  it("[W44] must take a message that it cannot read for a run's end if it says so", async () => {
    const client = await open();
    for (const end of [{ continue: false }, { flush: true }]) {
      client.send(token("Given up "), { ...end, text: 5 });
    }
    client.send(say(hello, { flush: true }));
    await client.heard("complete");
    expect(tone.begun).toEqual([hello]);
  });

  it("[W44] must spare a run when a message for a context cannot be read", async () => {
    const client = await open();
    const contexts = [5, "no name", "c"];
    client.send(token("One "), ...contexts.map((context_id) => ({ context_id, text: 5 })));
    client.send(token("two."), runEnd);
    await client.heard("complete");
    const errors = client.frames.filter(({ status }) => status === "error");
    expect(errors.map(({ context_id }) => context_id)).toEqual([undefined, undefined, "c"]);
    expect(tone.begun).toEqual(["One two."]);
  });

  it("[W44] must give up the text of a context that has a broken message in it", async () => {
    const client = await open();
    const own = { context_id: "c", flush: undefined };
    client.send(say("Before. ", { context_id: "c", continue: false }));
    await client.heard("complete");
    client.send(token("One ", own), token("", { ...own, text: 5 }), token("three ", own));
    client.send(say("", { context_id: "c", continue: false }));
    client.send(say(hello, { context_id: "c", continue: false }));
    await client.heard("complete", 2);
    expect(courseOf(client.frames)).toEqual(["chunk", "complete", "error", "chunk", "complete"]);
    expect(tone.begun).toEqual(["Before. ", hello]);
  });

  it("[W44] must ignore an introduction meant for other models", async () => {
    const client = await open();
    client.send({ type: "init", sample_rate: 8000 }, { event: "hello" }, { init: true });
    await client.settled();
    expect(client.frames).toEqual([]);
  });

  it("[W45] must tell a failure of the engine without a complete, and go on", async () => {
    const client = await open();
    tone.failWith(new Error("The tone has gone flat"), "flat");
    client.send(token("This works. ", { flush: true }));
    await client.heard("chunk");
    client.send(token("This goes flat. ", { flush: true }));
    const error = await client.heard("error");
    expect(error.error?.code).toBe("synthesis_failed");
    expect(error.request_id).toBe(client.frames[0]?.request_id);
    client.send(token("Not spoken. "), runEnd);
    clock.advance(20_000);
    await client.settled();
    expect(client.frames.at(-1)?.status).toBe("error");
    client.send(say(hello, { flush: true }));
    const complete = await client.heard("complete");
    expect(client.audio(complete.request_id)).toHaveLength(toneBytes(hello));
    expect(tone.begun).not.toContain("Not spoken. ");
  });

  it("[W45] must give up the rest of a context's text that fails, with one error", async () => {
    const client = await open();
    tone.failWith(new Error("The tone has gone flat"), "flat");
    const own = { context_id: "c", flush: undefined, max_buffer_delay_ms: 100 };
    client.send(token("This goes flat. ", own));
    await client.settled();
    clock.advance(100);
    await client.heard("error");
    client.send(token("Not spoken. ", own));
    await client.settled();
    client.send(token("", { ...own, continue: false }));
    client.send(say(hello, { context_id: "c", continue: false }));
    await client.heard("complete");
    expect(courseOf(client.frames)).toEqual(["error", "chunk", "complete"]);
    expect(tone.begun).not.toContain("Not spoken. ");
  });

  it("[W45] must let a context go on after a failure", async () => {
    const client = await open();
    tone.failWith(new Error("The tone has gone flat"), "flat");
    const own = { context_id: "c", continue: false };
    client.send(say("Gone flat. ", own));
    await client.heard("error");
    client.send(say(hello, own));
    await client.heard("complete");
    expect(courseOf(client.frames)).toEqual(["error", "chunk", "complete"]);
  });

  it.for([1_048_577, 4 * 1_048_576 + 1, 9_000_000])(
    "[W46] must send an error before it closes for a message of %i bytes",
    async (sizeBytes) => {
      const client = await open();
      const message = (length: number): string => JSON.stringify(say("a".repeat(length)));
      client.send(token("Half a "), message(sizeBytes - message(0).length));
      const closed = await client.closed;
      expect(client.frames).toMatchObject([
        { status: "error", error: { code: "message_too_big" } },
      ]);
      expect(closed).toEqual({ code: 1009, reason: "message_too_big" });
    },
  );
});

const mulawIssue = {
  received: "mulaw",
  code: "invalid_enum_value",
  options: ["wav", "ulaw", "alaw", "pcm", "mp3"],
  path: ["output_format"],
  message: "Invalid enum value. Expected 'wav' | 'ulaw' | 'alaw' | 'pcm' | 'mp3', received 'mulaw'",
};

describe("a shutdown", () => {
  const bench = useToneServer();

  it("[W46] must be told in an error frame before the close with 1001", async () => {
    const client = await openOn(bench);
    client.send(say(hello));
    await client.heard("chunk");
    const closing = bench.server.server.close();
    await client.heard("complete");
    const { error } = await client.heard("error");
    expect(error?.code).toBe("server_shutdown");
    expect(await client.closed).toEqual({ code: 1001, reason: "server_shutdown" });
    await closing;
  });
});

describe("the concurrency limit", () => {
  const bench = useToneServer({ maxConcurrency: "1" });

  it("[W50] must be told in an error frame, or with 429 and retry-after", async () => {
    const busy = await openOn(bench);
    const second = await openOn(bench);
    bench.tone.hold();
    busy.send(say(hello, { flush: true }));
    await busy.settled();
    second.send(say(hello, { flush: true }));
    const { error } = await second.heard("error");
    expect(error?.code).toBe("concurrency_limited");
    const response = await fetch(`${bench.server.url}/waves/v1/tts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(say(hello)),
    });
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toMatchObject({ code: "concurrency_limited" });
    bench.tone.release();
    await busy.heard("complete");
    second.send(say(hello, { flush: true }));
    await second.heard("complete");
  });

  it("[W50] must be told once for each request, and none of it may be heard", async () => {
    const busy = await openOn(bench);
    const second = await openOn(bench);
    bench.tone.hold();
    busy.send(say(hello, { flush: true }));
    await busy.settled();
    const own = { context_id: "c", flush: undefined, max_buffer_delay_ms: 10 };
    for (const text of ["One ", "two ", "three "]) {
      second.send(token(text, own));
      await second.settled();
      bench.clock.advance(10);
      await second.settled();
    }
    bench.tone.release();
    await busy.heard("complete");
    second.send(token("four ", own), say("", { context_id: "c", continue: false }));
    second.send(say("Let in.", { context_id: "c", continue: false }));
    await second.heard("complete");
    expect(courseOf(second.frames)).toEqual(["error", "chunk", "complete"]);
    expect(second.frames.filter(({ status }) => status === "error")).toHaveLength(1);
    expect(bench.tone.begun).toEqual([hello, "Let in."]);
  });

  it("[W50] must hold across both families", async () => {
    const waves = await openOn(bench);
    bench.tone.hold();
    waves.send(say(hello, { flush: true }));
    await waves.settled();
    const eleven = await bench.open();
    eleven.send({ text: hello, flush: true });
    const { error } = await eleven.frame((frame) => frame.error !== undefined);
    expect(error).toBe("too_many_concurrent_requests");
    bench.tone.release();
    await waves.heard("complete");
  });
});

describe("models that have been retired", () => {
  const bench = useToneServer({ wavesRetiredModels: "refuse" });

  const recommended = { recommended_endpoint: "/waves/v1/lightning-v3.1/get_speech" };

  it.for([
    "/waves/v1/lightning-v2/get_speech/stream",
    "/api/v1/lightning-large/stream",
    "/waves/v1/streaming-tts/stream",
  ])("[W2] must be refused with 410 when that is set: %s", async (path) => {
    const refused: unknown = await openOn(bench, { path }).catch((error: unknown) => error);
    if (!(refused instanceof Refused)) throw new Error("the socket was opened");
    expect(refused.status).toBe(410);
    expect(refused.body).toMatchObject({
      status: "error",
      error_code: "MODEL_DEPRECATED",
      ...recommended,
    });
  });

  it.for([
    ["/waves/v1/lightning-v2/get_speech", {}],
    ["/waves/v1/tts", { model: "lightning_v2" }],
    ["/waves/v1/tts/live", { model: "lightning-large" }],
  ] as const)("[W47] must be refused with 410 over HTTP: %s %o", async ([path, others]) => {
    const response = await fetch(`${bench.server.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(say(hello, others)),
    });
    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({
      error_code: "MODEL_DEPRECATED",
      ...recommended,
    });
  });

  it("[W44] must be refused in a message, and the socket stay open", async () => {
    const client = await openOn(bench);
    client.send(say(hello, { model: "lightning-v2" }));
    const { error } = await client.heard("error");
    expect(error?.code).toBe("model_deprecated");
    client.send(say(hello, { flush: true }));
    await client.heard("complete");
  });
});
