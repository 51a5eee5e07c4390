import { setTimeout as sleep } from "node:timers/promises";
import { openStreamInput } from "../../../test/support/stream-input.ts";
import { har, livekit, sdk, trace, type Turn, websockets, ws } from "../plays.ts";
import type { Run } from "../run.ts";
import type { Scene } from "../scene.ts";
import {
  audio,
  closed,
  end,
  flush,
  hello,
  helloIn,
  multiPath,
  say,
  sayIn,
  send,
  sentence,
  story,
  streamPath,
} from "../steps.ts";
import { newKey, newKeyHeader, tokenQuery } from "./keys.ts";

const steps = [hello, say(sentence), end, closed] as const;
const turn: readonly Turn[] = [["begin"], ["push", sentence], ["end"], ["heard"]];

/** A key that is revoked two seconds after the client was started. */
function revokedMidway(): {
  readonly headers: (scene: Scene) => Promise<Record<string, string>>;
  readonly during: (scene: Scene) => Promise<void>;
} {
  let id = "";
  return {
    async headers(scene) {
      const made = await scene.ask("POST", "/v1/admin/keys", { name: "agent", scopes: ["tts"] });
      id = made["id"] ?? "";
      return { "xi-api-key": made["xi_api_key"] ?? "" };
    },
    async during(scene) {
      await sleep(2000);
      await scene.ask("DELETE", `/v1/admin/keys/${id}`);
    },
  };
}
const first = revokedMidway();
const second = revokedMidway();

/** Credentials that are good, but not for this, not twice, or not any more. */
export const rightRuns: readonly Run[] = [
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
