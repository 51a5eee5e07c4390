import { testKey } from "../support/server.ts";
import type { Ask } from "./ask.ts";

/** One wrong request and what it is answered. */
export interface HttpRow {
  readonly name: string;
  readonly ask: Ask;
  readonly status: number;
  /** The whole body but for `request_id`; `audio` for a 200 that speaks; undefined for none. */
  readonly body: unknown;
  /** Response headers that must be there, besides those every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body of a failure. */
export const detail = (
  type: string,
  code: string,
  message: string,
  more: { readonly status?: string; readonly param?: string } = {},
): unknown => ({
  detail: {
    type,
    code,
    message,
    status: more.status ?? code,
    ...(more.param !== undefined && { param: more.param }),
  },
});

/** The body of a 422. */
export const invalid = (type: string, loc: readonly string[], msg: string): unknown => ({
  detail: [{ type, loc: ["body", ...loc], msg, input: null }],
});

export const secret = "Confidential sentence that no answer may repeat.";

const speech = "/v1/text-to-speech/tone";
const json = { "xi-api-key": testKey, "content-type": "application/json" } as const;

/** A synthesis request with this body. */
const post = (body: unknown, path = speech): Ask => ({
  method: "POST",
  path,
  headers: json,
  body: typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body),
});
const good = { text: secret };
const get = (path: string): Ask => ({ method: "GET", path, headers: { "xi-api-key": testKey } });
const withHeaders = (headers: Record<string, string>, body = JSON.stringify(good)): Ask => ({
  method: "POST",
  path: speech,
  headers,
  body,
});

const noKey = detail(
  "authentication_error",
  "authentication_required",
  "Neither authorization header nor xi-api-key received, please provide one.",
  { status: "needs_authorization" },
);
export const badKey: unknown = detail("authentication_error", "unauthorized", "Invalid API key", {
  status: "invalid_api_key",
});
const notFound = detail(
  "not_found",
  "not_found",
  "There is no such address here. Check the path; the routes are listed in the README.",
);
export const noSuchVoice = (voiceId: string): unknown =>
  detail("not_found", "voice_not_found", `A voice with voice_id '${voiceId}' was not found.`);
const notInstalled = detail(
  "not_found",
  "voice_not_found",
  "The voice 'espeak-de' needs a package that is not installed on this server. " +
    "Type npm install @echogarden/espeak-ng-emscripten@0.3.5 where the server is installed, and start it again.",
);
const noSuchModel = (modelId: string): unknown =>
  detail(
    "validation_error",
    "model_not_found",
    `A model with model_id '${modelId}' was not found. List the accepted models with GET /v1/models.`,
    { param: "model_id" },
  );
const wrongContentType = detail(
  "validation_error",
  "unsupported_media_type",
  "The body's content type is not application/json. Send JSON with content-type: application/json.",
);
const notJson = invalid("json_invalid", [], "JSON decode error");
const emptyText = detail(
  "validation_error",
  "text_empty",
  "The text is empty: there is nothing to speak. Send at least one character that is not white space.",
  { param: "text" },
);
const tooLong = (length: number, limit: number, modelId: string): unknown =>
  detail(
    "validation_error",
    "max_character_limit_exceeded",
    `This request's text has ${length} characters and exceeds the limit of ${limit} characters of model '${modelId}'. Cut the text, or stream it through the WebSocket, which has no such limit.`,
    { param: "text" },
  );
const refusedByV3 = (param: string): unknown =>
  detail(
    "validation_error",
    "unsupported_parameter",
    `Model 'eleven_v3' does not support the parameter '${param}'. Leave the parameter out, or use another model.`,
    { param },
  );
export const badParameter = (param: string, expected: string): unknown =>
  detail(
    "validation_error",
    "invalid_parameters",
    `The parameter '${param}' must be ${expected}. Correct it, or leave it out where it has a default.`,
    { param },
  );

const streamed =
  "mp3_22050_32 mp3_24000_48 mp3_44100_32 mp3_44100_64 mp3_44100_96 mp3_44100_128 mp3_44100_192 " +
  "pcm_8000 pcm_16000 pcm_22050 pcm_24000 pcm_32000 pcm_44100 pcm_48000 ulaw_8000 alaw_8000 " +
  "opus_48000_32 opus_48000_64 opus_48000_96 opus_48000_128 opus_48000_192";
