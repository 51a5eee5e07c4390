import { aiohttp, aiohttpRequest, sdk, trace, wavesKey, websockets, ws } from "../plays.ts";
import type { Run } from "../run.ts";
import { closed, livePath, send, sentence, type Step, wait } from "../steps.ts";

const vendor = "waves";
const request = { voice_id: "sophia", text: sentence, sample_rate: 24_000 };
const complete: Step = ["until", '"complete"'];
const refused: Step = ["until", '"error"'];
const idle = [send({ ...request, flush: true }), complete, closed] as const;
const impatient = `${livePath}?timeout=1`;
const retired = { server: { flags: { wavesRetiredModels: "refuse" } } } as const;

/** What only Waves has, or has in its own way. */
export const wavesRuns: readonly Run[] = [
  {
    name: "ws-node-live-quiet-for-a-second",
    cause: "input_timeout",
    vendor,
    note: "timeout=1",
    play: ws("stamped", { path: impatient, steps: idle }),
  },
  {
    name: "websockets-debug-live-quiet-for-a-second",
    cause: "input_timeout",
    vendor,
    note: "timeout=1",
    play: websockets("debug", { path: impatient, steps: idle }),
  },
  {
    name: "aiohttp-live-quiet-for-a-second",
    cause: "input_timeout",
    vendor,
    note: "timeout=1",
    play: aiohttp("app", { path: impatient, steps: idle }),
  },
  {
    name: "own-trace-live-quiet-for-two-seconds",
    cause: "input_timeout",
    vendor,
    note: "timeout=2",
    play: trace({ path: `${livePath}?timeout=2`, steps: idle }),
  },
  {
    name: "ws-node-live-timer-of-the-other-protocol",
    cause: "wrong_vendor_parameter",
    alsoRight: ["input_timeout"],
    vendor,
    isLong: true,
    note: "inactivity_timeout=180, which is a parameter of ElevenLabs; the usual 60 seconds held",
    play: ws("stamped", { path: `${livePath}?inactivity_timeout=180`, steps: idle }),
  },
  {
    name: "ws-node-live-unknown-speaker",
    cause: "voice_not_found",
    vendor,
    note: "the socket stays open, and the client closes it",
    play: ws("stamped", {
      path: livePath,
      steps: [send({ ...request, voice_id: "nobody" }), refused, wait(0.3), ["close"]],
    }),
  },
  {
    name: "smallestai-unknown-speaker",
    cause: "voice_not_found",
    vendor,
    note: "the vendor's library, over HTTP",
    play: sdk("smallestai", { voice: "nobody", style: "response" }),
  },
  {
    name: "aiohttp-request-unknown-speaker",
    cause: "voice_not_found",
    vendor,
    note: "over HTTP",
    play: aiohttpRequest("app", {
      path: "/waves/v1/tts",
      headers: wavesKey,
      body: { ...request, voice_id: "nobody" },
    }),
  },
  {
    name: "ws-node-live-sample-rate",
    cause: "invalid_parameter",
    vendor,
    note: "a rate that there is not",
    play: ws("dump", {
      path: livePath,
      steps: [send({ ...request, sample_rate: 11_025 }), refused, ["close"]],
    }),
  },
  {
    name: "ws-node-model-that-has-retired",
    cause: "model_retired",
    vendor,
    ...retired,
    note: "--waves-retired-models refuse; the body of the refused upgrade is in the log",
    play: ws("dump", { path: "/waves/v1/lightning-v2/get_speech/stream", steps: [closed] }),
  },
  {
    name: "smallestai-model-that-has-retired",
    cause: "model_retired",
    vendor,
    ...retired,
    note: "the vendor's library, which knows no other models",
    play: sdk("smallestai", { voice: "emily" }),
  },
  {
    name: "websockets-repr-model-that-has-retired",
    cause: "model_retired",
    vendor,
    ...retired,
    note: "repr of the exception, which has the status 410",
    play: websockets("repr", { path: "/waves/v1/lightning-v2/get_speech/stream", steps: [closed] }),
  },
  {
    name: "websockets-debug-live-request-too-long",
    cause: null,
    told: "text_too_long",
    vendor,
    note: "more than 10,000 characters in one request; the library cuts the answer before it says so",
    play: websockets("debug", {
      path: livePath,
      steps: [send({ ...request, text: sentence.repeat(250) }), refused, wait(0.2), ["close"]],
    }),
  },
];
