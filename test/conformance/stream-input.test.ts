import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ManualClock } from "../../src/clock.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { openStreamInput, spelled, type StreamInput } from "../support/stream-input.ts";
import {
  audioFrames,
  createGatedTone,
  endMs,
  finalFrame,
  type GatedTone,
  normalClose,
  prose,
  segmentsOf,
  sounding,
  spelling,
  toneBytes,
  useFliteServer,
  useToneServer,
} from "./bench.ts";

const pcm = "output_format=pcm_16000";
const hello = "Hello there. ";
const again = "And here again. ";

const bench = useToneServer();
const { clock, tone } = bench;

const open = (query = ""): Promise<StreamInput> => bench.open({ query: `${pcm}&${query}` });
const finals = ({ frames }: StreamInput): number =>
  frames.filter(({ isFinal }) => isFinal === true).length;

describe("the first message", () => {
  it("[29] must accept a first message with one space and produce no audio for it", async () => {
    const client = await open();
    client.send({ text: " " });
    await client.settled();
    expect(client.frames).toEqual([]);
    client.send({ text: "" });
    expect(await client.closed).toEqual(normalClose);
    expect(client.frames).toEqual([finalFrame]);
    expect(tone.begun).toEqual([]);
  });

  it("[30] must speak real text in the first message", async () => {
    const { frames, audio } = await bench.converse([{ text: hello }, { text: "" }], { query: pcm });
    expect(tone.begun).toEqual([hello]);
    expect(spelled(frames)).toBe(hello);
    expect(audio).toHaveLength(toneBytes(hello));
  });

  const emptyTurns = [
    {
      name: "[31] must answer a first message without text with the final frame and 1000",
      message: {},
    },
    {
      name: "[31] must answer a first message with settings and no text the same way",
      message: { voice_settings: { speed: 1 }, generation_config: { chunk_length_schedule: [50] } },
    },
    {
      name: "[32] must answer a lone empty text with the final frame and 1000",
      message: { text: "" },
    },
  ];
  it.for(emptyTurns.map((row) => [row.name, row.message] as const))("%s", async ([, message]) => {
    const { frames, closed } = await bench.converse([message], { query: pcm });
    expect(frames).toEqual([finalFrame]);
    expect(closed).toEqual(normalClose);
  });
});