const whole = `${streamed} wav_8000 wav_16000 wav_22050 wav_24000 wav_32000 wav_44100 wav_48000`;
const badFormat = (format: string, allowed: string): unknown =>
  detail(
    "validation_error",
    "invalid_output_format",
    `Invalid output format '${format}'. Must be one of: [${allowed
      .split(" ")
      .map((name) => `'${name}'`)
      .join(", ")}]`,
    { param: "output_format" },
  );
export const badStreamFormat = (format: string): unknown => badFormat(format, streamed);

const wrongMethod = { detail: "Method Not Allowed" };
const notObject = (received: string): unknown =>
  invalid("invalid_type", [], `Invalid input: expected object, received ${received}`);
const notText = (member: string, received: string): unknown =>
  invalid("invalid_type", [member], `Invalid input: expected string, received ${received}`);

const credentials: HttpRow[] = [
  {
    name: "no key",
    ask: withHeaders({ "content-type": "application/json" }),
    status: 401,
    body: noKey,
  },
  {
    name: "an empty key",
    ask: withHeaders({ ...json, "xi-api-key": "" }),
    status: 401,
    body: noKey,
  },
  {
    name: "a wrong key",
    ask: withHeaders({ ...json, "xi-api-key": "sk_wrong" }),
    status: 401,
    body: badKey,
  },
  {
    name: "the key with another in front of it",
    ask: withHeaders({ ...json, "xi-api-key": `sk_wrong, ${testKey}` }),
    status: 401,
    body: badKey,
  },
  {
    name: "a key of 8 KB",
    ask: withHeaders({ ...json, "xi-api-key": "k".repeat(8000) }),
    status: 401,
    body: badKey,
  },
  {
    name: "the key with another scheme",
    ask: withHeaders({ "content-type": "application/json", authorization: `Basic ${testKey}` }),
    status: 401,
    body: badKey,
  },
  {
    name: "a scheme without a key",
    ask: withHeaders({ "content-type": "application/json", authorization: "Bearer" }),
    status: 401,
    body: badKey,
  },
  {
    name: "the key in a query parameter that has no meaning",
    ask: {
      method: "POST",
      path: `${speech}?xi_api_key=${testKey}`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(good),
    },
    status: 401,
    body: noKey,
  },
  {
    name: "a token, which opens sockets only",
    ask: {
      method: "POST",
      path: `${speech}?single_use_token=made-up`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(good),
    },
    status: 401,
    body: noKey,
  },
  {
    name: "the catalogue without a key",
    ask: { method: "GET", path: "/v1/voices", headers: {} },
    status: 401,
    body: noKey,
  },
  {
    name: "a wrong key and an unknown voice: the key comes first",
    ask: {
      method: "POST",
      path: "/v1/text-to-speech/nobody",
      headers: { ...json, "xi-api-key": "sk_wrong" },
      body: JSON.stringify(good),
    },
    status: 401,
    body: badKey,
  },
];

