import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import type { UpstreamFailure } from "../../src/engine/remote/upstream-failure.ts";
import { createFolderEngines } from "../../src/engine/folder-engines.ts";
import type { Engine } from "../../src/engine/synthesizer.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import type { UpstreamManifest } from "../../src/engine/voice-folders.ts";
import { until } from "../property/until.ts";
import { engineOf } from "../support/folder-engine.ts";
import { type Misbehave, type OpenAiServer, startOpenAiServer } from "../support/openai-server.ts";
import { passTime } from "../support/passing-time.ts";
import { hear } from "../support/speech.ts";
import { upstream, voiceFolder } from "../support/voice-folder.ts";

const text = "One two three four five six seven. Eight nine ten.";
const secret = "sk-not-to-be-seen-0123456789";

let clock: ManualClock;
let server: OpenAiServer;
let engines: Engine[];
let failures: string[];

beforeEach(async () => {
  clock = new ManualClock();
  server = await startOpenAiServer(createToneEngine({ sampleRateHz: 24_000, streams: true }));
  engines = [];
  failures = [];
});
afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  await server.close();
  if (clock.pending > 0) throw new Error("something is still waited for");
});

async function connect(more: Partial<UpstreamManifest> = {}): Promise<Engine> {
  const engine = await engineOf(
    { engines: [upstream("openai", server.url, { key_env: "OTHER_KEY", ...more })] },
    {
      clock,
      env: { OTHER_KEY: secret },
      onUpstreamFailure: (_, failure) => failures.push(failure.message),
    },
  );
  engines.push(engine);
  return engine;
}

const status =
  (code: number, headers: Record<string, string> = {}): Misbehave =>
  (_, response) => {
    response.writeHead(code, headers).end(`the text was: ${text}`);
    return true;
  };

/** Does as it is told so often, and then well. */
function atFirst(times: number, misbehave: Misbehave): Misbehave {
  let left = times;
  return (request, response) => {
    left -= 1;
    return left >= 0 && misbehave(request, response);
  };
}

const begin = (response: ServerResponse, type = "audio/pcm"): void => {
  response.writeHead(200, { "content-type": type });
};

const causeOf = (failure: unknown): UpstreamFailure =>
  (failure as { cause?: unknown }).cause as UpstreamFailure;

