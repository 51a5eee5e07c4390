import { aiohttp, trace, websockets, ws } from "../plays.ts";
import { openProxy, type ProxyHabits } from "../proxies.ts";
import type { Run } from "../run.ts";
import type { Scene } from "../scene.ts";
import { audio, closed, flush, hello, sentence, story, streamPath } from "../steps.ts";

const proxied =
  (habits: ProxyHabits) =>
  async (scene: Scene): Promise<string> =>
    `ws://${(await scene.keep(openProxy(scene.url, habits))).host}`;
const patient = streamPath("kind", "&inactivity_timeout=180");
const speaking = [hello, flush(story), closed] as const;
const thinking = [hello, flush(sentence), closed] as const;

/** Connections that end without a word, or because of what the client's library does not take. */
export const cutRuns: readonly Run[] = [
  {
    name: "ws-node-half-a-minute-behind-a-proxy",
    cause: "proxy_idle_timeout",
    told: "client_lost",
    isLong: true,
    note: "a proxy that drops connections after 30 seconds without traffic",
    play: ws("stamped", { path: patient, host: proxied({ idleSeconds: 30 }), steps: thinking }),
  },
  {
    name: "websockets-debug-half-a-minute-behind-a-proxy",
    cause: "proxy_idle_timeout",
    told: "client_lost",
    isLong: true,
    note: "the same, with the library's log and without its pings",
    play: websockets("debug", {
      path: patient,
      host: proxied({ idleSeconds: 30 }),
      options: { ping_interval: null },
      steps: thinking,
    }),
  },
  {
    name: "ws-node-minute-behind-a-balancer",
    cause: "proxy_idle_timeout",
    told: "client_lost",
    isLong: true,
    note: "one that resets connections after 60 seconds, in an application's JSON lines",
    play: ws("lines", {
      path: patient,
      host: proxied({ idleSeconds: 60, resets: true }),
      steps: thinking,
    }),
  },
  {
    name: "own-trace-minute-behind-a-balancer",
    cause: "proxy_idle_timeout",
    told: "client_lost",
    isLong: true,
    note: "the same with an end and without a reset",
    play: trace({ path: patient, host: proxied({ idleSeconds: 60 }), steps: thinking }),
  },
  {
    name: "ws-node-reset-in-the-middle",
    cause: "client_lost",
    note: "a proxy that resets the connection while the server speaks",
    play: ws("plain", { host: proxied({ cutAfterBytes: 60_000, resets: true }), steps: speaking }),
  },
  {
    name: "websockets-traceback-cut-in-the-middle",
    cause: "client_lost",
    note: "a proxy that ends the connection while the server speaks",
    play: websockets("traceback", { host: proxied({ cutAfterBytes: 60_000 }), steps: speaking }),
  },
  {
    name: "aiohttp-cut-in-the-middle",
    cause: "client_lost",
    note: "the same with aiohttp",
    play: aiohttp("app", { host: proxied({ cutAfterBytes: 60_000 }), steps: speaking }),
  },
  {
    name: "websockets-debug-pongs-that-never-come",
    cause: "client_ping_timeout",
    note: "a proxy that passes nothing on any more",
    play: websockets("debug", {
      host: proxied({ muteAfterBytes: 3000 }),
      options: { ping_interval: 1, ping_timeout: 1, close_timeout: 1 },
      steps: speaking,
    }),
  },
  {
    name: "websockets-exception-pongs-that-never-come",
    cause: "client_ping_timeout",
    note: "the same with log.exception",
    play: websockets("exception", {
      host: proxied({ muteAfterBytes: 3000 }),
      options: { ping_interval: 1, ping_timeout: 1, close_timeout: 1 },
      steps: speaking,
    }),
  },
  {
    name: "websockets-traceback-pongs-that-never-come",
    cause: "client_ping_timeout",
    note: "the same, only the traceback, profile observed",
    play: websockets("traceback", {
      path: streamPath("observed"),
      host: proxied({ muteAfterBytes: 3000 }),
      options: { ping_interval: 1, ping_timeout: 1, close_timeout: 1 },
      steps: speaking,
    }),
  },
  {
    name: "ws-node-small-payloads-please",
    cause: "client_frame_limit",
    note: "maxPayload of 2000 bytes",
    play: ws("plain", { options: { maxPayload: 2000 }, steps: speaking }),
  },
  {
    name: "websockets-debug-small-messages-please",
    cause: "client_frame_limit",
    note: "max_size of 2000 bytes",
    play: websockets("debug", { options: { max_size: 2000 }, steps: speaking }),
  },
  {
    name: "websockets-traceback-small-messages-please",
    cause: "client_frame_limit",
    note: "the same, only the traceback",
    play: websockets("traceback", { options: { max_size: 2000 }, steps: speaking }),
  },
  {
    name: "aiohttp-small-messages-please",
    cause: "client_frame_limit",
    note: "max_msg_size of 2000 bytes",
    play: aiohttp("app", { options: { max_msg_size: 2000 }, steps: speaking }),
  },
  {
    name: "ws-node-disconnected-with-1006",
    cause: "client_lost",
    note: "the connection is cut, and the log has the code alone",
    play: ws("bare", {
      host: proxied({ cutAfterBytes: 60_000 }),
      steps: [hello, flush(story), audio, closed],
    }),
  },
];