const addresses: HttpRow[] = [
  { name: "an unknown route", ask: get("/v1/nothing-here"), status: 404, body: notFound },
  { name: "the root", ask: get("/"), status: 404, body: notFound },
  { name: "an asterisk for a path", ask: get("*"), status: 404, body: notFound },
  {
    name: "two slashes in the middle",
    ask: post(good, speech.replace("/v1/", "/v1//")),
    status: 404,
    body: notFound,
  },
  {
    name: "a path that climbs",
    ask: get("/v1/voices/../../../etc/passwd"),
    status: 404,
    body: notFound,
  },
  {
    name: "a percent sign that encodes nothing",
    ask: post(good, "/v1/text-to-speech/%zz"),
    status: 404,
    body: notFound,
  },
  {
    name: "percent signs that encode no UTF-8",
    ask: post(good, "/v1/text-to-speech/%ff%fe"),
    status: 404,
    body: notFound,
  },
  {
    name: "an unknown voice",
    ask: post(good, "/v1/text-to-speech/nobody"),
    status: 404,
    body: noSuchVoice("nobody"),
  },
  {
    name: "a voice whose engine is not installed",
    ask: post(good, "/v1/text-to-speech/espeak-de"),
    status: 404,
    body: notInstalled,
  },
  {
    name: "no voice",
    ask: post(good, "/v1/text-to-speech/"),
    status: 404,
    body: noSuchVoice(""),
  },
  {
    name: "two dots for a voice",
    ask: post(good, "/v1/text-to-speech/.."),
    status: 404,
    body: noSuchVoice(".."),
  },
  {
    name: "an encoded slash in the voice",
    ask: post(good, "/v1/text-to-speech/..%2F..%2Fetc%2Fpasswd"),
    status: 404,
    body: noSuchVoice("../../etc/passwd"),
  },
  {
    name: "a voice with a NUL behind it",
    ask: post(good, "/v1/text-to-speech/tone%00"),
    status: 404,
    body: noSuchVoice("tone\0"),
  },
  {
    name: "a member of every object for a voice",
    ask: post(good, "/v1/text-to-speech/__proto__"),
    status: 404,
    body: noSuchVoice("__proto__"),
  },
  {
    name: "a voice of 1000 characters",
    ask: post(good, `/v1/text-to-speech/${"v".repeat(1000)}`),
    status: 404,
    body: noSuchVoice(`${"v".repeat(64)}…`),
  },
  {
    name: "a voice of 1001 characters",
    ask: post(good, `/v1/text-to-speech/${"v".repeat(1001)}`),
    status: 404,
    body: notFound,
  },
  {
    name: "an unknown voice of the catalogue",
    ask: get("/v1/voices/nobody"),
    status: 404,
    body: noSuchVoice("nobody"),
  },
  {
    name: "an unknown kind of token",
    ask: { method: "POST", path: "/v1/single-use-token/everything", headers: json },
    status: 400,
    body: badParameter("token_type", "tts_websocket"),
  },
];

const methods: HttpRow[] = [
  {
    name: "GET where text is posted",
    ask: get(speech),
    status: 405,
    body: wrongMethod,
    headers: { allow: "POST" },
  },
  {
    name: "DELETE where text is posted",
    ask: { method: "DELETE", path: speech, headers: json },
    status: 405,
    body: wrongMethod,
    headers: { allow: "POST" },
  },
  {
    name: "PUT with a body that cannot be read",
    ask: { method: "PUT", path: `${speech}/stream`, headers: json, body: "{" },
    status: 405,
    body: wrongMethod,
    headers: { allow: "POST" },
  },
  {
    name: "POST to the catalogue",
    ask: post(good, "/v1/voices"),
    status: 405,
    body: wrongMethod,
    headers: { allow: "GET" },
  },
  {
    name: "POST to the socket's address",
    ask: post(good, `${speech}/stream-input`),
    status: 405,
    body: wrongMethod,
    headers: { allow: "GET" },
  },
  {
    name: "GET on the socket's address",
    ask: get(`${speech}/stream-input`),
    status: 426,
    body: detail(
      "validation_error",
      "upgrade_required",
      "This address is a WebSocket endpoint and was asked over plain HTTP. Open it as a WebSocket: ws:// or wss:// instead of http:// or https://.",
    ),
  },
  {
    name: "a method nobody uses",
    ask: { method: "PROPFIND", path: speech, headers: json },
    status: 404,
    body: notFound,
  },
  {
    name: "a preflight without a key",
    ask: {
      method: "OPTIONS",
      path: speech,
      headers: {
        origin: "https://app.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "xi-api-key,content-type",
      },
    },
    status: 204,
    body: undefined,
    headers: {
      "access-control-allow-headers": "xi-api-key,content-type",
      "access-control-allow-methods": "POST, PATCH, OPTIONS, DELETE, GET, PUT",
      "access-control-max-age": "600",
    },
  },
  {
    name: "a preflight for a route there is not",
    ask: {
      method: "OPTIONS",
      path: "/v1/nothing-here",
      headers: { origin: "https://app.example", "access-control-request-method": "POST" },
    },
    status: 204,
    body: undefined,
  },
];