describe("a voice of an OpenAI-compatible server", () => {
  it("is asked for as the vendor documents it", async () => {
    const engine = await connect({ url: `${server.url}/v1/`, voice: "alloy", model: "tts-9" });
    expect((await hear(engine, text)).text).toBe(`${text} `);
    const [request] = server.requests;
    expect(request).toMatchObject({
      path: "/v1/audio/speech",
      authorization: `Bearer ${secret}`,
      body: { model: "tts-9", voice: "alloy", input: text, response_format: "pcm" },
    });
  });

  it.each(["", "/", "/v1", "/v1/audio/speech", "/prefix"])(
    "is found at an address that ends in %j",
    async (ending) => {
      const engine = await connect({ url: `${server.url}${ending}` });
      await hear(engine, "Hi.");
      expect(server.requests[0]?.path).toBe(
        `${ending === "/prefix" ? ending : ""}/v1/audio/speech`,
      );
    },
  );

  it("keeps its connection between utterances", async () => {
    const engine = await connect();
    for (let count = 0; count < 4; count += 1) await hear(engine, text);
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 1, 1, 1]);
  });

  it("gives words while the rest is still to come", async () => {
    const engine = await connect();
    let finish = (): void => {};
    server.misbehave = (_, response) => {
      begin(response);
      // Two seconds of a tone, and then nothing for a while.
      response.write(Buffer.alloc(24_000 * 2 * 2, Buffer.from([0, 0x10, 0, 0xf0])));
      finish = () => response.end(Buffer.alloc(24_000 * 2 * 2));
      return true;
    };
    const [voice] = engine.voices;
    if (!voice) throw new Error("no voice");
    const utterance = {
      text,
      voice,
      settings: {
        speed: 1,
        stability: 0.5,
        similarityBoost: 0.75,
        style: 0,
        useSpeakerBoost: true,
      },
      markup: "none",
    } as const;
    const audio = engine.synthesize(utterance, new AbortController().signal);
    const pieces = audio[Symbol.asyncIterator]();
    const first = await pieces.next();
    const words = first.value?.alignment.original.chars.join("") ?? "";
    expect(text.startsWith(words)).toBe(true);
    expect(words.endsWith(" ")).toBe(true);
    finish();
    while (!(await pieces.next()).done);
  });

  it.each([8000, 16_000, 22_050, 44_100])(
    "has the rate of its WAV header, %d Hz, taken to the voice's own",
    async (rate) => {
      await server.close();
      server = await startOpenAiServer(createToneEngine({ sampleRateHz: rate }));
      const engine = await connect();
      server.misbehave = (request, response) => {
        if (request.body.response_format === "wav") return false;
        response.writeHead(400).end();
        return true;
      };
      const { samples, text: heard } = await hear(engine, text);
      expect(heard).toBe(`${text} `);
      // The tone engine speaks 40 ms for each character, and one of silence before and after.
      expect(samples.length).toBe((text.length + 2) * 0.04 * 24_000);
      await hear(engine, text);
      expect(server.requests.map(({ body }) => body.response_format)).toEqual([
        "pcm",
        "wav",
        "wav",
      ]);
    },
  );

  it("has the rate that a content type tells, or its voice.json", async () => {
    const engine = await connect({ sample_rate: 16_000 });
    server.misbehave = (_, response) => {
      begin(response, "audio/pcm;rate=8000;channels=1");
      response.end(Buffer.alloc(8000 * 2 * 3, 1));
      return true;
    };
    expect((await hear(engine, text)).samples.length).toBe(16_000 * 3);
    server.misbehave = (_, response) => {
      begin(response);
      response.end(Buffer.alloc(16_000 * 2 * 3, 1));
      return true;
    };
    expect((await hear(engine, text)).samples.length).toBe(16_000 * 3);
  });

  it("is whole however the network cuts its samples", async () => {
    const engine = await connect();
    const bytes = Buffer.alloc(24_000 * 2 * 10, Buffer.from([0, 0x10, 7, 0xf0, 0xff, 1]));
    let stepBytes = bytes.length;
    server.misbehave = async (_, response) => {
      begin(response);
      for (let at = 0; at < bytes.length; at += stepBytes) {
        response.write(bytes.subarray(at, at + stepBytes));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
      return true;
    };
    // How loud it is, is known after ten seconds.
    await hear(engine, text);
    const whole = await hear(engine, text);
    stepBytes = 4321;
    const cut = await hear(engine, text);
    const hash = ({ samples }: typeof cut): string =>
      createHash("sha256").update(new Uint8Array(samples.buffer)).digest("hex");
    expect(hash(cut)).toBe(hash(whole));
  });

  it("learns how fast it speaks", async () => {
    const engine = await connect();
    /** How far from 40 ms each character the ends of words are, on average. */
    const error = async (): Promise<number> => {
      const { pieces } = await hear(engine, text);
      let start = 0;
      let sum = 0;
      let chars = 0;
      for (const { samples, alignment } of pieces) {
        chars += alignment.original.chars.length;
        start += samples.length;
        sum += Math.abs(start / 24 - (chars + 1) * 40);
      }
      return sum / pieces.length;
    };
    const first = await error();
    for (let count = 0; count < 8; count += 1) await hear(engine, text);
    expect(await error()).toBeLessThan(Math.max(first, 60));
  });
});

