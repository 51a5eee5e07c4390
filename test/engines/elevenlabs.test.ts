import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { ManualClock } from "../../src/clock.ts";
import type { UpstreamFailure } from "../../src/engine/remote/upstream-failure.ts";
import type { Engine } from "../../src/engine/synthesizer.ts";
import type { UpstreamManifest } from "../../src/engine/voice-folders.ts";
import { neutralSettings } from "../../src/protocol/voice.ts";
import { until } from "../property/until.ts";
import {
  type ElevenLabsServer,
  type SpokenContext,
  startElevenLabsServer,
} from "../support/elevenlabs-server.ts";
import { engineOf } from "../support/folder-engine.ts";
import { passTime } from "../support/passing-time.ts";
import { hear } from "../support/speech.ts";
import { upstream } from "../support/voice-folder.ts";

const text = "One two three four.";
const secret = "sk_not_to_be_seen_0123456789";
const rateHz = 24_000;
const msPerChar = 100;

let clock: ManualClock;
let server: ElevenLabsServer;
let engines: Engine[];

beforeEach(async () => {
  clock = new ManualClock();
  server = await startElevenLabsServer();
  engines = [];
});
afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  await server.close();
  if (clock.pending > 0) throw new Error("something is still waited for");
});

async function connect(url: string, more: Partial<UpstreamManifest> = {}): Promise<Engine> {
  const engine = await engineOf(
    { engines: [upstream("elevenlabs", url, { key_env: "OTHER_KEY", ...more })] },
    { clock, env: { OTHER_KEY: secret } },
  );
  engines.push(engine);
  return engine;
}

const audioOf = (chars: number): string =>
  Buffer.alloc((chars * msPerChar * rateHz * 2) / 1000, 1).toString("base64");

/** A line of the HTTP answer, for some characters of a text. */
function line(spoken: string, from: number): string {
  const ends = Array.from(spoken, (_, index) => ((from + index + 1) * msPerChar) / 1000);
  const alignment = {
    characters: Array.from(spoken),
    character_start_times_seconds: ends.map((end) => end - msPerChar / 1000),
    character_end_times_seconds: ends,
  };
  const audio = audioOf(spoken.length);
  return `${JSON.stringify({ audio_base64: audio, alignment, normalized_alignment: alignment })}\n`;
}

/** A frame of the sockets, which begins a segment of its own. */
function frame(spoken: string): object {
  const alignment = {
    chars: Array.from(spoken),
    charStartTimesMs: Array.from(spoken, (_, index) => index * msPerChar),
    charDurationsMs: Array.from(spoken, () => msPerChar),
  };
  return {
    audio: audioOf(spoken.length),
    isFinal: null,
    alignment,
    normalizedAlignment: alignment,
  };
}
const final = { audio: null, isFinal: true, alignment: null, normalizedAlignment: null };

const causeOf = (failure: unknown): UpstreamFailure =>
  (failure as { cause?: unknown }).cause as UpstreamFailure;

/** The text of each piece, with its length in characters' time. */
const piecesOf = ({ pieces }: Awaited<ReturnType<typeof hear>>): (readonly [string, number])[] =>
  pieces.map(({ samples, alignment }) => [
    alignment.original.chars.join(""),
    (samples.length * 1000) / rateHz / msPerChar,
  ]);