const queries: HttpRow[] = [
  {
    name: "an unknown format of a whole file",
    ask: post(good, `${speech}?output_format=ulaw_16000`),
    status: 403,
    body: badFormat("ulaw_16000", whole),
  },
  {
    name: "an unknown format of a stream",
    ask: post(good, `${speech}/stream?output_format=flac_44100`),
    status: 403,
    body: badFormat("flac_44100", streamed),
  },
  {
    name: "WAV of a stream",
    ask: post(good, `${speech}/stream?output_format=wav_16000`),
    status: 403,
    body: badFormat("wav_16000", streamed),
  },
  {
    name: "WAV of a stream with timestamps",
    ask: post(good, `${speech}/stream/with-timestamps?output_format=wav_44100`),
    status: 403,
    body: badFormat("wav_44100", streamed),
  },
  {
    name: "a format of 5000 characters",
    ask: post(good, `${speech}?output_format=${"f".repeat(5000)}`),
    status: 403,
    body: badFormat(`${"f".repeat(64)}…`, whole),
  },
  {
    name: "a format that every object has",
    ask: post(good, `${speech}?output_format=constructor`),
    status: 403,
    body: badFormat("constructor", whole),
  },
  {
    name: "a page size that is no number",
    ask: get("/v2/voices?page_size=many"),
    status: 400,
    body: badParameter("page_size", "a number from 1 to 100"),
  },
  {
    name: "a page size with an exponent",
    ask: get("/v2/voices?page_size=1e2"),
    status: 400,
    body: badParameter("page_size", "a number from 1 to 100"),
  },
  {
    name: "a total count that is neither true nor false",
    ask: get("/v2/voices?include_total_count=perhaps"),
    status: 400,
    body: badParameter("include_total_count", "true or false"),
  },
  {
    name: "settings that are neither wanted nor not",
    ask: get("/v1/voices/tone?with_settings=2"),
    status: 400,
    body: badParameter("with_settings", "true or false"),
  },
];