describe("an OpenAI-compatible server that fails", () => {
  it.each([429, 500, 502, 503])("with %d is asked again, a little later", async (code) => {
    const engine = await connect();
    server.misbehave = atFirst(1, status(code));
    const heard = await passTime(clock, hear(engine, text));
    expect(heard.text).toBe(`${text} `);
    expect(server.requests).toHaveLength(2);
  });

  it("is left alone for as long as it asks", async () => {
    const engine = await connect();
    server.misbehave = atFirst(1, status(429, { "retry-after": "1" }));
    const heard = hear(engine, text);
    await until(
      () => clock.pending > 0 && server.requests.length === 1 && failures.length === 1,
      "it has been asked",
    );
    clock.advance(999);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.requests).toHaveLength(1);
    clock.advance(1);
    expect((await heard).text).toBe(`${text} `);
  });

  it("and asks to be left alone for too long is given up at once", async () => {
    const engine = await connect();
    server.misbehave = status(429, { "retry-after": "60" });
    const { failure } = await hear(engine, text);
    expect(causeOf(failure)).toMatchObject({ code: "busy", details: { status: 429 } });
    expect(server.requests).toHaveLength(1);
  });

  it("for ever fails the utterance, and then is not asked any more", async () => {
    const engine = await connect();
    server.misbehave = status(500);
    const { failure, pieces } = await passTime(clock, hear(engine, text));
    expect(pieces).toEqual([]);
    expect(failure).toMatchObject({ problem: { code: "engine_failed" } });
    expect(causeOf(failure).code).toBe("server_error");
    expect(server.requests).toHaveLength(3);
    expect(engine.upstreams).toMatchObject([{ state: "down", failures: 3, retryInMs: 1000 }]);
    expect(causeOf((await hear(engine, text)).failure).code).toBe("circuit_open");
    expect(server.requests).toHaveLength(3);
    clock.advance(1000);
    expect(engine.upstreams).toMatchObject([{ state: "trying" }]);
    server.misbehave = undefined;
    expect((await hear(engine, text)).text).toBe(`${text} `);
    expect(engine.upstreams).toMatchObject([{ state: "up", failures: 0 }]);
  });

  it.each([
    [400, "request_refused"],
    [404, "request_refused"],
    [401, "key_refused"],
    [403, "key_refused"],
  ])("with %d is not asked again", async (code, name) => {
    const engine = await connect();
    server.misbehave = status(code);
    const { failure } = await hear(engine, text);
    expect(causeOf(failure).code).toBe(name);
    // The problem used to say that it was tried once more.
    expect(String(failure)).not.toMatch(/again|once more/);
    // Once more, for the other format.
    expect(server.requests.length).toBeLessThanOrEqual(2);
  });

  it("by a redirect is not followed: the key stays where it belongs", async () => {
    const engine = await connect();
    server.misbehave = atFirst(1, status(307, { location: `${server.url}/elsewhere` }));
    const { failure } = await hear(engine, text);
    expect(causeOf(failure).code).toBe("redirected");
    expect(server.requests.map(({ path }) => path)).toEqual(["/v1/audio/speech"]);
  });

  it("before the first byte is waited for so long, three times", async () => {
    const engine = await connect();
    server.misbehave = () => true;
    const heard = hear(engine, text);
    await until(() => server.requests.length === 1, "it has been asked");
    clock.advance(7900);
    expect(failures).toEqual([]);
    const { failure } = await passTime(clock, heard, 500);
    expect(causeOf(failure).code).toBe("first_byte_timeout");
    expect(server.requests).toHaveLength(3);
    await until(() => server.brokenOff === 3, "the client has hung up");
  });

  it("by sending nothing more in the middle ends the utterance with whole words", async () => {
    const engine = await connect();
    const sound = (await hear(engine, text)).samples;
    server.misbehave = (_, response) => {
      begin(response);
      response.write(Buffer.from(sound.buffer).subarray(0, 60_000));
      return true;
    };
    const { failure, text: heard } = await passTime(clock, hear(engine, text), 500);
    expect(causeOf(failure).code).toBe("stalled");
    expect(text.startsWith(heard)).toBe(true);
    expect(heard).toMatch(/ $/);
    // Never once something was heard.
    expect(server.requests).toHaveLength(2);
  });

  it("by hanging up in the middle ends the utterance with whole words", async () => {
    const engine = await connect();
    const sound = (await hear(engine, text)).samples;
    server.misbehave = (_, response) => {
      begin(response);
      response.write(Buffer.from(sound.buffer).subarray(0, 60_000), () => response.destroy());
      return true;
    };
    const { failure, text: heard } = await hear(engine, text);
    expect(causeOf(failure).code).toBe("closed_early");
    expect(text.startsWith(heard)).toBe(true);
    expect(heard).toMatch(/ $/);
    expect(server.requests).toHaveLength(2);
  });

  it("by hanging up on a connection it kept is asked again at once", async () => {
    const engine = await connect();
    await hear(engine, text);
    server.misbehave = atFirst(1, (_, response) => {
      response.destroy();
      return true;
    });
    expect((await hear(engine, text)).text).toBe(`${text} `);
    expect(engine.upstreams).toMatchObject([{ state: "up", failures: 0 }]);
  });

  it("by not being there is tried three times", async () => {
    const engine = await connect({ url: "http://127.0.0.1:9" });
    const { failure } = await passTime(clock, hear(engine, text));
    expect(causeOf(failure).code).toBe("unreachable");
    expect(failures).toHaveLength(3);
  });

  it.each([
    ["MP3 by its type", "audio/mpeg", Buffer.from([0xff, 0xfb, 0x90, 0x64]), "unusable_audio"],
    [
      "MP3 by its bytes",
      "audio/pcm",
      Buffer.from("ID3\u0004 and so on, longer than a header"),
      "unusable_audio",
    ],
    ["Ogg by its bytes", "", Buffer.from("OggS and so on, longer than a header"), "unusable_audio"],
    ["JSON", "application/json", Buffer.from('{"error":"no"}'), "bad_answer"],
    ["a web page", "text/html", Buffer.from("<html>"), "bad_answer"],
    ["stereo", "audio/wav", stereoHeader(), "unusable_audio"],
    ["nothing", "audio/pcm", Buffer.alloc(0), "no_audio"],
    ["a click", "audio/pcm", Buffer.alloc(2000, 1), "incomplete"],
  ])("by sending %s says so", async (_, type, bytes, code) => {
    const engine = await connect();
    server.misbehave = (__, response) => {
      response.writeHead(200, type === "" ? {} : { "content-type": type }).end(bytes);
      return true;
    };
    const { failure, pieces } = await passTime(clock, hear(engine, text));
    expect(pieces).toEqual([]);
    expect(causeOf(failure).code).toBe(code);
  });

  it("by never coming to an end is cut off", async () => {
    const engine = await connect();
    server.misbehave = async (_, response) => {
      begin(response);
      while (!response.destroyed) {
        response.write(Buffer.alloc(100_000, 7));
        await new Promise((resolve) => setImmediate(resolve));
      }
      return true;
    };
    const { failure } = await hear(engine, text);
    expect(causeOf(failure).code).toBe("too_much_audio");
    await until(() => server.brokenOff === 1, "the client has hung up");
  });

  it("by a trickle of samples is no less too late, and the next engine speaks", async () => {
    const engine = await engineOf(
      { engines: [upstream("openai", server.url), { voice: "tone" }] },
      {
        clock,
        engines: [createToneEngine()],
        onUpstreamFailure: (_, { code }) => failures.push(code),
      },
    );
    engines.push(engine);
    server.misbehave = async (_, response) => {
      begin(response);
      while (!response.destroyed) {
        response.write(Buffer.alloc(2));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return true;
    };
    const { failure, text: heard } = await passTime(clock, hear(engine, text), 100);
    expect(failure).toBe(undefined);
    expect(heard).toBe(`${text} `);
    expect(failures).toEqual(["too_slow"]);
  });

  it("for one of its voices goes on speaking with the others", async () => {
    // What one voice did wrong used to count for all of its server.
    const [engine] = createFolderEngines({ clock, env: {}, engines: [] });
    if (!engine) throw new Error("no engine");
    engines.push(engine);
    const folders = ["bad", "good"].map((voice) =>
      voiceFolder(voice, { engines: [upstream("openai", server.url, { voice, model: "m" })] }),
    );
    await engine.refresh?.({ folders, faults: [] });
    const speak = (slug: string): ReturnType<typeof hear> => {
      const voice = engine.voices.find((each) => each.slug === slug);
      return hear(engine, text, voice && { voice });
    };
    server.misbehave = ({ body }, response) => {
      if (body.voice === "bad")
        response.writeHead(200, { "content-type": "audio/mpeg" }).end("ID3");
      return body.voice === "bad";
    };
    const codes: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      codes.push(causeOf((await speak("bad")).failure).code);
      expect((await speak("good")).text).toBe(`${text} `);
    }
    expect(codes).toEqual([...Array.from({ length: 3 }, () => "unusable_audio"), "circuit_open"]);
    const name = `openai ${server.url}`;
    expect(engine.upstreams).toEqual([
      { name, state: "up", failures: 0 },
      { name: `${name} voice bad m`, state: "down", failures: 3, retryInMs: 1000 },
    ]);
    server.misbehave = undefined;
    clock.advance(1000);
    expect((await speak("bad")).text).toBe(`${text} `);
    expect(engine.upstreams).toEqual([{ name, state: "up", failures: 0 }]);
  });

  it("leaves no text and no key in what is told of it", async () => {
    const engine = await connect();
    server.misbehave = status(500);
    const { failure } = await passTime(clock, hear(engine, text));
    const told = JSON.stringify([
      failures,
      String(failure),
      String(causeOf(failure)),
      engine.upstreams,
    ]);
    expect(told).not.toContain(secret);
    expect(told).not.toContain("two three");
  });
});

