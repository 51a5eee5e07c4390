import { setTimeout as sleep } from "node:timers/promises";
import { openStreamInput, type StreamInput } from "../../../test/support/stream-input.ts";
import { aiohttpRequest, curl, livekit, sdk, trace, type Turn, websockets, ws } from "../plays.ts";
import type { Run } from "../run.ts";
import type { Scene } from "../scene.ts";
import { closed, end, hello, livePath, say, send, sentence, story, streamPath } from "../steps.ts";
import { newBearer, newKey, newKeyHeader } from "./keys.ts";

const steps = [hello, say(story), end, closed] as const;
const turn: readonly Turn[] = [["begin"], ["push", sentence], ["end"], ["heard"]];
const speech = "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM";
const quota = (characters: number): object => ({
  character_quota: { characters, period: "never" },
});

/** Somebody else who is being spoken to. */
async function speakTo(scene: Scene, text: string): Promise<StreamInput> {
  const other = await openStreamInput(scene.wsUrl, {
    voice: "flite-slt",
    headers: { "xi-api-key": scene.key },
  });
  other.send({ text }, { text: "" });
  await other.frame(({ audio }) => typeof audio === "string");
  return other;
}

const oneAtATime = {
  server: { flags: { maxConcurrency: "1" } },
  before: async (scene: Scene): Promise<void> => {
    await speakTo(scene, story);
  },
} as const;

/** A server that has learned what its voice costs, and speaks to as many as it can. */
const full = {
  server: { engine: "greedy", flags: { overload: "refuse", leadSeconds: "1" } },
  async before(scene: Scene): Promise<void> {
    const { closed: over } = await speakTo(scene, "Hi.");
    await over;
    await sleep(1500);
    await speakTo(scene, story);
  },
} as const;

/** Takes all requests that a key may make. */
function asking(key: { secret: string }): (scene: Scene) => Promise<void> {
  return async ({ url }) => {
    for (let count = 0; count < 150; count += 1) {
      const headers = { "xi-api-key": key.secret };
      await fetch(`${url}/v1/models`, { headers }).then((answer) => answer.arrayBuffer());
      await sleep(20);
    }
  };
}
const slowKeys = [{ secret: "" }, { secret: "" }] as const;
const slowKey =
  (key: { secret: string }) =>
  async (scene: Scene): Promise<Record<string, string>> => {
    key.secret = await newKey({ requests_per_second: 1 })(scene);
    return { "xi-api-key": key.secret };
  };

/** Limits that somebody has set, or that the machine has. */
export const limitRuns: readonly Run[] = [
  {
    name: "ws-node-end-of-the-month",
    cause: "quota_exceeded",
    note: "a key with a quota of 40 characters",
    play: ws("stamped", { headers: newKeyHeader(quota(40)), steps }),
  },
  {
    name: "websockets-app-nothing-left",
    cause: "quota_exceeded",
    note: "a key with nothing left, profile observed",
    play: websockets("app", {
      path: streamPath("observed"),
      headers: newKeyHeader(quota(0)),
      steps,
    }),
  },
  {
    name: "elevenlabs-js-nothing-left",
    cause: "quota_exceeded",
    note: "over HTTP",
    play: sdk("@elevenlabs/elevenlabs-js", { key: newKey(quota(5)) }),
  },
  {
    name: "livekit-node-credits-are-spent",
    cause: "quota_exceeded",
    note: "LiveKit's plugin",
    play: livekit({ key: newKey(quota(10)), turns: turn }),
  },
  {
    name: "ws-node-live-nothing-left",
    cause: "quota_exceeded",
    vendor: "waves",
    note: "a Waves socket",
    play: ws("stamped", {
      path: livePath,
      headers: newBearer(quota(0)),
      steps: [
        send({ voice_id: "sophia", text: sentence, flush: true }),
        ["until", '"quota_exceeded"'],
        ["close"],
      ],
    }),
  },
  {
    name: "ws-node-second-call-at-once",
    cause: "too_many_concurrent_requests",
    ...oneAtATime,
    note: "--max-concurrency 1 while another stream speaks",
    play: ws("plain", { steps }),
  },
  {
    name: "websockets-debug-second-call-at-once",
    cause: "too_many_concurrent_requests",
    ...oneAtATime,
    note: "the same, profile observed",
    play: websockets("debug", { path: streamPath("observed"), steps }),
  },
  {
    name: "elevenlabs-js-second-request-at-once",
    cause: "too_many_concurrent_requests",
    ...oneAtATime,
    note: "over HTTP",
    play: sdk("@elevenlabs/elevenlabs-js", { call: "stream" }),
  },
  {
    name: "livekit-node-second-room",
    cause: "too_many_concurrent_requests",
    ...oneAtATime,
    note: "LiveKit's plugin, lines for people",
    play: livekit({ isPretty: true, turns: turn }),
  },
  {
    name: "aiohttp-second-request-at-once",
    cause: "too_many_concurrent_requests",
    ...oneAtATime,
    note: "over HTTP",
    play: aiohttpRequest("plain", { path: `${speech}/stream` }),
  },
  {
    name: "ws-node-ten-connections-a-second",
    cause: "rate_limited",
    note: "a key for one request a second that somebody else uses, too",
    play: ws("stamped", { headers: slowKey(slowKeys[0]), steps }),
    during: async (scene) => {
      await sleep(200);
      await asking(slowKeys[0])(scene);
    },
  },
  {
    name: "websockets-repr-ten-connections-a-second",
    cause: "rate_limited",
    note: "the same, profile observed",
    play: websockets("repr", {
      path: streamPath("observed"),
      headers: slowKey(slowKeys[1]),
      steps,
    }),
    during: async (scene) => {
      await sleep(200);
      await asking(slowKeys[1])(scene);
    },
  },
  {
    name: "ws-node-machine-has-its-hands-full",
    cause: "server_busy",
    ...full,
    note: "--overload refuse, and a voice that takes all processors",
    play: ws("stamped", { steps }),
  },
  {
    name: "elevenlabs-js-machine-has-its-hands-full",
    cause: "server_busy",
    ...full,
    note: "over HTTP",
    play: sdk("@elevenlabs/elevenlabs-js", { call: "stream" }),
  },
  {
    name: "livekit-node-machine-has-its-hands-full",
    cause: "server_busy",
    ...full,
    note: "LiveKit's plugin",
    play: livekit({ turns: turn }),
  },
  {
    name: "own-trace-machine-has-its-hands-full",
    cause: "server_busy",
    ...full,
    note: "trace of our own, profile observed",
    play: trace({ path: streamPath("observed"), steps }),
  },
  {
    name: "elevenlabs-js-novel-in-one-request",
    cause: "text_too_long",
    note: "more characters than the model takes",
    play: sdk("@elevenlabs/elevenlabs-js", {
      request: { text: story.repeat(7), modelId: "eleven_v3" },
    }),
  },
  {
    name: "curl-text-of-nothing",
    cause: "text_empty",
    note: "white space alone",
    play: curl(
      ...["-sS", "-i", "-H", "xi-api-key: {key}", "-H", "content-type: application/json"],
      ...["-d", '{"text":" "}', `{url}${speech}`],
    ),
  },
];