const contents: HttpRow[] = [
  {
    name: "no body",
    ask: { method: "POST", path: speech, headers: json },
    status: 422,
    body: invalid("missing", [], "Field required"),
  },
  {
    name: "neither body nor content type",
    ask: { method: "POST", path: speech, headers: { "xi-api-key": testKey } },
    status: 422,
    body: invalid("missing", [], "Field required"),
  },
  {
    name: "no content type",
    ask: withHeaders({ "xi-api-key": testKey }),
    status: 415,
    body: wrongContentType,
  },
  {
    name: "plain text",
    ask: withHeaders({ ...json, "content-type": "text/plain" }),
    status: 415,
    body: wrongContentType,
  },
  {
    name: "a form",
    ask: withHeaders({ ...json, "content-type": "application/x-www-form-urlencoded" }, "text=Hi"),
    status: 415,
    body: wrongContentType,
  },
  {
    name: "a content type that is none",
    ask: withHeaders({ ...json, "content-type": "json" }),
    status: 415,
    body: wrongContentType,
  },
  { name: "half of a JSON object", ask: post(`{"text":"${secret}`), status: 422, body: notJson },
  { name: "JSON with single quotes", ask: post("{'text':'a'}"), status: 422, body: notJson },
  { name: "JSON behind a byte order mark", ask: post('\ufeff"x'), status: 422, body: notJson },
  {
    name: "bytes that are no UTF-8",
    ask: post(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0xc0, 0x22, 0x7d])),
    status: 422,
    body: notJson,
  },
  {
    name: "100,000 brackets that are never closed",
    ask: post("[".repeat(100_000)),
    status: 422,
    body: notJson,
  },
  { name: "an array", ask: post([good]), status: 422, body: notObject("array") },
  { name: "a string", ask: post(JSON.stringify(secret)), status: 422, body: notObject("string") },
  { name: "a number", ask: post("7"), status: 422, body: notObject("number") },
  { name: "true", ask: post("true"), status: 422, body: notObject("boolean") },
  { name: "null", ask: post("null"), status: 422, body: notObject("null") },
  {
    name: "no text",
    ask: post({ model_id: "eleven_flash_v2_5" }),
    status: 422,
    body: invalid("missing", ["text"], "Field required"),
  },
  {
    name: "null for a text",
    ask: post({ text: null }),
    status: 422,
    body: notText("text", "null"),
  },
  {
    name: "a number for a text",
    ask: post({ text: 7 }),
    status: 422,
    body: notText("text", "number"),
  },
  {
    name: "true for a text",
    ask: post({ text: true }),
    status: 422,
    body: notText("text", "boolean"),
  },
  {
    name: "an array for a text",
    ask: post({ text: [secret] }),
    status: 422,
    body: notText("text", "array"),
  },
  {
    name: "a text that is 100,000 objects deep",
    ask: post(`{"text":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`),
    status: 422,
    body: notText("text", "object"),
  },
  {
    name: "the text twice: the last one counts",
    ask: post(`{"text":"${secret}","text":7}`),
    status: 422,
    body: notText("text", "number"),
  },
  {
    name: "the text in __proto__",
    ask: post(`{"__proto__":{"text":"${secret}"}}`),
    status: 422,
    body: invalid("missing", ["text"], "Field required"),
  },
  {
    name: "a number for a model",
    ask: post({ ...good, model_id: 2 }),
    status: 422,
    body: notText("model_id", "number"),
  },
  {
    name: "an array for a language",
    ask: post({ ...good, language_code: ["en"] }),
    status: 422,
    body: notText("language_code", "array"),
  },
  {
    name: "a number for the text before",
    ask: post({ ...good, previous_text: 1 }),
    status: 422,
    body: notText("previous_text", "number"),
  },
  {
    name: "an object for the text after",
    ask: post({ ...good, next_text: {} }),
    status: 422,
    body: notText("next_text", "object"),
  },
  {
    name: "a string for settings",
    ask: post({ ...good, voice_settings: "fast" }),
    status: 422,
    body: invalid(
      "invalid_type",
      ["voice_settings"],
      "Invalid input: expected object, received string",
    ),
  },
  {
    name: "an array for settings",
    ask: post({ ...good, voice_settings: [] }),
    status: 422,
    body: invalid(
      "invalid_type",
      ["voice_settings"],
      "Invalid input: expected object, received array",
    ),
  },
  {
    name: "a string for a boolean of the settings",
    ask: post({ ...good, voice_settings: { use_speaker_boost: "yes" } }),
    status: 422,
    body: invalid(
      "invalid_type",
      ["voice_settings", "use_speaker_boost"],
      "Invalid input: expected boolean, received string",
    ),
  },
  {
    name: "a string for a seed",
    ask: post({ ...good, seed: "7" }),
    status: 422,
    body: invalid("invalid_type", ["seed"], "Invalid input: expected number, received string"),
  },
  {
    name: "half a seed",
    ask: post({ ...good, seed: 1.5 }),
    status: 422,
    body: invalid("custom", ["seed"], "expected a whole number"),
  },
  {
    name: "a seed below nothing",
    ask: post({ ...good, seed: -1 }),
    status: 422,
    body: invalid("too_small", ["seed"], "Too small: expected number to be >=0"),
  },
  {
    name: "a seed above the largest",
    ask: post({ ...good, seed: 4_294_967_296 }),
    status: 422,
    body: invalid("too_big", ["seed"], "Too big: expected number to be <=4294967295"),
  },
  {
    name: "an unknown way of normalization",
    ask: post({ ...good, apply_text_normalization: "maybe" }),
    status: 422,
    body: invalid(
      "invalid_value",
      ["apply_text_normalization"],
      'Invalid option: expected one of "auto"|"on"|"off"',
    ),
  },
  {
    name: "an unknown model",
    ask: post({ ...good, model_id: "gpt-4o-mini-tts" }),
    status: 400,
    body: noSuchModel("gpt-4o-mini-tts"),
  },
  {
    name: "an unknown model in the query",
    ask: post(good, `${speech}?model_id=nothing`),
    status: 400,
    body: noSuchModel("nothing"),
  },
  {
    name: "a model of 10,000 characters",
    ask: post({ ...good, model_id: "m".repeat(10_000) }),
    status: 400,
    body: noSuchModel(`${"m".repeat(64)}…`),
  },
  {
    name: "eleven_v3 with the text before",
    ask: post({ ...good, model_id: "eleven_v3", previous_text: secret }),
    status: 400,
    body: refusedByV3("previous_text"),
  },
  {
    name: "eleven_v3 with the text after",
    ask: post({ ...good, model_id: "eleven_v3", next_text: secret }),
    status: 400,
    body: refusedByV3("next_text"),
  },
  {
    name: "eleven_v3 with a latency",
    ask: post({ ...good, model_id: "eleven_v3" }, `${speech}?optimize_streaming_latency=0`),
    status: 400,
    body: refusedByV3("optimize_streaming_latency"),
  },
  { name: "an empty text", ask: post({ text: "" }), status: 400, body: emptyText },
  {
    name: "only white space",
    ask: post({ text: " \t\r\n\u00a0\u2003 " }),
    status: 400,
    body: emptyText,
  },
  {
    name: "only white space, streamed with timestamps",
    ask: post({ text: "   " }, `${speech}/stream/with-timestamps`),
    status: 400,
    body: emptyText,
  },
  {
    name: "one character more than the default model takes",
    ask: post({ text: "a".repeat(10_001) }),
    status: 400,
    body: tooLong(10_001, 10_000, "eleven_multilingual_v2"),
  },
  {
    name: "one emoji more than eleven_v3 takes, counted in code points",
    ask: post({ text: "\u{1f399}".repeat(5001), model_id: "eleven_v3" }),
    status: 400,
    body: tooLong(5001, 5000, "eleven_v3"),
  },
  {
    name: "a text of 1 MB",
    ask: post({ text: "a".repeat(1_048_576), model_id: "eleven_flash_v2_5" }),
    status: 400,
    body: tooLong(1_048_576, 40_000, "eleven_flash_v2_5"),
  },
];

