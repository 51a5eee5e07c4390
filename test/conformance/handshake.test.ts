import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createToneEngine } from "../../src/engine/tone.ts";
import { startServer, type TestServer, testKey } from "../support/server.ts";
import { type OpenOptions, openStreamInput, Refused, spelled } from "../support/stream-input.ts";
import { readMp3 } from "./audio-files.ts";
import {
  audioFrames,
  bothSockets,
  finalFrame,
  multiPath,
  named,
  normalClose,
  toneBytes,
  useFliteServer,
  useToneServer,
} from "./bench.ts";
import { createCertificate } from "./certificate.ts";

const pcm = "output_format=pcm_16000";
const hello = "Hello there. ";
const greeting = [{ text: " " }, { text: hello }, { text: "" }] as const;

/** Settles with how the upgrade was refused. */
async function refusal(server: TestServer, query: string, path?: string): Promise<Refused> {
  const options = { query, ...(path !== undefined && { path }) };
  const answer: unknown = await openStreamInput(server.wsUrl, options).catch(
    (error: unknown) => error,
  );
  if (answer instanceof Refused) return answer;
  throw new Error("The upgrade was not refused");
}

describe.for(bothSockets)("credentials on %s, with authentication on", ([, through]) => {
  const bench = through(useToneServer({ auth: "on" }));
  const header = { headers: { "xi-api-key": testKey } };

  it("[1] must answer 101 to an upgrade without any credential, and say nothing yet", async () => {
    const client = await bench.open();
    await client.settled();
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    expect(client.frames).toEqual([]);
  });

  const credentials: readonly {
    readonly name: string;
    readonly options?: OpenOptions;
    readonly first?: object;
  }[] = [
    { name: "[2] must accept the key in the xi-api-key header", options: header },
    {
      name: "[3] must accept the key as Authorization: Bearer",
      options: { headers: { authorization: `Bearer ${testKey}` } },
    },
    {
      name: "[4] must accept the key as authorization in the query",
      options: { query: `${pcm}&authorization=${testKey}` },
    },
    {
      name: "[5] must accept the key as xi_api_key in the first message",
      first: { xi_api_key: testKey },
    },
    {
      name: "[6] must accept the key as xi-api-key in the first message",
      first: { "xi-api-key": testKey },
    },
  ];
  it.for(credentials.map((row) => [row.name, row] as const))(
    "%s",
    async ([, { options, first }]) => {
      const { frames, closed, audio } = await bench.converse(
        [{ text: " ", ...first }, { text: hello }, { text: "" }],
        { query: pcm, ...options },
      );
      expect(closed).toEqual(normalClose);
      expect(audio).toHaveLength(toneBytes(hello));
      expect(frames.at(-1)).toEqual(finalFrame);
    },
  );

  it("[7] must accept a single-use token once and refuse its second use", async () => {
    const response = await fetch(`${bench.server.url}/v1/single-use-token/tts_websocket`, {
      method: "POST",
      ...header,
    });
    const token = /^\{"token":"([\w-]+)"\}$/.exec(await response.text())?.[1];
    const options = { query: `${pcm}&single_use_token=${token}` };
    const first = await bench.converse(greeting, options);
    expect(first.closed).toEqual(normalClose);
    expect(first.audio).toHaveLength(toneBytes(hello));

    const { frames, closed } = await bench.converse([], options);
    expect(frames).toEqual([
      { error: "invalid_token", code: 1008, message: expect.stringContaining("already used") },
    ]);
    expect(closed.code).toBe(1008);
  });

  it("[8] must answer a bad key in the header at once with invalid_api_key, then 1008", async () => {
    for (const headers of [{ "xi-api-key": "wrong" }, { authorization: "Bearer wrong" }]) {
      const { frames, closed } = await bench.converse([], { headers });
      expect(frames).toEqual([
        { message: "Invalid API key", error: "invalid_api_key", code: 1008 },
      ]);
      expect(closed).toEqual({ code: 1008, reason: "Invalid API key" });
    }
  });

  it("[8] must let the header decide when the first message has a better key", async () => {
    const { frames, closed } = await bench.converse([{ text: hello, xi_api_key: testKey }], {
      headers: { "xi-api-key": "wrong" },
    });
    expect(frames.map(({ error }) => error)).toEqual(["invalid_api_key"]);
    expect(closed.code).toBe(1008);
  });

  it("[9] must answer a first message without credential with authentication_required, then 1008", async () => {
    const message =
      "None of the authentication methods (xi-api-key, authorization header, single-use token) were found. Please provide one of them.";
    const { frames, closed } = await bench.converse([{ text: hello, flush: true }]);
    expect(frames).toEqual([{ message, error: "authentication_required", code: 1008 }]);
    expect(closed).toEqual({ code: 1008, reason: message.slice(0, 123) });
    expect(bench.tone.begun).toEqual([]);
  });
});

