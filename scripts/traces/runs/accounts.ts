import { openStreamInput } from "../../../test/support/stream-input.ts";
import { aiohttp, aiohttpRequest, curl, har, livekit, sdk, trace, websockets, ws, type Turn } from "../plays.ts";
import type { Run } from "../run.ts";
import type { Scene } from "../scene.ts";
import {
  audio,
  closed,
  end,
  flush,
  hello,
  livePath,
  multiPath,
  helloIn,
  sayIn,
  say,
  send,
  sentence,
  story,
  streamPath,
} from "../steps.ts";
import { newKey, newKeyHeader, tokenQuery, wrongKey, wrongKeyHeader } from "./keys.ts";

const steps = [hello, say(sentence), end, closed] as const;
const turn: readonly Turn[] = [["begin"], ["push", sentence], ["end"], ["heard"]];
const speech = "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM";
const secondsFromNow = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A key that is revoked two seconds after the client was started. */
function revokedMidway(): { headers(scene: Scene): Promise<Record<string, string>>; during(scene: Scene): Promise<void> } {
  let id = "";
  return {
    async headers(scene) {
      const made = await scene.ask("POST", "/v1/admin/keys", { name: "agent", scopes: ["tts"] });
      id = made["id"] ?? "";
      return { "xi-api-key": made["xi_api_key"] ?? "" };
    },
    async during(scene) {
      await pause(2000);
      await scene.ask("DELETE", `/v1/admin/keys/${id}`);
    },
  };
}
const first = revokedMidway();
const second = revokedMidway();