/** Strange, and still right: these are spoken. */
const accepted: HttpRow[] = [
  { name: "a text of one NUL", ask: post({ text: "\0" }), status: 200, body: "audio" },
  {
    name: "control characters",
    ask: post({ text: "a\u0001\u0008\u001b[0m\u007fb" }),
    status: 200,
    body: "audio",
  },
  {
    name: "only emoji",
    ask: post({ text: "\u{1f600}\u{1f468}\u200d\u{1f469}\u200d\u{1f467}" }),
    status: 200,
    body: "audio",
  },
  { name: "lone surrogates", ask: post('{"text":"a\\ud800b\\udc00"}'), status: 200, body: "audio" },
  {
    name: "1000 emoji in the limit's own unit, which is not UTF-16",
    ask: post({ text: "\u{1f399}".repeat(3000), model_id: "eleven_v3" }),
    status: 200,
    body: "audio",
  },
  {
    name: "an unknown member that is 100,000 arrays deep",
    ask: post(`{"text":"Good.","x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`),
    status: 200,
    body: "audio",
  },
  {
    name: "__proto__ and constructor beside the text",
    ask: post(
      '{"text":"Good.","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    ),
    status: 200,
    body: "audio",
  },
  {
    name: "settings far out of range",
    ask: post({ text: "Good.", voice_settings: { speed: 1e300, stability: -1e300, style: 7 } }),
    status: 200,
    body: "audio",
  },
  {
    name: "null for everything that may be left out",
    ask: post({
      text: "Good.",
      model_id: null,
      language_code: null,
      voice_settings: null,
      seed: null,
      previous_text: null,
      next_text: null,
      apply_text_normalization: null,
    }),
    status: 200,
    body: "audio",
  },
];

const sizes: HttpRow[] = [
  {
    name: "a body over 4 MiB",
    ask: post({ text: "a".repeat(4 * 1024 * 1024) }),
    status: 413,
    body: detail(
      "validation_error",
      "message_too_big",
      "The message is larger than 4194304 bytes. Send less at once; messages of a stream are joined exactly as sent.",
    ),
  },
];

export const httpRows: readonly HttpRow[] = [
  ...credentials,
  ...addresses,
  ...methods,
  ...queries,
  ...contents,
  ...accepted,
  ...sizes,
];