describe.for(bothSockets)("credentials on %s, with authentication off", ([, through]) => {
  const bench = through(useToneServer());

  it("[10] must accept every credential when authentication is off", async () => {
    const rows = [
      {},
      { headers: { "xi-api-key": "wrong" } },
      { headers: { authorization: "Bearer wrong" } },
      { query: `${pcm}&authorization=wrong` },
      { query: `${pcm}&single_use_token=wrong` },
      { first: { xi_api_key: "wrong" } },
      { first: { "xi-api-key": "wrong", authorization: "Bearer wrong" } },
    ];
    for (const { first = {}, ...options } of rows) {
      const { closed, audio } = await bench.converse(
        [{ text: " ", ...first }, { text: hello }, { text: "" }],
        { query: pcm, ...options },
      );
      expect(closed).toEqual(normalClose);
      expect(audio).toHaveLength(toneBytes(hello));
    }
  });
});

describe("the query", () => {
  const bench = useToneServer();
  const { clock, tone } = bench;

  it("[11] must read auto_mode=True, true and 1 alike, and False, false and 0", async () => {
    for (const value of ["True", "true", "1"]) {
      const client = await bench.open({ query: `${pcm}&auto_mode=${value}` });
      client.send({ text: " " }, { text: hello });
      await client.settled();
      expect(tone.begun.splice(0)).toEqual([hello]);
    }
    for (const value of ["False", "false", "0"]) {
      const client = await bench.open({ query: `${pcm}&auto_mode=${value}` });
      client.send({ text: " " }, { text: hello });
      await client.settled();
      expect(tone.begun).toEqual([]);
    }
  });

  it("[12] must accept an inactivity_timeout of 1, 20.0, 180 and 300", async () => {
    for (const value of ["1", "20.0", "180", "300"]) {
      const { frames, closed, audio } = await bench.converse(greeting, {
        query: `${pcm}&inactivity_timeout=${value}`,
      });
      expect(audio).toHaveLength(toneBytes(hello));
      expect(frames.at(-1)).toEqual(finalFrame);
      expect(closed).toEqual(normalClose);
    }
  });

  const timeouts = [
    {
      name: "[13] must shorten inactivity_timeout=300 to 180 s",
      query: "inactivity_timeout=300",
      seconds: 180,
    },
    { name: "[14] must wait 20 s when inactivity_timeout is absent", query: "", seconds: 20 },
  ];
  it.for(timeouts.map((row) => [row.name, row] as const))("%s", async ([, { query, seconds }]) => {
    const client = await bench.open({ query });
    client.send({ text: " " });
    await client.settled();
    clock.advance(seconds * 1000 - 1);
    await client.settled();
    expect(client.frames).toEqual([]);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    clock.advance(1);
    expect((await client.closed).code).toBe(1008);
    expect(client.frames).toEqual([
      {
        error: "input_timeout_exceeded",
        code: 1008,
        message: expect.stringContaining(`within the timeout of ${seconds} seconds.`),
      },
    ]);
  });

  it("[15] must speak with the default model for model_id=Ellipsis and none at all", async () => {
    for (const query of [pcm, `${pcm}&model_id=Ellipsis`]) {
      const { closed, audio } = await bench.converse(greeting, { query });
      expect(closed).toEqual(normalClose);
      expect(audio).toHaveLength(toneBytes(hello));
    }
  });

  it("[16] must ignore unknown parameters and empty pairs", async () => {
    for (const query of [
      `&model_id=eleven_flash_v2_5&${pcm}`,
      `${pcm}&&language=en&not_a_real_parameter=1&&`,
      `${pcm}&optimize_streaming_latency=3&enable_logging=False&language_code=en`,
    ]) {
      const { closed, audio } = await bench.converse(greeting, { query });
      expect(closed).toEqual(normalClose);
      expect(audio).toHaveLength(toneBytes(hello));
    }
  });

  it("[17] must send mp3_44100_128 when output_format is absent or mp3_44100", async () => {
    const plain = await bench.converse(greeting);
    const former = await bench.converse(greeting, { query: "output_format=mp3_44100" });
    const frames = readMp3(plain.audio);
    expect(frames.length).toBeGreaterThan(10);
    for (const frame of frames) {
      expect(frame).toEqual({ bitrateKbps: 128, sampleRateHz: 44_100, samples: 1152 });
    }
    expect(former.audio.equals(plain.audio)).toBe(true);
  });

  it("[18] must refuse an unknown output_format before 101, in JSON that names the parameter", async () => {
    const { status, body, headers } = await refusal(bench.server, "output_format=ulaw_16000");
    expect(status).toBe(403);
    expect(headers["content-type"]).toBe("application/json");
    expect(body).toEqual({
      detail: {
        type: "validation_error",
        code: "invalid_output_format",
        status: "invalid_output_format",
        message:
          "Invalid output format 'ulaw_16000'. Must be one of: ['mp3_22050_32', 'mp3_24000_48', 'mp3_44100_32', 'mp3_44100_64', 'mp3_44100_96', 'mp3_44100_128', 'mp3_44100_192', 'pcm_8000', 'pcm_16000', 'pcm_22050', 'pcm_24000', 'pcm_32000', 'pcm_44100', 'pcm_48000', 'ulaw_8000', 'alaw_8000', 'opus_48000_32', 'opus_48000_64', 'opus_48000_96', 'opus_48000_128', 'opus_48000_192']",
        param: "output_format",
        request_id: expect.stringMatching(/^[A-Za-z0-9]{20,32}$/),
      },
    });
  });

  it("[18] must refuse a format that only whole files can have", async () => {
    for (const path of [undefined, multiPath()]) {
      const { status, body } = await refusal(bench.server, "output_format=wav_44100", path);
      expect(status).toBe(403);
      expect(body).toMatchObject({ detail: { param: "output_format" } });
    }
  });

  const v3Refusal = {
    detail: {
      type: "validation_error",
      code: "unsupported_model",
      status: "unsupported_model",
      message:
        "Model 'eleven_v3' is not supported on the text-to-speech websocket endpoint. Use the text-to-dialogue websocket endpoint instead. This server has none: use its HTTP endpoints, or another model.",
      param: "model_id",
      request_id: expect.stringMatching(/^[A-Za-z0-9]{20,32}$/),
    },
  };

  it("[19] must refuse eleven_v3 before 101 with status 400 and unsupported_model", async () => {
    for (const path of [undefined, multiPath()]) {
      const { status, body, headers } = await refusal(bench.server, "model_id=eleven_v3", path);
      expect(status).toBe(400);
      expect(headers["content-type"]).toBe("application/json");
      expect(body).toEqual(v3Refusal);
    }
  });

  it("[15] must ask for the operator's default model where the query names none", async () => {
    const server = await startServer({
      engines: [createToneEngine()],
      flags: { auth: "off", workers: "1", defaultModel: "eleven_v3" },
    });
    try {
      for (const query of ["", "model_id=Ellipsis", "model_id="]) {
        const { status, body } = await refusal(server, query);
        expect(status).toBe(400);
        expect(body).toEqual(v3Refusal);
      }
      const client = await openStreamInput(server.wsUrl, { query: "model_id=eleven_flash_v2_5" });
      client.send({ text: "" });
      expect(await client.closed).toEqual(normalClose);
    } finally {
      await server.close();
    }
  });

  it("[20] must answer pings while an utterance is being synthesized", async () => {
    tone.hold();
    const client = await bench.open({ query: pcm });
    client.send({ text: hello, flush: true });
    await client.settled();
    const pong = new Promise((resolve) => {
      client.socket.once("pong", (data) => resolve(data.toString()));
    });
    client.socket.ping("still there?");
    expect(await pong).toBe("still there?");
    expect(tone.begun).toEqual([hello]);
    expect(client.frames).toEqual([]);
  });

  it("[21] must work with a client that offers permessage-deflate", async () => {
    const { closed, audio } = await bench.converse(greeting, {
      query: pcm,
      client: { perMessageDeflate: true },
    });
    expect(closed).toEqual(normalClose);
    expect(audio).toHaveLength(toneBytes(hello));
  });

  it("[22] must work over plain ws", async () => {
    expect(bench.server.wsUrl).toMatch(/^ws:/);
    expect((await bench.converse(greeting, { query: pcm })).audio).toHaveLength(toneBytes(hello));
  });

  it("[24] should serve the route without /v1", async () => {
    const { closed, audio } = await bench.converse(greeting, {
      path: "/text-to-speech/tone/stream-input",
      query: pcm,
    });
    expect(closed).toEqual(normalClose);
    expect(audio).toHaveLength(toneBytes(hello));
  });

  it("[24] should serve the HTTP route without /v1", async () => {
    const response = await fetch(
      `${bench.server.url}/text-to-speech/tone/stream?output_format=pcm_16000`,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text: hello }),
      },
    );
    expect(response.status).toBe(200);
    expect(await response.arrayBuffer()).toHaveProperty("byteLength", toneBytes(hello));
  });

  it("[25] must put an x-trace-id of its own into each upgrade response", async () => {
    const [one, other] = [await bench.open(), await bench.open()];
    expect(one.headers["x-trace-id"]).toMatch(/^[0-9a-f]{32}$/);
    expect(other.headers["x-trace-id"]).toMatch(/^[0-9a-f]{32}$/);
    expect(one.headers["x-trace-id"]).not.toBe(other.headers["x-trace-id"]);
  });

  it("[28] must accept upgrades of any Origin", async () => {
    for (const origin of ["https://example.com", "null", "http://localhost:3000"]) {
      const { closed } = await bench.converse(greeting, { query: pcm, headers: { origin } });
      expect(closed).toEqual(normalClose);
    }
  });
});