/** Credentials that are missing, wrong, over, used up, or good for something else. */
export const accountRuns: readonly Run[] = [
  {
    name: "ws-node-key-of-another-server",
    cause: "invalid_api_key",
    note: "a key that nobody has made",
    play: ws("plain", { headers: wrongKeyHeader, steps }),
  },
  {
    name: "ws-node-reason-in-the-close-frame",
    cause: "invalid_api_key",
    note: "handlers of browsers, profile observed",
    play: ws("events", { path: streamPath("observed"), headers: wrongKeyHeader, steps }),
  },
  {
    name: "websockets-traceback-key-of-another-server",
    cause: "invalid_api_key",
    note: "only the traceback, profile observed",
    play: websockets("traceback", { path: streamPath("observed"), headers: wrongKeyHeader, steps }),
  },
  {
    name: "aiohttp-key-of-another-server",
    cause: "invalid_api_key",
    note: "multi-stream-input",
    play: aiohttp("app", { path: multiPath(), headers: wrongKeyHeader, steps: [helloIn("a"), closed] }),
  },
  {
    name: "livekit-node-wrong-environment",
    cause: "invalid_api_key",
    note: "the plugin tries once more and gives up",
    play: livekit({ key: () => wrongKey, turns: turn }),
  },
  {
    name: "livekit-node-wrong-environment-for-people",
    cause: "invalid_api_key",
    note: "profile observed, lines for people",
    play: livekit({
      baseUrl: ({ url }) => `${url}/compat/observed/v1`,
      key: () => wrongKey,
      isPretty: true,
      turns: turn,
    }),
  },
  {
    name: "livekit-node-status-of-the-handshake",
    cause: "invalid_api_key",
    alsoRight: ["authentication_required"],
    server: { flags: { handshakeErrors: "status" } },
    note: "--handshake-errors status: the upgrade is answered with 401",
    play: livekit({ key: () => wrongKey, turns: turn }),
  },
  {
    name: "ws-node-refused-with-a-status",
    cause: "invalid_api_key",
    server: { flags: { handshakeErrors: "status" } },
    note: "--handshake-errors status, with the body in the log",
    play: ws("dump", { headers: wrongKeyHeader, steps }),
  },
  {
    name: "elevenlabs-js-key-of-another-server",
    cause: "invalid_api_key",
    note: "over HTTP, the error as it is thrown",
    play: sdk("@elevenlabs/elevenlabs-js", { key: () => wrongKey, style: "thrown" }),
  },
  {
    name: "elevenlabs-js-message-alone",
    cause: "invalid_api_key",
    note: "only the error's message",
    play: sdk("@elevenlabs/elevenlabs-js", { key: () => wrongKey, style: "message" }),
  },
  {
    name: "elevenlabs-js-before-its-new-name",
    cause: "invalid_api_key",
    alsoRight: ["authentication_required"],
    note: "the package elevenlabs 1.59",
    play: sdk("elevenlabs", { key: () => wrongKey }),
  },
  {
    name: "elevenlabs-node-prints-everything",
    cause: "invalid_api_key",
    told: null,
    server: { isTls: true },
    note: "the library prints the whole error of axios",
    play: sdk("elevenlabs-node", { key: () => wrongKey }),
  },
  {
    name: "smallestai-key-of-another-server",
    cause: "invalid_api_key",
    vendor: "waves",
    note: "the vendor's library, over HTTP",
    play: sdk("smallestai", { key: () => wrongKey, voice: "sophia" }),
  },
  {
    name: "har-key-in-the-address",
    cause: "invalid_api_key",
    note: "HAR; the key is in the query, as browsers have to send it",
    play: har({ headers: () => ({}), query: () => `&authorization=${wrongKey}`, steps }),
  },
  {
    name: "curl-key-of-another-server",
    cause: "invalid_api_key",
    note: "the answer as curl prints it",
    play: curl("-sS", "-i", "-H", `xi-api-key: ${wrongKey}`, "-d", "{}", `{url}${speech}`),
  },
  {
    name: "ws-node-live-key-of-another-server",
    cause: "invalid_api_key",
    vendor: "waves",
    note: "Waves refuses the upgrade; the body is in the log",
    play: ws("dump", {
      path: livePath,
      headers: () => ({ authorization: `Bearer ${wrongKey}` }),
      steps: [closed],
    }),
  },
  {
    name: "aiohttp-live-without-bearer",
    cause: "authentication_required",
    alsoRight: ["invalid_api_key"],
    vendor: "waves",
    note: "Waves refuses the upgrade with 401; the log has the status alone",
    play: aiohttp("repr", { path: livePath, headers: () => ({}), steps: [closed] }),
  },
  {
    name: "ws-node-no-key-at-all",
    cause: "authentication_required",
    note: "neither header nor first message have one",
    play: ws("dump", { headers: () => ({}), steps }),
  },
  {
    name: "websockets-app-no-key-at-all",
    cause: "authentication_required",
    note: "the same, profile observed",
    play: websockets("app", { path: streamPath("observed"), headers: () => ({}), steps }),
  },
  {
    name: "aiohttp-request-without-a-key",
    cause: "authentication_required",
    note: "over HTTP",
    play: aiohttpRequest("plain", { path: speech, headers: () => ({}) }),
  },
  {
    name: "ws-node-revoked-yesterday",
    cause: "invalid_api_key",
    alsoRight: ["key_revoked"],
    note: "the key was revoked before; the client is not told",
    play: ws("stamped", {
      async headers(scene) {
        const made = await scene.ask("POST", "/v1/admin/keys", { name: "agent", scopes: ["tts"] });
        await scene.ask("DELETE", `/v1/admin/keys/${made["id"]}`);
        return { "xi-api-key": made["xi_api_key"] ?? "" };
      },
      steps,
    }),
  },
  {
    name: "websockets-debug-key-of-last-month",
    cause: "invalid_api_key",
    alsoRight: ["key_expired"],
    note: "the key's time is over; the client is not told",
    play: websockets("debug", {
      async headers(scene) {
        const header = await newKeyHeader({ expires_at_unix: secondsFromNow(2) })(scene);
        await pause(2500);
        return header;
      },
      steps,
    }),
  },
  {
    name: "ws-node-revoked-while-it-speaks",
    cause: "api_key_revoked",
    note: "the key is revoked in the middle of speech",
    play: ws("stamped", { headers: first.headers, steps: [hello, flush(story), closed] }),
    during: first.during,
  },
  {
    name: "websockets-app-revoked-while-it-speaks",
    cause: "api_key_revoked",
    note: "the same, profile observed",
    play: websockets("app", {
      path: streamPath("observed"),
      headers: second.headers,
      steps: [hello, flush(story), closed],
    }),
    during: second.during,
  },
  {
    name: "ws-node-key-for-listing-voices",
    cause: "missing_permission",
    note: "a key without the scope tts",
    play: ws("plain", { headers: newKeyHeader({ scopes: ["voices:read"] }), steps }),
  },
  {
    name: "elevenlabs-js-key-for-listing-voices",
    cause: "missing_permission",
    note: "the same over HTTP",
    play: sdk("@elevenlabs/elevenlabs-js", { key: newKey({ scopes: ["voices:read"] }) }),
  },
  {
    name: "livekit-node-key-of-the-dashboard",
    cause: "missing_permission",
    note: "the same with LiveKit's plugin",
    play: livekit({ key: newKey({ scopes: ["usage"] }), turns: turn }),
  },
  {
    name: "websockets-debug-token-used-twice",
    cause: "invalid_token",
    note: "a single-use token that has opened a socket before",
    play: websockets("debug", { query: usedToken, headers: () => ({}), steps }),
  },
  {
    name: "har-token-used-twice",
    cause: "invalid_token",
    note: "HAR, profile observed",
    play: har({ path: streamPath("observed"), query: usedToken, headers: () => ({}), steps }),
  },
  {
    name: "ws-node-token-for-a-greeting",
    cause: "token_used_up",
    note: "a token for 50 characters",
    play: ws("stamped", {
      query: tokenQuery({ max_characters: 50 }),
      headers: () => ({}),
      steps: [hello, flush(sentence), audio, flush(story), closed],
    }),
  },
  {
    name: "ws-node-key-for-one-voice",
    cause: "voice_not_allowed",
    note: "a key for another voice alone",
    play: ws("stamped", { headers: newKeyHeader({ voices: ["flite-rms"] }), steps }),
  },
  {
    name: "own-trace-key-for-one-model",
    cause: "model_not_allowed",
    note: "a key for another model alone",
    play: trace({
      path: multiPath(),
      headers: newKeyHeader({ models: ["eleven_multilingual_v2"] }),
      steps: [helloIn("a"), sayIn("a", sentence), closed],
    }),
  },
  {
    name: "ws-node-token-made-up",
    cause: "invalid_token",
    note: "a token in the first message that nobody has minted",
    play: ws("lines", {
      headers: () => ({}),
      steps: [send({ text: " ", single_use_token: "sutkn_test_not_a_real_token" }), closed],
    }),
  },
];

/** A token in a query that has opened a socket already. */
async function usedToken(scene: Scene): Promise<string> {
  const query = await tokenQuery()(scene);
  const socket = await openStreamInput(scene.wsUrl, {
    voice: "flite-slt",
    query: query.slice(1),
  });
  socket.send({ text: " " }, { text: "" });
  await socket.closed;
  return query;
}