describe("members", () => {
  it("[33] must ignore unknown members in messages and inside voice_settings", async () => {
    const { frames, closed, audio } = await bench.converse(
      [
        {
          text: " ",
          not_a_real_field: { deep: [1, null] },
          type: "init",
          voice_settings: { pitch: "high", speed: 1 },
        },
        {
          text: hello,
          context: 7,
          generation_config: { chunk_length_schedule: [50], extra: true },
        },
        { text: "", reason: "done" },
      ],
      { query: pcm },
    );
    expect(frames.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(closed).toEqual(normalClose);
    expect(audio).toHaveLength(toneBytes(hello));
  });

  it("[34] must accept null for every optional member", async () => {
    const nothing = {
      flush: null,
      try_trigger_generation: null,
      voice_settings: null,
      generation_config: null,
      generator_config: null,
      pronunciation_dictionary_locators: null,
      xi_api_key: null,
      "xi-api-key": null,
      authorization: null,
    };
    const inside = {
      voice_settings: {
        stability: null,
        similarity_boost: null,
        style: null,
        use_speaker_boost: null,
        speed: null,
      },
      generation_config: { chunk_length_schedule: null },
    };
    const { closed, audio } = await bench.converse(
      [
        { text: " ", ...nothing },
        { text: hello, ...nothing, ...inside },
        { ...nothing, text: null },
        { ...nothing, text: "" },
      ],
      { query: pcm },
    );
    expect(closed).toEqual(normalClose);
    expect(audio).toHaveLength(toneBytes(hello));
  });

  it("[35] must join fragments without a gap when auto_mode is off", async () => {
    const { frames } = await bench.converse(
      [
        { text: " " },
        { text: "Hel" },
        { text: "lo" },
        { text: " world" },
        { text: "." },
        { text: "" },
      ],
      { query: pcm },
    );
    expect(tone.begun).toEqual(["Hello world."]);
    expect(spelled(frames)).toBe("Hello world. ");
  });
});

/**
 * Sends text in parts as long as the schedule's steps. No synthesis may begin before the last
 * character of each part, which ends a sentence, and one must begin with it.
 */
async function climb(first: object, steps: readonly number[]): Promise<number[]> {
  const client = await open();
  client.send({ text: " ", ...first });
  let sent = "";
  const stepsTaken: number[] = [];
  for (const step of steps) {
    const part = prose(step);
    client.send({ text: part.slice(0, -1) });
    await client.settled();
    expect(tone.begun.join("")).toBe(sent);
    sent += part;
    client.send({ text: part.slice(-1) });
    await client.settled();
    expect(tone.begun.join("").length).toBeGreaterThan(sent.length - step);
    await spelling(client, sent);
    expect(tone.begun.join("")).toBe(sent);
    stepsTaken.push(step);
  }
  expect(finals(client)).toBe(0);
  return stepsTaken;
}

const schedule = (...chars: unknown[]): object => ({
  generation_config: { chunk_length_schedule: chars },
});

describe("the schedule", () => {
  it("[36] must not start synthesis before 120 buffered characters with the default schedule", async () => {
    const client = await open();
    client.send(
      { text: " " },
      ...prose(119)
        .match(/.{1,7}/g)!
        .map((text) => ({ text })),
    );
    await client.settled();
    expect(tone.begun).toEqual([]);
    expect(client.frames).toEqual([]);
  });

  it("[37] must start synthesis at 120 characters without a flush", async () => {
    expect(await climb({}, [120])).toEqual([120]);
  });

  it("[37] must cut at the last pause in the buffer and keep the rest", async () => {
    const [said, rest] = [`${prose(40)}${prose(50)}`, "these words have to wait for the others"];
    const client = await open();
    client.send({ text: said + rest });
    await spelling(client, said);
    expect(tone.begun.join("")).toBe(said);
  });

  it("[37] must cut at the last space when no pause comes within half as much again", async () => {
    const words = "word ".repeat(40);
    const client = await open();
    client.send({ text: words.slice(0, 179) });
    await client.settled();
    expect(tone.begun).toEqual([]);
    client.send({ text: words.slice(179, 182) });
    await client.settled();
    expect(tone.begun.join("")).toBe(words.slice(0, 180));
  });

  it("[38] must require a further 160 characters for the second segment", async () => {
    expect(await climb({}, [120, 160])).toEqual([120, 160]);
  });

  it("[38] must count characters since the last dispatch, not those that stayed behind", async () => {
    const rest = "word ".repeat(4);
    const client = await open();
    client.send({ text: prose(100) + rest });
    await spelling(client, prose(100));
    client.send({ text: prose(160).slice(0, -1) });
    await client.settled();
    expect(tone.begun.join("")).toBe(prose(100));
    client.send({ text: " " });
    await spelling(client, prose(100) + rest + prose(160));
  });

  it("[39] must repeat the last item of the default schedule", async () => {
    const steps = [120, 160, 250, 290, 290, 290];
    expect(await climb({}, steps)).toEqual(steps);
  });

  it("[39] must repeat the last item of a custom schedule", async () => {
    const steps = [60, 80, 80, 80];
    expect(await climb(schedule(60, 80), steps)).toEqual(steps);
  });

  const customs = [
    { name: "[40] must honour the schedule [50]", first: schedule(50), steps: [50, 50] },
    {
      name: "[40] must honour the schedule [50, 90, 160]",
      first: schedule(50, 90, 160),
      steps: [50, 90, 160],
    },
    { name: "[41] must raise a schedule's items to 50", first: schedule(1, 20), steps: [50, 50] },
    { name: "[41] must lower a schedule's items to 500", first: schedule(1000), steps: [500] },
    {
      name: "[42] must accept generator_config as well as generation_config",
      first: { generator_config: { chunk_length_schedule: [70] } },
      steps: [70, 70],
    },
    {
      name: "[40] must fall back to the default for an empty schedule",
      first: schedule(),
      steps: [120, 160],
    },
    {
      name: "[40] must fall back to the default for a schedule without numbers",
      first: schedule("a", {}),
      steps: [120, 160],
    },
  ];
  it.for(customs.map((row) => [row.name, row] as const))("%s", async ([, { first, steps }]) => {
    expect(await climb(first, steps)).toEqual(steps);
  });

  it("[40] must honour a schedule that comes with later text", async () => {
    const client = await open();
    client.send({ text: " " }, { text: prose(60), ...schedule(50) });
    await client.settled();
    expect(tone.begun).toEqual([prose(60)]);
  });
});

describe("flush", () => {
  it("[43] must speak the whole buffer on a flush, however short", async () => {
    const client = await open();
    client.send({ text: " " }, { text: "A" });
    await client.settled();
    expect(tone.begun).toEqual([]);
    client.send({ text: " ", flush: true });
    await sounding(client, toneBytes("A"));
    expect(tone.begun).toEqual(["A "]);
  });

  it("[44] must append the text of a flush message before flushing", async () => {
    const client = await open();
    client.send({ text: "Hello " }, { text: "there. ", flush: true });
    await client.settled();
    expect(tone.begun).toEqual([hello]);
    await sounding(client, toneBytes(hello));
    expect(spelled(client.frames)).toBe(hello);
  });

  it("[45] must not send a final frame because of a flush", async () => {
    const client = await open();
    client.send({ text: hello, flush: true }, { flush: true });
    await sounding(client, toneBytes(hello));
    await client.settled();
    clock.advance(10_000);
    await client.settled();
    expect(client.frames.map(({ isFinal }) => isFinal)).toEqual(client.frames.map(() => null));
    expect(client.audio()).toHaveLength(toneBytes(hello));
  });

  it("[46] must keep the socket open after a flush, and go on speaking", async () => {
    const client = await open();
    client.send({ text: hello, flush: true });
    await sounding(client, toneBytes(hello));
    await client.settled();
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    client.send({ text: again, flush: true });
    await sounding(client, toneBytes(hello) + toneBytes(again));
    expect(spelled(client.frames)).toBe(hello + again);
  });

  it("[47] must accept a flush without text as a later message", async () => {
    const client = await open();
    client.send({ text: " " }, { text: hello }, { flush: true });
    await sounding(client, toneBytes(hello));
    await client.settled();
    expect(tone.begun).toEqual([hello]);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  it("[48] must take an empty text with flush for a flush, and an empty text after it for the end", async () => {
    const client = await open();
    client.send({ text: " " }, { text: hello }, { text: "", flush: true });
    await sounding(client, toneBytes(hello));
    await client.settled();
    expect(finals(client)).toBe(0);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    client.send({ text: again }, { text: "" });
    expect(await client.closed).toEqual(normalClose);
    expect(spelled(client.frames)).toBe(hello + again);
    expect(finals(client)).toBe(1);
  });

  it("[49] must ignore try_trigger_generation below 50 buffered characters and obey it from 50 on", async () => {
    const client = await open();
    const text = prose(50);
    client.send({ text: " ", try_trigger_generation: true });
    client.send({ text: text.slice(0, 49), try_trigger_generation: true });
    await client.settled();
    expect(tone.begun).toEqual([]);
    client.send({ text: text.slice(49), try_trigger_generation: true });
    await client.settled();
    expect(tone.begun).toEqual([text]);
  });
});

describe("auto_mode", () => {
  it("[50] must dispatch each message at once", async () => {
    const client = await open("auto_mode=true");
    client.send({ text: " " }, { text: hello });
    await client.settled();
    expect(tone.begun).toEqual([hello]);
    await sounding(client, toneBytes(hello));
    client.send({ text: again });
    await client.settled();
    expect(tone.begun).toEqual([hello, again]);
    client.send({ text: "Yes! ", flush: true }, { text: "" });
    expect(await client.closed).toEqual(normalClose);
    expect(spelled(client.frames)).toBe(`${hello}${again}Yes! `);
  });

  const wordEnds = [
    { what: "the next message", send: { text: "lo world. " }, begun: ["Hello world. "] },
    { what: "a flush", send: { flush: true }, begun: ["Hel"] },
    { what: "the end marker", send: { text: "" }, begun: ["Hel"] },
  ];
  for (const { what, send, begun } of wordEnds) {
    it(`[51] should hold back a part of a word until ${what}`, async () => {
      const client = await open("auto_mode=true");
      client.send({ text: " " }, { text: "Hel" });
      await client.settled();
      expect(tone.begun).toEqual([]);
      client.send(send);
      await client.settled();
      expect(tone.begun).toEqual(begun);
    });
  }

  it("[51] should speak the words before a part of one, and that part after 100 to 200 ms of silence", async () => {
    const client = await open("auto_mode=true");
    client.send({ text: " " }, { text: "Hello wor" });
    await client.settled();
    expect(tone.begun).toEqual(["Hello "]);
    await spelling(client, "Hello");
    clock.advance(99);
    await client.settled();
    expect(tone.begun).toEqual(["Hello "]);
    clock.advance(101);
    await client.settled();
    expect(tone.begun).toEqual(["Hello ", "wor"]);
  });
});

describe("the end", () => {
  it("[52] must speak the rest of the buffer at the end marker", async () => {
    const { frames, audio } = await bench.converse(
      [
        { text: " " },
        { text: hello, flush: true },
        { text: "One more thi" },
        { text: "ng" },
        { text: "" },
      ],
      { query: pcm },
    );
    expect(tone.begun).toEqual([hello, "One more thing"]);
    expect(spelled(frames)).toBe(`${hello}One more thing `);
    expect(audio).toHaveLength(toneBytes(hello) + toneBytes("One more thing"));
  });

  const conversations = [
    { what: "one segment", messages: [{ text: hello }, { text: "" }] },
    {
      what: "three segments",
      messages: [
        { text: hello, flush: true },
        { text: again, flush: true },
        { text: hello },
        { text: "" },
      ],
    },
    {
      what: "repeated end markers",
      messages: [{ text: hello }, { text: "" }, { text: "" }, { text: "" }],
    },
    { what: "a flush before the end", messages: [{ text: hello }, { flush: true }, { text: "" }] },
  ];
  for (const { what, messages } of conversations) {
    it(`[53] must send exactly one final frame after ${what}`, async () => {
      const { frames } = await bench.converse(messages, { query: pcm });
      expect(frames.filter(({ isFinal }) => isFinal !== null)).toEqual([finalFrame]);
    });
    it(`[54] must send the final frame last after ${what}`, async () => {
      const { frames } = await bench.converse(messages, { query: pcm });
      expect(audioFrames(frames)).toHaveLength(frames.length - 1);
      expect(frames.at(-1)).toEqual(finalFrame);
    });
  }

  it("[54] must hold the final frame back until a synthesis that takes long is complete", async () => {
    tone.hold();
    const client = await open();
    client.send({ text: hello }, { text: "" });
    await client.settled();
    expect(client.frames).toEqual([]);
    tone.release();
    expect(await client.closed).toEqual(normalClose);
    expect(client.audio()).toHaveLength(toneBytes(hello));
    expect(client.frames.at(-1)).toEqual(finalFrame);
  });

  it("[55] must close with 1000 and no reason after the final frame, without waiting for time to pass", async () => {
    const before = clock.now();
    const { closed, frames } = await bench.converse([{ text: hello }, { text: "" }], {
      query: pcm,
    });
    expect(frames.at(-1)).toEqual(finalFrame);
    expect(closed).toEqual({ code: 1000, reason: "" });
    expect(clock.now()).toBe(before);
  });

  it("[56] must ignore messages after the end marker, whatever they hold", async () => {
    tone.hold();
    const client = await open();
    client.send({ text: hello }, { text: "" });
    client.send({ text: again, flush: true }, "this is not JSON", { text: 7 }, { text: "" });
    await client.settled();
    tone.release();
    expect(await client.closed).toEqual(normalClose);
    expect(tone.begun).toEqual([hello]);
    expect(spelled(client.frames)).toBe(hello);
    expect(client.frames.filter(({ isFinal }) => isFinal !== null)).toEqual([finalFrame]);
  });

  it("[66] must take Vocode's end marker for the end", async () => {
    const { frames, closed } = await bench.converse(
      [{ text: " " }, { text: hello }, { text: "", try_trigger_generation: true, flush: false }],
      { query: pcm },
    );
    expect(closed).toEqual(normalClose);
    expect(spelled(frames)).toBe(hello);
    expect(frames.at(-1)).toEqual(finalFrame);
  });
});

const timeoutMessage = (seconds: string): string =>
  `Have not received a new text input within the timeout of ${seconds} seconds. Streaming input terminated. Please make sure to either feed the input in the timely manner, or to send the end of input text (empty string "") when done.`;

describe("time", () => {
  it("[57] must take a space for a keepalive: the timer starts anew, nothing is spoken", async () => {
    const client = await open();
    client.send({ text: " " });
    for (let round = 0; round < 5; round += 1) {
      await client.settled();
      clock.advance(19_999);
      await client.settled();
      client.send({ text: " " });
    }
    await client.settled();
    expect(client.frames).toEqual([]);
    expect(tone.begun).toEqual([]);
    clock.advance(20_000);
    expect((await client.closed).code).toBe(1008);
  });

  it("[58] must send input_timeout_exceeded and close with 1008 after the timeout", async () => {
    const client = await open();
    client.send({ text: " " });
    await client.settled();
    clock.advance(20_000);
    const message = timeoutMessage("20");
    expect(await client.closed).toEqual({ code: 1008, reason: message.slice(0, 123) });
    expect(client.frames).toEqual([{ message, error: "input_timeout_exceeded", code: 1008 }]);
  });

  it("[58] must expire a socket that never sent a message", async () => {
    const client = await open();
    clock.advance(19_999);
    await client.settled();
    expect(client.frames).toEqual([]);
    clock.advance(1);
    expect((await client.closed).code).toBe(1008);
    expect(client.frames.map(({ error }) => error)).toEqual(["input_timeout_exceeded"]);
  });

  const timeouts = [
    { value: "1", seconds: "1" },
    { value: "20.0", seconds: "20" },
    { value: "45", seconds: "45" },
    { value: "300", seconds: "180" },
  ];
  for (const { value, seconds } of timeouts) {
    it(`[59] must say ${seconds} seconds for inactivity_timeout=${value}`, async () => {
      const client = await open(`inactivity_timeout=${value}`);
      client.send({ text: " " });
      await client.settled();
      clock.advance(Number(seconds) * 1000);
      await client.closed;
      expect(client.frames.map(({ message }) => message)).toEqual([timeoutMessage(seconds)]);
    });
  }

  it("[60] must not expire while synthesis is running or queued, but 20 s after it", async () => {
    tone.hold();
    const client = await open();
    const text = `${hello}${prose(90)}${prose(90)}${prose(90)}`;
    client.send({ text, flush: true });
    await client.settled();
    expect(tone.begun.join("").length).toBeLessThan(text.length);
    for (let round = 0; round < 10; round += 1) clock.advance(19_000);
    await client.settled();
    expect(client.frames).toEqual([]);
    tone.release();
    await spelling(client, text);
    await client.settled();
    expect(client.frames.map(({ error }) => error).filter(Boolean)).toEqual([]);
    clock.advance(20_000);
    expect((await client.closed).code).toBe(1008);
    expect(client.frames.at(-1)?.error).toBe("input_timeout_exceeded");
  });

  it("[60] must not expire a socket that has ended its input and waits for its audio", async () => {
    tone.hold();
    const client = await open();
    client.send({ text: hello }, { text: "" });
    await client.settled();
    clock.advance(600_000);
    await client.settled();
    tone.release();
    expect(await client.closed).toEqual(normalClose);
    expect(client.audio()).toHaveLength(toneBytes(hello));
  });
});

async function withHeldTone(
  run: (server: TestServer, tone: GatedTone, stopped: ManualClock) => Promise<void>,
): Promise<void> {
  const held = createGatedTone(() => "hold");
  const stopped = new ManualClock();
  const server = await startServer({
    engines: [held.engine],
    clock: stopped,
    flags: { auth: "off", workers: "1" },
  });
  try {
    await run(server, held, stopped);
    expect(stopped.now()).toBe(0);
  } finally {
    held.release();
    await server.close();
  }
}

describe("a client that goes", () => {
  const goodbyes = [
    { how: "drops the connection", leave: ({ socket }: StreamInput) => socket.terminate() },
    { how: "sends a Close frame", leave: ({ socket }: StreamInput) => socket.close(1000) },
  ];
  for (const { how, leave } of goodbyes) {
    it(`[61] must cancel synthesis as soon as the client ${how}`, async () => {
      await withHeldTone(async (server, held) => {
        const client = await openStreamInput(server.wsUrl);
        client.send({ text: hello, flush: true });
        await held.begun(hello);
        leave(client);
        await expect(held.aborted(hello)).resolves.toBe(hello);
        await client.closed;
      });
    });
  }

  it("[61] must cancel synthesis when the client drops the connection with much text still waiting", async () => {
    await withHeldTone(async (server, held) => {
      const client = await openStreamInput(server.wsUrl);
      client.send({ text: hello, flush: true });
      for (let count = 0; count < 200; count += 1) client.send({ text: prose(2000) });
      await held.begun(hello);
      client.socket.terminate();
      await expect(held.aborted(hello)).resolves.toBe(hello);
    });
  }, 5000);
});

describe("errors", () => {
  const invalid = {
    message:
      "Could not parse input message, make sure it is a json and follows the schema outlined in protocol.",
    error: "invalid_input_message",
    code: 1008,
  } as const;

  const unreadable = [
    { name: "[62] must refuse text that is not JSON", message: "hello" },
    { name: "[62] must refuse JSON that is cut short", message: '{"text":"Hel' },
    { name: "[62] must refuse an empty message", message: "" },
    { name: "[62] must refuse a JSON array", message: "[]" },
    { name: "[62] must refuse a JSON string", message: '"text"' },
    { name: "[62] must refuse JSON null", message: "null" },
    { name: "[63] must refuse a text that is a number", message: { text: 7 } },
    { name: "[63] must refuse a text that is an object", message: { text: {} } },
    { name: "[63] must refuse a text that is a list", message: { text: ["a"] } },
    { name: "[63] must refuse a text that is a boolean", message: { text: true } },
  ];
  for (const { name, message } of unreadable) {
    for (const [where, before] of [
      ["as first message", []],
      ["later", [{ text: " " }]],
    ] as const) {
      it(`${name} ${where}`, async () => {
        const { frames, closed } = await bench.converse([...before, message], { query: pcm });
        expect(frames).toEqual([invalid]);
        expect(closed).toEqual({ code: 1008, reason: invalid.message });
      });
    }
  }

  const strangers = ["notARealVoiceId000000", "no such voice", "Stimme/ä", "v".repeat(64)];
  for (const voice of strangers) {
    it(`[64] must answer an unknown voice after the first message: ${voice}`, async () => {
      const client = await bench.open({ voice, query: pcm });
      await client.settled();
      expect(client.frames).toEqual([]);
      client.send({ text: " " });
      const message = `A voice with voice_id ${voice} does not exist.`;
      expect(await client.closed).toEqual({ code: 1008, reason: message });
      expect(client.frames).toEqual([{ message, error: "voice_id_does_not_exist", code: 1008 }]);
    });
  }

  const longNames = [
    { what: "300 letters", voice: "v".repeat(300) },
    { what: "characters of 2 bytes", voice: "ä".repeat(60) },
    { what: "characters of 3 bytes", voice: "声".repeat(60) },
    { what: "characters of 4 bytes", voice: "😀".repeat(40) },
    { what: "characters of 4 bytes at odd places", voice: `a${"😀".repeat(40)}` },
  ];
  for (const { what, voice } of longNames) {
    it(`[64] must answer an unknown voice whose name is long: ${what}`, async () => {
      const { frames, closed } = await bench.converse([{ text: hello }], { voice, query: pcm });
      expect(frames).toHaveLength(1);
      expect(frames[0]).toMatchObject({ error: "voice_id_does_not_exist", code: 1008 });
      const message = frames[0]?.message ?? "";
      expect(Buffer.from(message).toString(), "holds whole characters only").toBe(message);
      expect(closed.code).toBe(1008);
    });
  }

  for (const { what, voice } of longNames.slice(1)) {
    it(`[65] must cut the reason to at most 123 bytes in whole characters: ${what}`, async () => {
      const { frames, closed } = await bench.converse([{ text: hello }], { voice, query: pcm });
      const message = frames[0]?.message ?? "";
      expect(Buffer.byteLength(message)).toBeGreaterThan(123);
      expect(message.startsWith(closed.reason)).toBe(true);
      expect(closed.reason).not.toContain("\ufffd");
      const next = Array.from(message.slice(closed.reason.length))[0] ?? "";
      const sizeBytes = Buffer.byteLength(closed.reason);
      expect(sizeBytes).toBeLessThanOrEqual(123);
      expect(sizeBytes + Buffer.byteLength(next)).toBeGreaterThan(123);
    });
  }
});

describe("an unknown voice with a fallback", () => {
  const fallback = useToneServer({ fallbackVoice: "tone" });

  it("[64] must speak with the fallback voice when one is set", async () => {
    const { closed, audio } = await fallback.converse([{ text: hello }, { text: "" }], {
      voice: "notARealVoiceId000000",
      query: pcm,
    });
    expect(closed).toEqual(normalClose);
    expect(audio).toHaveLength(toneBytes(hello));
  });
});

/** The size of each segment, in order. */
async function sizes(...messages: object[]): Promise<number[]> {
  const { frames, closed } = await bench.converse([...messages, { text: "" }], { query: pcm });
  expect(closed).toEqual(normalClose);
  return segmentsOf(frames).map(({ sizeBytes }) => sizeBytes);
}

describe("voice_settings", () => {
  const slow = { speed: 0.8, stability: 0.5 };

  it("[67] must apply the voice_settings of the first message to all segments", async () => {
    expect(
      await sizes(
        { text: " ", voice_settings: slow },
        { text: hello, flush: true },
        { text: again, flush: true },
        { text: hello },
      ),
    ).toEqual([toneBytes(hello, 0.8), toneBytes(again, 0.8), toneBytes(hello, 0.8)]);
  });

  it("[68] must accept the same voice_settings again", async () => {
    expect(
      await sizes(
        { text: " ", voice_settings: slow },
        { text: hello, voice_settings: slow, flush: true },
        { text: " ", voice_settings: slow },
        { text: again, voice_settings: slow },
      ),
    ).toEqual([toneBytes(hello, 0.8), toneBytes(again, 0.8)]);
  });

  it("[68] must accept empty voice_settings again and again", async () => {
    expect(
      await sizes(
        { text: " ", voice_settings: {} },
        { text: hello, voice_settings: {}, flush: true },
        { text: again, voice_settings: {} },
      ),
    ).toEqual([toneBytes(hello), toneBytes(again)]);
  });

  it("[69] should apply changed voice_settings to later segments", async () => {
    expect(
      await sizes(
        { text: " ", voice_settings: { speed: 1 } },
        { text: hello, flush: true },
        { text: again, voice_settings: slow, flush: true },
        { text: hello },
      ),
    ).toEqual([toneBytes(hello), toneBytes(again, 0.8), toneBytes(hello, 0.8)]);
  });

  it("[67] must move a speed out of range into it", async () => {
    expect(await sizes({ text: hello, voice_settings: { speed: 9 } })).toEqual([
      toneBytes(hello, 1.2),
    ]);
    expect(await sizes({ text: hello, voice_settings: { speed: 0 } })).toEqual([
      toneBytes(hello, 0.7),
    ]);
  });

  it("[70] must accept a boolean similarity_boost", async () => {
    for (const similarity_boost of [true, false]) {
      expect(await sizes({ text: hello, voice_settings: { similarity_boost } })).toEqual([
        toneBytes(hello),
      ]);
    }
  });
});

describe("with the real voices", () => {
  const real = useFliteServer();

  it("[57] must not pause where a keepalive came between two words", async () => {
    const options = { voice: "flite-slt", query: pcm };
    const [plain, kept] = await Promise.all(
      [
        [" ", "Hi", " there.", ""],
        [" ", "Hi", " ", " there.", ""],
      ].map((texts) =>
        real.converse(
          texts.map((text) => ({ text })),
          options,
        ),
      ),
    );
    if (!plain || !kept) throw new Error("There are two conversations");
    expect(kept.audio.equals(plain.audio)).toBe(true);
    expect(spelled(kept.frames)).toBe("Hi  there. ");
    const [frame] = audioFrames(kept.frames);
    expect(frame?.alignment?.charDurationsMs.slice(2, 4)).toContain(0);
    expect(frame && endMs(frame)).toBe(Math.round(kept.audio.length / 32));
  });
});
