import {
  aiohttpRequest,
  curl,
  har,
  livekit,
  sdk,
  trace,
  type Turn,
  websockets,
  ws,
} from "../plays.ts";
import type { Run } from "../run.ts";
import {
  closed,
  end,
  hello,
  helloIn,
  multiPath,
  say,
  sayIn,
  sentence,
  streamPath,
} from "../steps.ts";

const steps = [hello, say(sentence), end, closed] as const;
const turn: readonly Turn[] = [["begin"], ["push", sentence], ["end"], ["heard"]];
const speech = "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM";
const nobody = "Zv9QmLw2Rt8xKpYc4NdA";
const socketOf = (voice: string, query = ""): string =>
  `/v1/text-to-speech/${voice}/stream-input?model_id=eleven_flash_v2_5${query}`;
const ofModel = (model: string): string => `${speech}/stream-input?model_id=${model}`;

/** Voices, models, formats and parameters that there are not. */
export const requestRuns: readonly Run[] = [
  {
    name: "ws-node-voice-of-a-colleague",
    cause: "voice_not_found",
    note: "a voice that there is not",
    play: ws("plain", { path: socketOf(nobody), steps }),
  },
  {
    name: "websockets-traceback-voice-of-a-colleague",
    cause: "voice_not_found",
    note: "profile observed, only the traceback",
    play: websockets("traceback", { path: `/compat/observed${socketOf(nobody)}`, steps }),
  },
  {
    name: "livekit-node-voice-of-a-colleague",
    cause: "voice_not_found",
    note: "LiveKit's plugin",
    play: livekit({ options: { voiceId: nobody }, turns: turn }),
  },
  {
    name: "livekit-node-two-turns-with-a-voice-of-nobody",
    cause: "voice_not_found",
    note: "a second turn fails as the first; lines for people",
    play: livekit({
      options: { voiceId: nobody },
      isPretty: true,
      turns: [...turn, ["wait", 0.5], ...turn],
    }),
  },
  {
    name: "elevenlabs-js-voice-of-a-colleague",
    cause: "voice_not_found",
    note: "over HTTP, the error as it is thrown",
    play: sdk("@elevenlabs/elevenlabs-js", { voice: nobody, style: "thrown" }),
  },
  {
    name: "elevenlabs-js-old-package-voice-deleted",
    cause: "voice_not_found",
    alsoRight: ["not_found"],
    note: "the package elevenlabs 1.59",
    play: sdk("elevenlabs", { voice: nobody, style: "thrown" }),
  },
  {
    name: "har-voice-deleted",
    cause: "voice_not_found",
    note: "HAR",
    play: har({ path: socketOf(nobody), steps }),
  },
  {
    name: "ws-node-model-of-tomorrow",
    cause: "model_not_found",
    note: "the body of the refused upgrade is in the log",
    play: ws("dump", { path: ofModel("eleven_flash_v9"), steps }),
  },
  {
    name: "elevenlabs-js-model-of-tomorrow",
    cause: "model_not_found",
    note: "over HTTP",
    play: sdk("@elevenlabs/elevenlabs-js", {
      request: { text: sentence, modelId: "eleven_flash_v9" },
    }),
  },
  {
    name: "websockets-traceback-status-alone",
    cause: null,
    told: "model_not_found",
    note: "a model that there is not; the traceback has the status 400 and neither address nor body",
    play: websockets("traceback", { path: ofModel("eleven_flash_v9"), steps }),
  },
  {
    name: "own-trace-model-of-tomorrow",
    cause: "model_not_found",
    note: "trace of our own",
    play: trace({ path: ofModel("gpt-4o-mini-tts"), steps }),
  },
  {
    name: "ws-node-v3-on-a-socket",
    cause: "unsupported_model",
    note: "the log has the address and the status",
    play: ws("stamped", { path: ofModel("eleven_v3"), steps }),
  },
  {
    name: "websockets-debug-v3-on-a-socket",
    cause: "unsupported_model",
    note: "the log has the address and the status",
    play: websockets("debug", { path: ofModel("eleven_v3"), steps }),
  },
  {
    name: "own-trace-v3-on-a-socket",
    cause: "unsupported_model",
    note: "trace of our own, with the body",
    play: trace({ path: ofModel("eleven_v3"), steps }),
  },
  {
    name: "ws-node-wav-on-a-socket",
    cause: "invalid_output_format",
    note: "the log has the address and the status",
    play: ws("stamped", {
      path: socketOf("21m00Tcm4TlvDq8ikWAM", "&output_format=wav_44100"),
      steps,
    }),
  },
  {
    name: "ws-node-format-of-another-vendor",
    cause: "invalid_output_format",
    note: "the body of the refused upgrade is in the log",
    play: ws("dump", { path: socketOf("21m00Tcm4TlvDq8ikWAM", "&output_format=linear16"), steps }),
  },
  {
    name: "aiohttp-flac-please",
    cause: "invalid_output_format",
    note: "over HTTP",
    play: aiohttpRequest("plain", { path: `${speech}?output_format=flac_44100` }),
  },
  {
    name: "livekit-node-forbidden-for-no-reason",
    cause: null,
    told: "invalid_output_format",
    note: "a format that there is not; the plugin logs neither address nor body of the 403",
    play: livekit({ options: { encoding: "pcm_12345" }, turns: turn }),
  },
  {
    name: "ws-node-timeout-in-words",
    cause: "invalid_parameter",
    note: "inactivity_timeout=never",
    play: ws("dump", {
      path: socketOf("21m00Tcm4TlvDq8ikWAM", "&inactivity_timeout=never"),
      steps,
    }),
  },
  {
    name: "websockets-debug-timeout-in-words",
    cause: "invalid_parameter",
    note: "inactivity_timeout=never; the library logs the address and the status",
    play: websockets("debug", {
      path: multiPath("kind", "&inactivity_timeout=never"),
      steps: [helloIn("a"), sayIn("a", sentence), closed],
    }),
  },
  {
    name: "elevenlabs-js-seed-below-zero",
    cause: "invalid_body",
    alsoRight: ["invalid_parameter"],
    note: "a number out of its range",
    play: sdk("@elevenlabs/elevenlabs-js", { request: { text: sentence, seed: -1 } }),
  },
  {
    name: "aiohttp-body-without-text",
    cause: "invalid_body",
    note: "the member has another name",
    play: aiohttpRequest("app", { path: speech, body: { input: sentence } }),
  },
  {
    name: "curl-body-in-a-form",
    cause: "unsupported_media_type",
    note: "curl's own content type",
    play: curl("-sS", "-i", "-H", "xi-api-key: {key}", "-d", "text=Hello", `{url}${speech}`),
  },
  {
    name: "websockets-debug-observed-missing-voice",
    cause: "voice_not_found",
    note: "profile observed",
    play: websockets("debug", {
      path: streamPath("observed").replace("21m00Tcm4TlvDq8ikWAM", nobody),
      steps,
    }),
  },
];
