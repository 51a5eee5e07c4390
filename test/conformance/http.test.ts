import { describe, expect, it } from "vitest";
import { startServer, type TestServer, testKey } from "../support/server.ts";
import {
  type Bench,
  createGatedTone,
  type GatedTone,
  type GateAnswer,
  named,
  toneBytes,
  useFliteServer,
  useToneServer,
} from "./bench.ts";

const hello = "Hello there. ";
/** The first utterance ends after its first sentence, and the second one begins ahead. */
const twoUtterances = "This is the first part. And this is the second part of it. ";

type Endpoint = "" | "/stream" | "/with-timestamps" | "/stream/with-timestamps";
const endpoints: readonly Endpoint[] = [
  "",
  "/stream",
  "/with-timestamps",
  "/stream/with-timestamps",
];

interface Call {
  readonly voice?: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** Asks one of the four endpoints to speak. */
function post(server: TestServer, endpoint: Endpoint, call: Call = {}): Promise<Response> {
  const { voice = "tone", query = "output_format=pcm_16000", headers, body } = call;
  const path = `/v1/text-to-speech/${encodeURIComponent(voice)}${endpoint}`;
  return fetch(`${server.url}${path}?${query}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body ?? { text: hello }),
  });
}

/** Timings of one answer or line of the timestamp endpoints. */
interface HttpAlignment {
  readonly characters: string[];
  readonly character_start_times_seconds: number[];
  readonly character_end_times_seconds: number[];
}

interface TimedAudio {
  readonly audio_base64: string;
  readonly alignment: HttpAlignment | null;
  readonly normalized_alignment: HttpAlignment | null;
}

const alignmentMembers = [
  "characters",
  "character_start_times_seconds",
  "character_end_times_seconds",
];

function parseTimed(json: string): TimedAudio {
  const timed: TimedAudio = JSON.parse(json);
  return timed;
}

const requestId: unknown = expect.stringMatching(/^[A-Za-z0-9]{20,32}$/);

/** Names of all formats, by how the audio is delivered, in the order of the refusal. */
const streamFormats = [
  "mp3_22050_32",
  "mp3_24000_48",
  ...[32, 64, 96, 128, 192].map((kbps) => `mp3_44100_${kbps}`),
  ...[8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000].map((rate) => `pcm_${rate}`),
  "ulaw_8000",
  "alaw_8000",
  ...[32, 64, 96, 128, 192].map((kbps) => `opus_48000_${kbps}`),
];
const wavFormats = [8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000].map(
  (rate) => `wav_${rate}`,
);
const contentTypes: Readonly<Record<string, string>> = {
  mp3: "audio/mpeg",
  pcm: "audio/pcm",
  ulaw: "audio/ulaw",
  alaw: "audio/alaw",
  opus: "audio/opus",
  wav: "audio/wav",
};

/** Runs a server whose engine decides about each utterance. */
async function withGatedTone(
  answer: (text: string) => GateAnswer,
  run: (server: TestServer, tone: GatedTone) => Promise<void>,
  flags: Record<string, string> = {},
): Promise<void> {
  const tone = createGatedTone(answer);
  const server = await startServer({
    engines: [tone.engine],
    flags: { auth: "off", workers: "1", ...flags },
  });
  try {
    await run(server, tone);
  } finally {
    tone.release();
    await server.close();
  }
}

const isSecond = (text: string): boolean => text.includes("second");

describe("audio", () => {
  const bench = useToneServer();

  it.for([...streamFormats, ...wavFormats, "mp3_44100"])(
    "[130] must return a whole file of %s with its content type",
    async (format) => {
      const response = await post(bench.server, "", { query: `output_format=${format}` });
      expect(response.status).toBe(200);
      const codec = format.split("_")[0] ?? "";
      expect(response.headers.get("content-type")).toBe(contentTypes[codec]);
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(1000);
    },
  );

  it.for([...streamFormats, "mp3_44100"])(
    "[130] must stream %s with its content type",
    async (format) => {
      const response = await post(bench.server, "/stream", { query: `output_format=${format}` });
      expect(response.status).toBe(200);
      const codec = format.split("_")[0] ?? "";
      expect(response.headers.get("content-type")).toBe(contentTypes[codec]);
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(1000);
    },
  );

  it("[130] must return mp3_44100_128 when no format is named", async () => {
    const response = await post(bench.server, "", { query: "" });
    expect(response.headers.get("content-type")).toBe("audio/mpeg");
    const plain = Buffer.from(await response.arrayBuffer());
    const named = await post(bench.server, "", { query: "output_format=mp3_44100_128" });
    expect(plain.equals(Buffer.from(await named.arrayBuffer()))).toBe(true);
  });

  it("[138] must accept voice_settings null and unknown members", async () => {
    for (const extra of [
      { voice_settings: null },
      { voice_settings: { stability: null, made_up: [1] }, made_up: { deep: true } },
      { voice_settings: { similarity_boost: true }, seed: null, language_code: null },
      { previous_text: null, next_text: "Later.", previous_request_ids: [], use_pvc_as_ivc: false },
      { model_id: null, pronunciation_dictionary_locators: null, apply_text_normalization: "auto" },
    ]) {
      for (const endpoint of ["", "/stream"] as const) {
        const response = await post(bench.server, endpoint, { body: { text: hello, ...extra } });
        expect(response.status).toBe(200);
        expect((await response.arrayBuffer()).byteLength).toBe(toneBytes(hello));
      }
    }
  });

  it.for(endpoints)(
    "[139] must send a request-id of its own on success of %j",
    async (endpoint) => {
      const ids = await Promise.all(
        [1, 2].map(async () => {
          const response = await post(bench.server, endpoint);
          await response.arrayBuffer();
          expect(response.status).toBe(200);
          expect(response.headers.get("x-trace-id")).toMatch(/^[0-9a-f]{32}$/);
          return response.headers.get("request-id");
        }),
      );
      expect(ids).toEqual([expect.stringMatching(/^[A-Za-z0-9]{20}$/), expect.any(String)]);
      expect(ids[0]).not.toBe(ids[1]);
    },
  );

  it("[144] must answer CORS preflights without a credential", async () => {
    for (const path of ["/v1/text-to-speech/tone/stream", "/v1/voices", "/v1/single-use-token/x"]) {
      const response = await fetch(`${bench.server.url}${path}`, {
        method: "OPTIONS",
        headers: {
          origin: "https://example.com",
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type,xi-api-key",
        },
      });
      expect(response.status).toBe(204);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(response.headers.get("access-control-max-age")).toBe("600");
      expect(response.headers.get("access-control-allow-methods")?.split(", ")).toEqual(
        expect.arrayContaining(["POST", "PATCH", "OPTIONS", "DELETE", "GET", "PUT"]),
      );
      expect(response.headers.get("access-control-allow-headers")).toMatch(
        /^\*$|^content-type, ?xi-api-key$/,
      );
    }
  });

  it("[144] must open answers and errors to every origin", async () => {
    const headers = { origin: "https://example.com" };
    const answer = await post(bench.server, "", { headers });
    await answer.arrayBuffer();
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    const exposed = answer.headers.get("access-control-expose-headers")?.split(/, ?/);
    expect(exposed).toEqual(expect.arrayContaining(["request-id", "x-trace-id", "character-cost"]));
    const error = await post(bench.server, "", { headers, body: {} });
    await error.arrayBuffer();
    expect(error.headers.get("access-control-allow-origin")).toBe("*");
  });
});

describe("streams", () => {
  it.for(
    named("endpoint", [
      { endpoint: "/stream" as const, first: toneBytes("This is the first part.") },
      { endpoint: "/stream/with-timestamps" as const, first: 1000 },
    ]),
  )(
    "[131] must send the first audio before a later part is synthesized: %s",
    async ([, { endpoint, first }]) => {
      await withGatedTone(
        (text) => (isSecond(text) ? "hold" : "speak"),
        async (server, tone) => {
          const response = await post(server, endpoint, { body: { text: twoUtterances } });
          expect(response.status).toBe(200);
          const reader = response.body?.getReader();
          let sizeBytes = 0;
          while (sizeBytes < first) sizeBytes += (await reader?.read())?.value?.length ?? 0;
          await tone.begun("second");
          expect(sizeBytes).toBeGreaterThanOrEqual(first);
          tone.release();
          let rest = 0;
          for (;;) {
            const piece = await reader?.read();
            if (!piece || piece.done) break;
            rest += piece.value.length;
          }
          expect(rest).toBeGreaterThan(toneBytes("And this is the second part of it.") - 1);
        },
      );
    },
  );

  it.for(["/stream", "/stream/with-timestamps"] as const)(
    "[140] must abort the connection when a stream fails midway: %s",
    async (endpoint) => {
      await withGatedTone(
        (text) => (isSecond(text) ? "fail" : "speak"),
        async (server) => {
          const response = await post(server, endpoint, { body: { text: twoUtterances } });
          expect(response.status).toBe(200);
          await expect(response.arrayBuffer()).rejects.toThrow("terminated");
        },
      );
    },
  );

  it.for(endpoints)(
    "[140] must answer in JSON when synthesis fails before the first audio: %j",
    async (endpoint) => {
      await withGatedTone(
        () => "fail",
        async (server) => {
          const response = await post(server, endpoint);
          expect(response.status).toBe(500);
          expect(await response.json()).toMatchObject({ detail: { code: "internal_error" } });
        },
      );
    },
  );

  it.for(["", "/with-timestamps"] as const)(
    "[140] must not send part of a whole file when synthesis fails midway: %j",
    async (endpoint) => {
      await withGatedTone(
        (text) => (isSecond(text) ? "fail" : "speak"),
        async (server) => {
          const response = await post(server, endpoint, { body: { text: twoUtterances } });
          expect(response.status).toBe(500);
          expect(await response.json()).toMatchObject({ detail: { code: "internal_error" } });
        },
      );
    },
  );

  it.for(endpoints)(
    "[137] must return 429 with retry-after over the concurrency limit: %j",
    async (endpoint) => {
      await withGatedTone(
        () => "hold",
        async (server, tone) => {
          const first = post(server, "");
          await tone.begun(hello);
          const second = await post(server, endpoint);
          expect(second.status).toBe(429);
          expect(second.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
          expect(await second.json()).toEqual({
            detail: {
              type: "rate_limit_error",
              code: "concurrent_limit_exceeded",
              status: "too_many_concurrent_requests",
              message: expect.stringContaining("at most 1 streams"),
              request_id: requestId,
            },
          });
          tone.release();
          expect((await (await first).arrayBuffer()).byteLength).toBe(toneBytes(hello));
          const third = await post(server, endpoint);
          expect(third.status).toBe(200);
          await third.arrayBuffer();
        },
        { maxConcurrency: "1" },
      );
    },
  );
});

describe("errors", () => {
  const bench = useToneServer({ auth: "on" });
  const key = { "xi-api-key": testKey };

  it.for(endpoints)(
    "[132] must return 422 with a list when text is missing: %j",
    async (endpoint) => {
      const response = await post(bench.server, endpoint, { headers: key, body: {} });
      expect(response.status).toBe(422);
      expect(response.headers.get("content-type")).toMatch(/^application\/json/);
      expect(await response.json()).toEqual({
        detail: [{ type: "missing", loc: ["body", "text"], msg: "Field required", input: null }],
      });
    },
  );

  it.for(
    named("what", [
      { what: "a text that is a number", body: { text: 7 } },
      { what: "a body that is a list", body: [] },
      { what: "a body that is not JSON", body: "{" },
      { what: "an empty body", body: "" },
      { what: "voice_settings that are a string", body: { text: hello, voice_settings: "loud" } },
    ]),
  )("[132] must return 422 with a list for %s", async ([, { body }]) => {
    const response = await post(bench.server, "", { headers: key, body });
    expect(response.status).toBe(422);
    expect(await response.json()).toEqual({
      detail: [
        {
          type: expect.any(String),
          loc: expect.arrayContaining(["body"]),
          msg: expect.any(String),
          input: null,
        },
      ],
    });
  });

  it.for(endpoints)(
    "[133] must return 401 with invalid_api_key for a bad key: %j",
    async (endpoint) => {
      for (const headers of [{ "xi-api-key": "wrong" }, { authorization: "Bearer wrong" }]) {
        const response = await post(bench.server, endpoint, { headers });
        expect(response.status).toBe(401);
        expect(await response.json()).toEqual({
          detail: {
            type: "authentication_error",
            code: "unauthorized",
            status: "invalid_api_key",
            message: "Invalid API key",
            request_id: requestId,
          },
        });
      }
    },
  );

  it("[133] must return 401 with needs_authorization for no key", async () => {
    const response = await post(bench.server, "");
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      detail: {
        status: "needs_authorization",
        message: "Neither authorization header nor xi-api-key received, please provide one.",
      },
    });
  });

  it.for(endpoints)(
    "[134] must return 404 with voice_not_found for an unknown voice: %j",
    async (endpoint) => {
      const response = await post(bench.server, endpoint, { headers: key, voice: "notAVoice" });
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({
        detail: {
          type: "not_found",
          code: "voice_not_found",
          status: "voice_not_found",
          message: "A voice with voice_id 'notAVoice' was not found.",
          request_id: requestId,
        },
      });
    },
  );

  const tooLong = "word ".repeat(2001);
  const refusals: readonly (Call & {
    readonly what: string;
    readonly status: number;
    readonly code: string;
    readonly param?: string;
  })[] = [
    { what: "an empty text", body: { text: " " }, status: 400, code: "text_empty", param: "text" },
    {
      what: "a text that is too long",
      body: { text: tooLong, model_id: "eleven_multilingual_v2" },
      status: 400,
      code: "max_character_limit_exceeded",
      param: "text",
    },
    {
      what: "an unknown model",
      body: { text: hello, model_id: "nobody" },
      status: 400,
      code: "model_not_found",
      param: "model_id",
    },
    {
      what: "a parameter that eleven_v3 does not take",
      body: { text: hello, model_id: "eleven_v3", previous_text: "Before." },
      status: 400,
      code: "unsupported_parameter",
      param: "previous_text",
    },
    { what: "a bad key", headers: { "xi-api-key": "wrong" }, status: 401, code: "unauthorized" },
    { what: "an unknown voice", voice: "nobody", status: 404, code: "voice_not_found" },
    {
      what: "an unknown format",
      query: "output_format=flac_1",
      status: 403,
      code: "invalid_output_format",
      param: "output_format",
    },
    {
      what: "a body of another type",
      headers: { "content-type": "text/plain" },
      status: 415,
      code: "unsupported_media_type",
    },
    {
      what: "a body of 5 MB",
      body: { text: "a".repeat(5_000_000) },
      status: 413,
      code: "message_too_big",
    },
  ];

  it.for(named("what", refusals))(
    "[135] must return status, code and message for %s",
    async ([, { what: _what, status, code, param, headers, ...call }]) => {
      const response = await post(bench.server, "", { ...call, headers: { ...key, ...headers } });
      expect(response.status).toBe(status);
      expect(response.headers.get("content-type")).toMatch(/^application\/json/);
      expect(response.headers.get("x-trace-id")).toMatch(/^[0-9a-f]{32}$/);
      expect(await response.json()).toEqual({
        detail: {
          type: expect.stringMatching(/^[a-z_]+$/),
          code,
          status: expect.stringMatching(/^[a-z_]+$/),
          message: expect.stringMatching(/\w{3}/),
          request_id: requestId,
          ...(param && { param }),
        },
      });
    },
  );

  it.for(
    named("what", [
      { what: "an unknown route", method: "GET", path: "/v1/nowhere", status: 404 },
      {
        what: "an unknown token type",
        method: "POST",
        path: "/v1/single-use-token/x",
        status: 400,
      },
      { what: "an unknown voice's page", method: "GET", path: "/v1/voices/nobody", status: 404 },
      {
        what: "a socket's address without upgrade",
        method: "GET",
        path: "/v1/text-to-speech/tone/stream-input",
        status: 426,
      },
    ]),
  )("[135] must return status, code and message for %s", async ([, { method, path, status }]) => {
    const response = await fetch(`${bench.server.url}${path}`, { method, headers: key });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      detail: {
        status: expect.stringMatching(/^[a-z_]+$/),
        code: expect.stringMatching(/^[a-z_]+$/),
        message: expect.stringMatching(/\w{3}/),
      },
    });
  });

  it("[135] must return a plain sentence for a wrong method", async () => {
    const response = await fetch(`${bench.server.url}/v1/text-to-speech/tone`, { headers: key });
    expect(response.status).toBe(405);
    expect(await response.json()).toEqual({ detail: "Method Not Allowed" });
  });

  const allowed: Readonly<Record<Endpoint, readonly string[]>> = {
    "": [...streamFormats, ...wavFormats],
    "/with-timestamps": [...streamFormats, ...wavFormats],
    "/stream": streamFormats,
    "/stream/with-timestamps": streamFormats,
  };
  it.for(endpoints)(
    "[136] must return 403 invalid_output_format with the allowed values: %j",
    async (endpoint) => {
      const query = "output_format=ulaw_16000";
      const response = await post(bench.server, endpoint, { headers: key, query });
      expect(response.status).toBe(403);
      const list = allowed[endpoint].map((format) => `'${format}'`).join(", ");
      expect(await response.json()).toEqual({
        detail: {
          type: "validation_error",
          code: "invalid_output_format",
          status: "invalid_output_format",
          message: `Invalid output format 'ulaw_16000'. Must be one of: [${list}]`,
          param: "output_format",
          request_id: requestId,
        },
      });
    },
  );
});

describe("timestamps, with the real voices", () => {
  const bench: Bench = useFliteServer();
  const text =
    "The ship left the harbour at dawn. Nobody on the quay waved, for 23 of them had slept late. It came back in 1897 with a cargo of oranges, a new mast, and a very tired crew that wanted to go home.";
  const voice = "flite-slt";

  const timed = async (format: string, words: string): Promise<TimedAudio> => {
    const response = await post(bench.server, "/with-timestamps", {
      voice,
      query: `output_format=${format}`,
      body: { text: words },
    });
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    return parseTimed(await response.text());
  };

  const lines = async (format: string, words: string): Promise<string> => {
    const response = await post(bench.server, "/stream/with-timestamps", {
      voice,
      query: `output_format=${format}`,
      body: { text: words },
    });
    expect(response.status).toBe(200);
    return response.text();
  };

  it.for(["pcm_16000", "pcm_44100", "mp3_44100_128"])(
    "[141] must return audio and both alignments, in seconds, from with-timestamps: %s",
    async (format) => {
      const answer = await timed(format, text);
      expect(Object.keys(answer)).toEqual(["audio_base64", "alignment", "normalized_alignment"]);
      const plain = await post(bench.server, "", {
        voice,
        query: `output_format=${format}`,
        body: { text },
      });
      const audio = Buffer.from(answer.audio_base64, "base64");
      expect(audio.equals(Buffer.from(await plain.arrayBuffer()))).toBe(true);
      const whole = await timed("pcm_16000", text);
      const seconds = Buffer.byteLength(whole.audio_base64, "base64") / 32_000;
      for (const alignment of [answer.alignment, answer.normalized_alignment]) {
        expect(Object.keys(alignment ?? {})).toEqual(alignmentMembers);
        const starts = alignment?.character_start_times_seconds ?? [];
        const ends = alignment?.character_end_times_seconds ?? [];
        expect(starts).toHaveLength(alignment?.characters.length ?? -1);
        expect(ends).toHaveLength(starts.length);
        expect(starts[0]).toBe(0);
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        expect(ends.filter((end, index) => end < (starts[index] ?? 0))).toEqual([]);
        expect(Math.abs((ends.at(-1) ?? 0) - seconds)).toBeLessThan(0.01);
      }
      expect(answer.alignment?.characters.join("")).toBe(text);
    },
  );

  it.for(["Hi there.", "Hi there. ", "One.\nTwo.\n\nThree  four.", "Ünï 😀 2 go!"])(
    "[141] must spell the text without added spaces: %j",
    async (words) => {
      const { alignment } = await timed("pcm_16000", words);
      expect(alignment?.characters.join("").trimEnd()).toBe(words.trimEnd());
    },
  );

  it.for([
    ["pcm_48000", "a paragraph", text.repeat(2)],
    ["mp3_44100_192", "a paragraph", text.repeat(2)],
    ["opus_48000_192", "a paragraph", text.repeat(2)],
    ["pcm_16000", "9,000 spaces", `Hello${" ".repeat(9000)}world.`],
    ["pcm_16000", "many numbers", "123456789 ".repeat(40)],
  ] as const)(
    "[142] must end every line with a line feed and keep it under 64 KiB: %s, %s",
    async ([format, , words]) => {
      const body = await lines(format, words);
      expect(body.endsWith("\n")).toBe(true);
      const all = body.slice(0, -1).split("\n");
      expect(all.length).toBeGreaterThan(1);
      for (const line of all) {
        expect(Buffer.byteLength(line)).toBeLessThan(65_535);
        expect(Object.keys(parseTimed(line))).toEqual([
          "audio_base64",
          "alignment",
          "normalized_alignment",
        ]);
      }
    },
  );

  it.for(["pcm_16000", "pcm_44100", "ulaw_8000"])(
    "[143] must count the times of later lines from the start of the response: %s",
    async (format) => {
      const parts = (await lines(format, text)).trimEnd().split("\n").map(parseTimed);
      const bytesPerSecond = { pcm_16000: 32_000, pcm_44100: 88_200, ulaw_8000: 8000 }[format] ?? 0;
      const sound = parts.reduce(
        (sum, part) => sum + Buffer.byteLength(part.audio_base64, "base64") / bytesPerSecond,
        0,
      );
      for (const which of ["alignment", "normalized_alignment"] as const) {
        const alignments = parts.flatMap((part) => part[which] ?? []);
        const starts = alignments.flatMap((each) => each.character_start_times_seconds);
        const ends = alignments.flatMap((each) => each.character_end_times_seconds);
        expect(alignments.length).toBeGreaterThan(3);
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        const gaps = starts.slice(1).map((start, index) => Math.abs(start - (ends[index] ?? 0)));
        expect(Math.max(...gaps)).toBeLessThanOrEqual(0.0011);
        expect(Math.abs((ends.at(-1) ?? 0) - sound)).toBeLessThan(0.01);
      }
      const characters = parts.flatMap(({ alignment }) => alignment?.characters ?? []);
      expect(characters.join("")).toBe(text);
    },
  );
});
