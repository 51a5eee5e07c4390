import { testKey } from "../support/server.ts";
import type { Ask } from "./ask.ts";
import { type HttpRow, secret } from "./rows-http.ts";

const headers = { authorization: `Bearer ${testKey}`, "content-type": "application/json" } as const;
const good = { voice_id: "tone", text: secret };

const post = (body: unknown, path = "/waves/v1/tts", own: object = headers): Ask => ({
  method: "POST",
  path,
  headers: { ...own },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

/** The body of a failure, but for its `request_id`. */
const failure = (
  error: string,
  code: string,
  message: string,
  issue: { readonly code?: string; readonly path?: readonly string[] } & object = {},
): unknown => ({
  error,
  message,
  code,
  errors: [{ code: "custom", path: [], ...issue, message }],
});

const invalid = (
  path: string,
  message: string,
  kind = "invalid_type",
  code = "invalid_request",
  more: object = {},
): unknown => failure("InvalidRequest", code, message, { code: kind, path: [path], ...more });

const notInstalled = invalid(
  "voice_id",
  "The voice 'espeak-de' needs a package that is not installed on this server. " +
    "Type npm install @echogarden/espeak-ng-emscripten@0.3.5 where the server is installed, and start it again.",
  "custom",
  "invalid_voice_id",
);
const noVoice = invalid("voice_id", "Invalid Voice ID", "custom", "invalid_voice_id");
const mulaw =
  "Invalid enum value. Expected 'wav' | 'ulaw' | 'alaw' | 'pcm' | 'mp3', received 'mulaw'";

/** Wrong requests of the Waves protocol over HTTP. */
export const wavesRows: readonly HttpRow[] = [
  {
    name: "Waves: no key",
    ask: post(good, "/waves/v1/tts", { "content-type": "application/json" }),
    status: 401,
    body: failure(
      "Unauthorized",
      "unauthorized",
      "No credential was sent, and this server asks for one. Send the key as Authorization: Bearer, or as token in the query of a socket; or start the server with --auth off.",
    ),
  },
  {
    name: "Waves: a bad key",
    ask: post(good, "/waves/v1/tts", { ...headers, authorization: "Bearer sk_wrong" }),
    status: 401,
    body: failure("Unauthorized", "unauthorized", "Invalid API key"),
  },
  {
    name: "Waves: an unknown voice",
    ask: post({ ...good, voice_id: "nobody" }),
    status: 400,
    body: noVoice,
  },
  {
    name: "Waves: an unknown voice for events",
    ask: post({ ...good, voice_id: "nobody" }, "/api/v1/tts/live"),
    status: 400,
    body: noVoice,
  },
  {
    name: "Waves: a voice whose engine is not installed",
    ask: post({ ...good, voice_id: "espeak-de" }),
    status: 400,
    body: notInstalled,
  },
  {
    name: "Waves: no voice",
    ask: post({ text: secret }),
    status: 400,
    body: invalid("voice_id", "Required"),
  },
  {
    name: "Waves: no text",
    ask: post({ voice_id: "tone" }),
    status: 400,
    body: invalid("text", "Required"),
  },
  {
    name: "Waves: no body",
    ask: { method: "POST", path: "/waves/v1/tts", headers },
    status: 400,
    body: invalid("text", "Required"),
  },
  {
    name: "Waves: a format there is not",
    ask: post({ ...good, output_format: "mulaw" }),
    status: 400,
    body: invalid("output_format", mulaw, "invalid_enum_value", "invalid_enum_value", {
      received: "mulaw",
      options: ["wav", "ulaw", "alaw", "pcm", "mp3"],
    }),
  },
  {
    name: "Waves: a rate there is not",
    ask: post({ ...good, sample_rate: 11_025 }),
    status: 400,
    body: invalid("sample_rate", "Expected one of 8000, 16000, 24000, 44100", "custom"),
  },
  {
    name: "Waves: a text that is a number",
    ask: post({ ...good, text: 5 }),
    status: 400,
    body: invalid("text", "Invalid input: expected string, received number"),
  },
  {
    name: "Waves: a blank text",
    ask: post({ ...good, text: " " }),
    status: 400,
    body: failure(
      "InvalidRequest",
      "invalid_request",
      "The text is empty: there is nothing to speak. Send at least one character that is not white space.",
      { path: ["text"] },
    ),
  },
  {
    name: "Waves: a text that is too long",
    ask: post({ ...good, text: "a".repeat(10_001) }),
    status: 400,
    body: failure(
      "InvalidRequest",
      "text_too_long",
      "This request's text has 10001 characters and exceeds the limit of 10000 characters of model 'lightning-v3.1'. Cut the text; on a socket, send it in several messages with continue.",
      { path: ["text"] },
    ),
  },
  {
    name: "Waves: a model there is not",
    ask: post(good, "/waves/v1/thunder/get_speech"),
    status: 400,
    body: failure(
      "InvalidRequest",
      "model_not_found",
      "A model with model_id 'thunder' was not found. Use lightning_v3.1, lightning_v3.1_pro, lightning-v2, lightning-large or lightning.",
      { path: ["model"] },
    ),
  },
  {
    name: "Waves: an array for a body",
    ask: post([1]),
    status: 400,
    body: failure(
      "InvalidRequest",
      "invalid_request",
      "The request body could not be read: it is not a JSON object. Send a JSON object with the member types the endpoint asks for.",
      { code: "invalid_type" },
    ),
  },
  {
    name: "Waves: a number for a body",
    ask: post(5, "/waves/v1/tts/live"),
    status: 400,
    body: failure(
      "InvalidRequest",
      "invalid_request",
      "The request body could not be read: it is not a JSON object. Send a JSON object with the member types the endpoint asks for.",
      { code: "invalid_type" },
    ),
  },
  {
    name: "Waves: a format that is a number",
    ask: post({ ...good, output_format: 5 }),
    status: 400,
    body: invalid(
      "output_format",
      mulaw.replace("mulaw", "number"),
      "invalid_enum_value",
      "invalid_enum_value",
      { received: "number", options: ["wav", "ulaw", "alaw", "pcm", "mp3"] },
    ),
  },
  {
    name: "Waves: a body that is not JSON",
    ask: post("{"),
    status: 400,
    body: failure(
      "InvalidRequest",
      "invalid_json",
      "The request body could not be read: JSON decode error. Send a JSON object with the member types the endpoint asks for.",
      { code: "invalid_json" },
    ),
  },
];
