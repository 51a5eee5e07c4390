import {
  aiohttp,
  aiohttpRequest,
  curl,
  livekit,
  sdk,
  trace,
  type Turn,
  websockets,
  ws,
} from "../plays.ts";
import type { Run } from "../run.ts";
import { closed, end, hello, say, sentence, streamPath } from "../steps.ts";

const steps = [hello, say(sentence), end, closed] as const;
const turn: readonly Turn[] = [["begin"], ["push", sentence], ["end"], ["heard"]];
const speech = "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM";
const fromMemory = "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM/input-stream";

/** Addresses that are not those of what was meant. */
export const addressRuns: readonly Run[] = [
  {
    name: "ws-node-path-from-memory",
    cause: "not_found",
    note: "an address that there is not; it is in the log",
    play: ws("stamped", { path: fromMemory, steps }),
  },
  {
    name: "websockets-debug-path-from-memory",
    cause: "not_found",
    note: "the library logs the address and the status",
    play: websockets("debug", { path: fromMemory, steps }),
  },
  {
    name: "websockets-traceback-not-found",
    cause: "not_found",
    note: "the traceback has the status 404 alone",
    play: websockets("traceback", { path: "/v2/text-to-speech/stream", steps }),
  },
  {
    name: "livekit-node-base-url-of-an-old-gateway",
    cause: "not_found",
    note: "a baseURL with a path that there is not",
    play: livekit({ baseUrl: ({ url }) => `${url}/elevenlabs/v1`, turns: turn }),
  },
  {
    name: "elevenlabs-js-version-twice",
    cause: "not_found",
    note: "a baseUrl with /v1, to which the library adds its own",
    play: sdk("@elevenlabs/elevenlabs-js", { url: ({ url }) => `${url}/v1` }),
  },
  {
    name: "aiohttp-live-path-of-last-year",
    cause: "not_found",
    vendor: "waves",
    note: "a Waves path that there is not",
    play: aiohttp("repr", { path: "/waves/v1/tts/stream/ws", steps: [closed] }),
  },
  {
    name: "curl-path-with-a-typo",
    cause: "not_found",
    note: "the answer as curl prints it",
    play: curl(
      "-sS",
      "-i",
      "-H",
      "xi-api-key: {key}",
      "{url}/v1/text-to-speach/21m00Tcm4TlvDq8ikWAM",
    ),
  },
  {
    name: "ws-node-socket-where-text-is-posted",
    cause: "upgrade_not_possible",
    note: "the body of the refused upgrade is in the log",
    play: ws("dump", { path: `${speech}/stream`, steps }),
  },
  {
    name: "websockets-debug-socket-where-text-is-posted",
    cause: "upgrade_not_possible",
    note: "the library logs the address and the status",
    play: websockets("debug", { path: `${speech}/stream?output_format=pcm_16000`, steps }),
  },
  {
    name: "own-trace-socket-where-text-is-posted",
    cause: "upgrade_not_possible",
    note: "trace of our own",
    play: trace({ path: speech, steps }),
  },
  {
    name: "curl-get-of-a-socket",
    cause: "upgrade_required",
    note: "a plain GET of a socket's address",
    play: curl("-sS", "-i", "-H", "xi-api-key: {key}", `{url}${speech}/stream-input`),
  },
  {
    name: "aiohttp-get-of-a-socket",
    cause: "upgrade_required",
    note: "aiohttp's session.get in the place of ws_connect",
    play: aiohttpRequest("app", { method: "GET", path: `${speech}/multi-stream-input` }),
  },
  {
    name: "curl-put-of-text-to-speech",
    cause: "method_not_allowed",
    note: "PUT where text is posted",
    play: curl("-sS", "-i", "-X", "PUT", "-H", "xi-api-key: {key}", `{url}${speech}`),
  },
  {
    name: "ws-node-by-another-name",
    cause: "host_not_allowed",
    told: null,
    server: { flags: { allowedHosts: "speech.example.com" } },
    note: "--allowed-hosts, and a client that connects by address",
    play: ws("dump", { steps }),
  },
  {
    name: "elevenlabs-js-by-another-name",
    cause: "host_not_allowed",
    told: null,
    server: { flags: { allowedHosts: "speech.example.com" } },
    note: "the same over HTTP",
    play: sdk("@elevenlabs/elevenlabs-js", {}),
  },
  {
    name: "ws-node-page-of-a-stranger",
    cause: "origin_not_allowed",
    server: { flags: { allowedOrigins: "https://app.example.com" } },
    note: "--allowed-origins, and a page of another origin",
    play: ws("dump", {
      path: streamPath(),
      headers: ({ key }) => ({ "xi-api-key": key, origin: "https://shop.example.org" }),
      steps,
    }),
  },
];