describe("below a prefix", () => {
  const bench = useToneServer({ pathPrefix: "/speech/eleven" });

  it("[23] should serve the same routes below a configured prefix", async () => {
    for (const path of [
      "/speech/eleven/v1/text-to-speech/tone/stream-input",
      "/speech/eleven/text-to-speech/tone/stream-input",
      "/v1/text-to-speech/tone/stream-input",
    ]) {
      const { closed, audio } = await bench.converse(greeting, { path, query: pcm });
      expect(closed).toEqual(normalClose);
      expect(audio).toHaveLength(toneBytes(hello));
    }
  });
});

describe("behind TLS", () => {
  const certificate = createCertificate();
  let folder = "";
  let server: TestServer | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "syrinx-tls-"));
    const [tlsCert, tlsKey] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    await writeFile(tlsCert, certificate.cert);
    await writeFile(tlsKey, certificate.key);
    server = await startServer({
      engines: [createToneEngine()],
      flags: { auth: "off", workers: "1", tlsCert, tlsKey },
    });
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("[22] must work over wss with its own certificate", async () => {
    const client = await openStreamInput(server?.wsUrl ?? "", {
      query: pcm,
      client: { ca: certificate.cert },
    });
    expect(client.socket.url).toMatch(/^wss:/);
    client.send(...greeting);
    expect(await client.closed).toEqual(normalClose);
    expect(client.audio()).toHaveLength(toneBytes(hello));
  });
});

