import { setTimeout as sleep } from "node:timers/promises";
import {
  aiohttp,
  aiohttpRequest,
  curl,
  har,
  livekit,
  sdk,
  websockets,
  ws,
  type Turn,
} from "../plays.ts";
import type { Run } from "../run.ts";
import {
  closed,
  end,
  hello,
  livePath,
  multiPath,
  helloIn,
  say,
  sentence,
  streamPath,
} from "../steps.ts";
import { newKeyHeader, wrongKey, wrongKeyHeader } from "./keys.ts";

const steps = [hello, say(sentence), end, closed] as const;
const turn: readonly Turn[] = [["begin"], ["push", sentence], ["end"], ["heard"]];
const speech = "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM";
const secondsFromNow = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** Credentials that are missing, or none of the server's. */
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
    play: aiohttp("app", {
      path: multiPath(),
      headers: wrongKeyHeader,
      steps: [helloIn("a"), closed],
    }),
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
        await sleep(2500);
        return header;
      },
      steps,
    }),
  },
];