describe("an aborted utterance", () => {
  it("hangs up at once", async () => {
    const engine = await connect();
    server.misbehave = (_, response) => {
      begin(response);
      response.write(Buffer.alloc(1000));
      return true;
    };
    const owner = new AbortController();
    const reason = new Error("enough");
    const heard = hear(engine, text, {}, owner.signal);
    await until(() => server.requests.length === 1, "it has been asked");
    owner.abort(reason);
    expect((await heard).failure).toBe(reason);
    await until(() => server.brokenOff === 1, "the client has hung up");
    expect(engine.upstreams).toMatchObject([{ state: "up", failures: 0 }]);
  });

  it("is not tried again while it waits to be", async () => {
    const engine = await connect();
    server.misbehave = status(500);
    const owner = new AbortController();
    const reason = new Error("enough");
    const heard = hear(engine, text, {}, owner.signal);
    await until(() => failures.length === 1 && clock.pending === 1, "it waits to try again");
    owner.abort(reason);
    expect((await heard).failure).toBe(reason);
    expect(clock.pending).toBe(0);
    expect(server.requests).toHaveLength(1);
  });
});

it("a closed engine ends what is under way and takes nothing new", async () => {
  const engine = await connect();
  server.misbehave = () => true;
  const heard = hear(engine, text);
  await until(() => server.requests.length === 1, "it has been asked");
  await engine.close();
  const shuttingDown = { failure: { problem: { code: "shutting_down" } } };
  expect(await heard).toMatchObject(shuttingDown);
  expect(await hear(engine, text)).toMatchObject(shuttingDown);
});

function stereoHeader(): Buffer {
  const header = Buffer.alloc(48);
  header.write("RIFF", 0);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(24_000, 24);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  return header;
}