const largest = (raw: readonly string[]): number =>
  Math.max(...raw.map((text) => Buffer.byteLength(text)));

describe("with the real voices", () => {
  const bench = useFliteServer();
  const voice = "flite-slt";
  const paragraph =
    "It was a bright cold day in April, and the clocks were striking thirteen. The hallway smelt of boiled cabbage and old rag mats; at one end of it a coloured poster, too large for indoor display, had been tacked to the wall. It depicted simply an enormous face. ";
  const long = paragraph.repeat(3);

  it("[20] must answer pings before the speech of a long text is complete", async () => {
    const client = await bench.open({ voice, query: pcm });
    client.send({ text: long }, { text: "" });
    const pong = new Promise<number>((resolve) => {
      client.socket.once("pong", () =>
        resolve(client.frames.filter((each) => each.isFinal).length),
      );
    });
    client.socket.ping();
    expect(await pong).toBe(0);
    expect(await client.closed).toEqual(normalClose);
  });

  const formats = [
    "mp3_44100_192",
    "mp3_22050_32",
    "pcm_48000",
    "ulaw_8000",
    "alaw_8000",
    "opus_48000_192",
  ];

  it("[26] must never send a binary frame, in any format", async () => {
    for (const format of formats) {
      const { client, frames } = await bench.converse([{ text: hello }, { text: "" }], {
        voice,
        query: `output_format=${format}`,
      });
      expect(audioFrames(frames).length).toBeGreaterThan(0);
      expect(client.binary).toEqual([]);
    }
  });

  for (const format of ["pcm_48000", "mp3_44100_192", "opus_48000_192"]) {
    for (const sync of [false, true]) {
      it(`[27] must keep frames under 64 KiB in ${format} with sync_alignment ${sync ? "on" : "off"}`, async () => {
        const { client, closed } = await bench.converse([{ text: long }, { text: "" }], {
          voice,
          query: `output_format=${format}&sync_alignment=${sync}`,
        });
        expect(closed).toEqual(normalClose);
        expect(client.raw.length).toBeGreaterThan(20);
        expect(largest(client.raw)).toBeLessThan(65_536);
      });
    }
  }

  const awkward = [
    { what: "20,000 spaces in a row", text: `Hello${" ".repeat(20_000)}world. ` },
    { what: "a word of 2,000 letters", text: `${"a".repeat(2000)} ` },
    { what: "450 digits", text: "123456789 ".repeat(50) },
    { what: "5,000 emoji", text: `Hello ${"😀".repeat(5000)} world. ` },
  ];
  it.for(
    named(
      "what",
      awkward.flatMap((row) => [
        { ...row, query: "" },
        { ...row, what: `${row.what}, in auto_mode`, query: "&auto_mode=true" },
      ]),
    ),
  )("[27] must keep frames under 64 KiB for %s", async ([, { text, query }]) => {
    const { client, closed } = await bench.converse([{ text }, { text: "" }], {
      voice,
      query: `output_format=ulaw_8000${query}`,
    });
    expect(closed).toEqual(normalClose);
    expect(spelled(client.frames).length).toBeGreaterThan(0);
    expect(largest(client.raw)).toBeLessThan(65_536);
  });

  it("[27] must keep frames under 1 MiB for a message of 200,000 spaces", async () => {
    const { client, closed } = await bench.converse(
      [{ text: `Hello${" ".repeat(200_000)}world. ` }, { text: "" }],
      { voice, query: "output_format=ulaw_8000&auto_mode=true" },
    );
    expect(closed).toEqual(normalClose);
    expect(largest(client.raw)).toBeLessThan(1_048_576);
  });
});