describe("a voice of an ElevenLabs-compatible server, over HTTP", () => {
  const answer = (...lines: readonly string[]) => ({
    post: (_: unknown, response: ServerResponse) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(lines.join(""));
    },
  });

  it("is asked for as the vendor documents it", async () => {
    const engine = await connect(`${server.url}/v1/`, {
      voice: "a b",
      model: "m",
      sample_rate: 16_000,
    });
    let asked: unknown;
    server.script = {
      post(body, response) {
        asked = body;
        response.end(line("Hi.", 0));
      },
    };
    const settings = { ...neutralSettings, speed: 2, stability: 0.9 };
    await hear(engine, "Hi.", { settings });
    expect(server.asked).toEqual([
      "/v1/text-to-speech/a%20b/stream/with-timestamps?output_format=pcm_16000",
    ]);
    expect(server.keys).toEqual([secret]);
    expect(asked).toEqual({
      text: "Hi.",
      model_id: "m",
      voice_settings: { stability: 0.9 },
    });
  });

  it("gives a word when all of it has come", async () => {
    const engine = await connect(server.url);
    server.script = answer(line("One tw", 0), line("o three f", 6), line("our.", 15));
    expect(piecesOf(await hear(engine, text))).toEqual([
      ["One ", 4],
      ["two three ", 10],
      ["four. ", 5],
    ]);
  });

  it("takes lines as they are cut by the network, and an end without a line feed", async () => {
    const engine = await connect(server.url);
    const bytes = Buffer.from(line("One two ", 0) + line("three four.", 8).trim());
    server.script = {
      async post(_, response) {
        for (let at = 0; at < bytes.length; at += 5000) {
          response.write(bytes.subarray(at, at + 5000));
          await new Promise((resolve) => setImmediate(resolve));
        }
        response.end();
      },
    };
    expect((await hear(engine, text)).text).toBe(`${text} `);
  });

  it("is whole where the server counts characters of its own", async () => {
    const engine = await connect(server.url);
    server.script = answer(line("1 2 three ", 0), line("4.", 10));
    const heard = await hear(engine, text);
    expect(heard.text).toBe(`${text} `);
    expect(heard.samples.length).toBe(12 * 2400);
    const spoken = heard.pieces.flatMap(({ alignment }) => alignment.normalized.chars).join("");
    expect(spoken).toBe("1 2 three 4.");
  });

  it("is whole where the server tells no times at all", async () => {
    const engine = await connect(server.url);
    server.script = answer(`{"audio_base64":"${audioOf(19)}","alignment":null}\n`);
    const heard = await hear(engine, text);
    expect(piecesOf(heard)).toEqual([[`${text} `, 19]]);
  });

  it("is whole where times make no sense", async () => {
    const engine = await connect(server.url);
    const wire = {
      characters: Array.from(text),
      character_start_times_seconds: [],
      character_end_times_seconds: [9, -3, 1e9, 0],
    };
    server.script = answer(`${JSON.stringify({ audio_base64: audioOf(19), alignment: wire })}\n`);
    const heard = await hear(engine, text);
    expect(piecesOf(heard)).toEqual([[`${text} `, 19]]);
  });

  it.each([
    ["a line that is no JSON", line("One two ", 0), "{nonsense", "bad_answer"],
    ["a line of other JSON", line("One two ", 0), '{"audio_base64":7}\n', "bad_answer"],
    ["an end before the text's", line("One two ", 0), "", "incomplete"],
  ])("by sending %s ends the utterance with whole words", async (_, first, then, code) => {
    const engine = await connect(server.url);
    server.script = answer(first, then);
    const { failure, text: heard } = await hear(engine, text);
    expect(causeOf(failure).code).toBe(code);
    // The last one may still get more audio.
    expect(heard).toBe("One ");
  });

  it.each([
    ["audio", "audio/mpeg", "ID3", "bad_answer"],
    ["a web page", "text/html", "<html>", "bad_answer"],
    ["nothing", "application/json", "", "no_audio"],
  ])("by sending %s fails", async (_, type, body, code) => {
    const engine = await connect(server.url);
    server.script = {
      post: (__, response) => {
        response.writeHead(200, { "content-type": type }).end(body);
      },
    };
    const { failure } = await passTime(clock, hear(engine, text));
    expect(causeOf(failure).code).toBe(code);
  });

  it.each([
    [
      "lines of characters and no audio",
      line("One two ", 0).replace(/"audio_base64":"[^"]*",/, ""),
    ],
    ["lines with nothing in them", "{}\n"],
    ["lines of one sample each", `{"audio_base64":"AAA="}\n`],
  ])("by %s without end is cut off before they fill the memory", async (_, one) => {
    const engine = await connect(server.url);
    let isCutOff = false;
    server.script = {
      async post(__, response) {
        response.on("close", () => (isCutOff = true));
        for (let sent = 0; !isCutOff && sent < 50_000; sent += 100) {
          response.write(one.repeat(100));
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    };
    expect(causeOf((await hear(engine, text)).failure).code).toBe("bad_answer");
    await until(() => isCutOff, "the client has gone");
  });

  it.each([
    ["lines with nothing in them", "", "{}\n", "first_byte_timeout"],
    ["blank lines", "", "\n", "first_byte_timeout"],
    ["single samples", "", '{"audio_base64":"AAA="}\n', "too_slow"],
    ["lines with nothing in them after audio", line("One two ", 0), "{}\n", "stalled"],
    ["single samples after audio", line("One two ", 0), '{"audio_base64":"AAA="}\n', "too_slow"],
  ])("by a trickle of %s is no less too late", async (_, first, trickle, code) => {
    const engine = await connect(server.url);
    server.script = {
      async post(__, response) {
        response.write(first);
        while (!response.destroyed) {
          response.write(trickle);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      },
    };
    const { failure } = await passTime(clock, hear(engine, text), 100);
    expect(causeOf(failure).code).toBe(code);
  });

  it("may write long words where the text has figures", async () => {
    const engine = await connect(server.url);
    const figures = "$7,777,777.77";
    const said =
      "seven million seven hundred seventy seven thousand seven hundred seventy seven dollars and seventy seven cents";
    const told = (spoken: string): object => ({
      characters: Array.from(spoken),
      character_end_times_seconds: Array.from(spoken, (_, index) => index / 100),
    });
    const lines = Array.from(said, (char) =>
      JSON.stringify({ audio_base64: audioOf(1), normalized_alignment: told(char) }),
    );
    server.script = answer(`${lines.join("\n")}\n`);
    const { pieces, failure } = await hear(engine, figures);
    expect(failure).toBe(undefined);
    expect(pieces.flatMap(({ alignment }) => alignment.normalized.chars).join("")).toBe(said);
  });

  it("by a line without end is cut off", async () => {
    const engine = await connect(server.url);
    server.script = {
      async post(_, response) {
        while (!response.destroyed) {
          response.write("x".repeat(500_000));
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    };
    expect(causeOf((await hear(engine, text)).failure).code).toBe("bad_answer");
  });
});

describe("a voice of an ElevenLabs-compatible server, over its socket", () => {
  const speakAll = (spoken: string, { say }: SpokenContext): void => {
    say(frame(spoken.slice(0, 6)));
    say({ ...final, isFinal: null, audio: audioOf(1) });
    say(frame(spoken.slice(6)));
    say(final);
  };

  it("is asked for as the vendor documents it, on a socket that stays open", async () => {
    const engine = await connect(server.wsUrl, { model: "m" });
    server.script = { socket: speakAll };
    const settings = { ...neutralSettings, style: 0.3 };
    for (const context of ["u1", "u2"]) {
      const heard = await hear(engine, text, { settings });
      expect(heard.text).toBe(`${text} `);
      expect(server.messages.splice(0)).toEqual([
        { context_id: context, text: `${text} `, flush: true, voice_settings: { style: 0.3 } },
        { context_id: context, close_context: true },
      ]);
    }
    expect(server.asked).toEqual([
      "/v1/text-to-speech/tone/multi-stream-input?model_id=m&output_format=pcm_24000&inactivity_timeout=180",
    ]);
    expect(server.keys).toEqual([secret]);
  });

  it("counts the times of each segment from its start", async () => {
    const engine = await connect(server.wsUrl);
    server.script = {
      socket(_, { say }) {
        say(frame("One two "));
        say(frame("three four. "));
        say(final);
      },
    };
    expect(piecesOf(await hear(engine, text))).toEqual([
      ["One ", 4],
      ["two three ", 10],
      ["four. ", 6],
    ]);
  });

  it("has a socket for each utterance of those at the same time", async () => {
    const engine = await connect(server.wsUrl);
    server.script = { socket: speakAll };
    await Promise.all([hear(engine, text), hear(engine, text), hear(engine, text)]);
    await Promise.all([hear(engine, text), hear(engine, text)]);
    expect(server.asked).toHaveLength(3);
    expect(server.sockets).toBe(3);
  });

  it("opens another socket when the one it kept has gone", async () => {
    const engine = await connect(server.wsUrl);
    server.script = { socket: speakAll };
    await hear(engine, text);
    server.script = {
      socket(spoken, context, socket) {
        server.script = { socket: speakAll };
        socket.terminate();
      },
    };
    expect((await hear(engine, text)).text).toBe(`${text} `);
    expect(engine.upstreams).toMatchObject([{ state: "up", failures: 0 }]);
    expect(server.asked).toHaveLength(2);
  });

  const faults: readonly (readonly [
    what: string,
    fault: (context: SpokenContext, socket: WebSocket) => void,
    code: string,
  ])[] = [
    ["dropping it", (_, socket) => socket.terminate(), "closed_early"],
    ["closing it", (_, socket) => socket.close(1011, "no"), "closed_early"],
    ["saying nothing more", () => {}, "stalled"],
    ["garbage", (_, socket) => socket.send("{"), "bad_answer"],
    ["binary frames", (_, socket) => socket.send(Buffer.alloc(9)), "bad_answer"],
    [
      "an error",
      ({ say }) => say({ error: "engine_failed", message: "about the text", code: 1011 }),
      "server_error",
    ],
    ["an end before the text's", ({ say }) => say(final), "incomplete"],
  ];

  it.each(faults)("by %s ends the utterance with whole words", async (_, fault, code) => {
    const engine = await connect(server.wsUrl);
    server.script = {
      socket(spoken, context, socket) {
        context.say(frame(spoken.slice(0, 9)));
        fault(context, socket);
      },
    };
    const { failure, text: heard } = await passTime(clock, hear(engine, text), 500);
    expect(causeOf(failure).code).toBe(code);
    expect(heard).toBe("One two ");
    expect(String(causeOf(failure))).not.toContain("about the text");
  });

  it.each([
    ["frames with nothing in them", {}, "first_byte_timeout"],
    ["single samples", { audio: "AAA=" }, "too_slow"],
  ])("by a trickle of %s is no less too late", async (_, trickle, code) => {
    const engine = await connect(server.wsUrl);
    server.script = {
      async socket(__, { say }, socket) {
        while (socket.readyState === socket.OPEN) {
          say(trickle);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      },
    };
    const { failure } = await passTime(clock, hear(engine, text), 100);
    expect(causeOf(failure).code).toBe(code);
    await until(() => server.sockets === 0, "the client has gone");
  });

  it("by a frame of very many characters is no less cut off", async () => {
    // It used to be more arguments than a function may have.
    const engine = await connect(server.wsUrl);
    const times = Array.from({ length: 200_000 }, (_, index) => index);
    const alignment = {
      chars: times.map(() => "x"),
      charStartTimesMs: times,
      charDurationsMs: times,
    };
    server.script = { socket: (_, { say }) => say({ alignment }) };
    expect(causeOf((await hear(engine, text)).failure).code).toBe("bad_answer");
  });

  it.each([
    ["401 Unauthorized", "key_refused"],
    ["404 Not Found", "request_refused"],
    ["301 Moved\r\nlocation: /", "redirected"],
  ])("refused with %s is not asked again", async (refusal, code) => {
    const engine = await connect(server.wsUrl);
    server.script = { upgrade: () => refusal };
    expect(causeOf((await hear(engine, text)).failure).code).toBe(code);
    expect(server.asked).toHaveLength(1);
  });

  it("refused with 503 is asked again", async () => {
    const engine = await connect(server.wsUrl);
    let refusals = 1;
    server.script = {
      upgrade: () => refusals-- > 0 && "503 Unavailable",
      socket: speakAll,
    };
    expect((await passTime(clock, hear(engine, text))).text).toBe(`${text} `);
    expect(server.asked).toHaveLength(2);
  });

  it("that says nothing is waited for so long, three times", async () => {
    const engine = await connect(server.wsUrl);
    const { failure } = await passTime(clock, hear(engine, text), 500);
    expect(causeOf(failure).code).toBe("first_byte_timeout");
    expect(server.asked).toHaveLength(3);
    await until(() => server.sockets === 0, "the client has gone");
  });

  it("is left at once when the utterance is aborted", async () => {
    const engine = await connect(server.wsUrl);
    server.script = { socket: (spoken, { say }) => say(frame(spoken.slice(0, 9))) };
    const owner = new AbortController();
    const reason = new Error("enough");
    const heard = hear(engine, text, {}, owner.signal);
    await until(() => server.messages.length === 2, "it has been asked");
    owner.abort(reason);
    expect((await heard).failure).toBe(reason);
    await until(() => server.sockets === 0, "the client has gone");
    expect(engine.upstreams).toMatchObject([{ state: "up" }]);
  });

  it("is left when the engine is closed", async () => {
    const engine = await connect(server.wsUrl);
    server.script = { socket: speakAll };
    await hear(engine, text);
    server.script = {};
    const heard = hear(engine, text);
    await until(() => server.messages.length === 4, "it has been asked");
    await engine.close();
    expect(await heard).toMatchObject({ failure: { problem: { code: "shutting_down" } } });
    await until(() => server.sockets === 0, "the client has gone");
  });
});
