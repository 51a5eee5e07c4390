import { testKey } from "../support/server.ts";
import { badKey, badParameter, badStreamFormat, detail } from "./rows-http.ts";

/** One upgrade request that is refused before 101. */
export interface UpgradeRow {
  readonly name: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** The whole body but for `request_id`. */
  readonly body: unknown;
}

const socket = (query: string): string => `/v1/text-to-speech/tone/stream-input?${query}`;
const notFound = detail(
  "not_found",
  "not_found",
  "There is no such address here. Check the path; the routes are listed in the README.",
);
const notASocket = detail(
  "validation_error",
  "upgrade_not_possible",
  "This address is an HTTP endpoint and was asked for a WebSocket. Use stream-input for a WebSocket, or send a plain HTTP request.",
);
const noSuchModel = (modelId: string): unknown =>
  detail(
    "validation_error",
    "model_not_found",
    `A model with model_id '${modelId}' was not found. List the accepted models with GET /v1/models.`,
    { param: "model_id" },
  );
const timeout = badParameter("inactivity_timeout", "a number from 1 to 180");

export const upgradeRows: readonly UpgradeRow[] = [
  { name: "an unknown route", path: "/v1/nothing-here", status: 404, body: notFound },
  { name: "two slashes for a path", path: "//", status: 404, body: notFound },
  {
    name: "a slash too many in the voice",
    path: "/v1/text-to-speech/to/ne/stream-input",
    status: 404,
    body: notFound,
  },
  {
    name: "two dots for a voice",
    path: "/v1/text-to-speech/../stream-input",
    status: 404,
    body: notFound,
  },
  {
    name: "a percent sign that encodes nothing",
    path: "/v1/text-to-speech/%zz/stream-input",
    status: 404,
    body: notFound,
  },
  {
    name: "percent signs that encode no UTF-8",
    path: "/v1/text-to-speech/%ff/stream-input",
    status: 404,
    body: notFound,
  },
  {
    name: "an address where text is posted",
    path: "/v1/text-to-speech/tone",
    status: 400,
    body: notASocket,
  },
  { name: "the catalogue", path: "/v1/voices", status: 400, body: notASocket },
  {
    name: "an unknown format",
    path: socket("output_format=flac_44100"),
    status: 403,
    body: badStreamFormat("flac_44100"),
  },
  {
    name: "WAV",
    path: socket("output_format=wav_16000"),
    status: 403,
    body: badStreamFormat("wav_16000"),
  },
  {
    name: "a format in capitals",
    path: socket("output_format=PCM_16000"),
    status: 403,
    body: badStreamFormat("PCM_16000"),
  },
  { name: "an unknown model", path: socket("model_id=gpt"), status: 400, body: noSuchModel("gpt") },
  {
    name: "a model that every object has",
    path: socket("model_id=__proto__"),
    status: 400,
    body: noSuchModel("__proto__"),
  },
  {
    name: "eleven_v3",
    path: socket("model_id=eleven_v3"),
    status: 400,
    body: detail(
      "validation_error",
      "unsupported_model",
      "Model 'eleven_v3' is not supported on the text-to-speech websocket endpoint. Use the text-to-dialogue websocket endpoint instead. This server has none: use its HTTP endpoints, or another model.",
      { param: "model_id" },
    ),
  },
  {
    name: "a timeout of letters",
    path: socket("inactivity_timeout=abc"),
    status: 400,
    body: timeout,
  },
  {
    name: "a timeout with an exponent",
    path: socket("inactivity_timeout=1e2"),
    status: 400,
    body: timeout,
  },
  { name: "no number", path: socket("inactivity_timeout=NaN"), status: 400, body: timeout },
  { name: "no end", path: socket("inactivity_timeout=Infinity"), status: 400, body: timeout },
  {
    name: "a mode that may be on",
    path: socket("auto_mode=maybe"),
    status: 400,
    body: badParameter("auto_mode", "true or false"),
  },
  {
    name: "text that may be normalized",
    path: socket("apply_text_normalization=maybe"),
    status: 400,
    body: badParameter("apply_text_normalization", "auto, on or off"),
  },
  {
    name: "alignment in between",
    path: socket("sync_alignment=2"),
    status: 400,
    body: badParameter("sync_alignment", "true or false"),
  },
  {
    name: "an unknown base of the alignment",
    path: socket("x_alignment_base=sideways"),
    status: 400,
    body: badParameter("x_alignment_base", "chunk, context or auto"),
  },
  {
    name: "a wrong format and a wrong key: nothing else is told to who shows a wrong key",
    path: socket("output_format=none"),
    headers: { "xi-api-key": "sk_wrong" },
    status: 401,
    body: badKey,
  },
];

/** Odd values that the protocol's clients do send, or that are moved into their range. */
export const acceptedQueries: readonly string[] = [
  "inactivity_timeout=-5",
  "inactivity_timeout=300",
  "inactivity_timeout=20.0",
  `inactivity_timeout=${"9".repeat(400)}`,
  "model_id=Ellipsis",
  "model_id=None&output_format=null&auto_mode=undefined",
  "&model_id=eleven_flash_v2_5",
  "auto_mode=True&sync_alignment=0",
  "auto_mode=true&auto_mode=maybe",
  "output_format=mp3_44100",
  "timeout=abc&language=xx&%00=%zz",
  "optimize_streaming_latency=999",
  "authorization=",
];

export const upgradeKey = { "xi-api-key": testKey } as const;
