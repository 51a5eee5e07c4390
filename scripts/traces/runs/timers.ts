import { har, livekit, trace, websockets, ws, aiohttp } from "../plays.ts";
import type { Run } from "../run.ts";
import {
  audio,
  closed,
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
  wait,
} from "../steps.ts";
import { tokenQuery } from "./keys.ts";

const cause = "input_timeout";
const oneSecond = "&inactivity_timeout=1";
const silence = [hello, flush(sentence), closed] as const;

/** Nothing is said for longer than a timer allows. */
export const timerRuns: readonly Run[] = [
  {
    name: "ws-node-form-with-a-voice",
    cause,
    note: "a second without a message, profile kind",
    play: ws("plain", { path: streamPath("kind", oneSecond), steps: silence }),
  },
  {
    name: "ws-node-waiting-for-a-database",
    cause,
    note: "two seconds, profile observed; every message is in the log",
    play: ws("dump", { path: streamPath("observed", "&inactivity_timeout=2"), steps: silence }),
  },
  {
    name: "ws-node-gateway-quiet-caller",
    cause,
    note: "JSON lines of an application, profile observed",
    play: ws("lines", { path: streamPath("observed", oneSecond), steps: silence }),
  },
  {
    name: "ws-node-nothing-after-hello",
    cause,
    note: "only the first message was sent",
    play: ws("events", { path: streamPath("kind", oneSecond), steps: [hello, closed] }),
  },
  {
    name: "ws-node-twenty-seconds-of-thought",
    cause,
    note: "the usual 20 seconds",
    isLong: true,
    play: ws("stamped", {
      path: streamPath("observed"),
      steps: [hello, flush(sentence), audio, ["note", "asking the language model"], closed],
    }),
  },
  {
    name: "websockets-debug-tool-takes-its-time",
    cause,
    note: "the usual 20 seconds, with the library's own keepalive pings, which do not count",
    isLong: true,
    play: websockets("debug-pretty", {
      path: streamPath("kind"),
      options: { ping_interval: 5 },
      steps: silence,
    }),
  },
  {
    name: "websockets-debug-one-sentence-and-no-end",
    cause,
    note: "logging.basicConfig(level=DEBUG)",
    play: websockets("debug-bare", { path: streamPath("kind", oneSecond), steps: silence }),
  },
  {
    name: "websockets-traceback-nobody-speaks",
    cause,
    note: "only the traceback, profile observed",
    play: websockets("traceback", { path: streamPath("observed", oneSecond), steps: silence }),
  },
  {
    name: "websockets-app-two-quiet-seconds",
    cause,
    note: "the application logs error frames and the exception",
    play: websockets("app", { path: streamPath("kind", "&inactivity_timeout=2"), steps: silence }),
  },
  {
    name: "websockets-reader-that-only-prints-the-exception",
    cause,
    note: "print(repr(error)), profile kind",
    play: websockets("repr", { path: streamPath("kind", oneSecond), steps: silence }),
  },
  {
    name: "aiohttp-quiet-line",
    cause,
    note: "aiohttp, profile observed",
    play: aiohttp("app", { path: streamPath("observed", oneSecond), steps: silence }),
  },
  {
    name: "aiohttp-narrator-between-chapters",
    cause,
    note: "aiohttp, profile kind",
    play: aiohttp("plain", { path: streamPath("kind", oneSecond), steps: silence }),
  },
  {
    name: "livekit-node-stream-never-ended",
    cause,
    note: "the plugin with an inactivityTimeout of 2, and a turn whose text stops coming",
    play: livekit({
      options: { inactivityTimeout: 2 },
      connOptions: { maxRetry: 0, retryIntervalMs: 0, timeoutMs: 10_000 },
      turns: [["begin"], ["push", story.slice(0, 100)], ["wait", 12], ["end"]],
    }),
  },
  {
    name: "livekit-node-turn-waits-twenty-seconds",
    cause,
    note: "the plugin with an inactivityTimeout of 20, profile observed, lines for people",
    isLong: true,
    play: livekit({
      baseUrl: ({ url }) => `${url}/compat/observed/v1`,
      options: { inactivityTimeout: 20 },
      isPretty: true,
      turns: [["begin"], ["push", story.slice(0, 100)], ["wait", 35], ["end"]],
    }),
  },
  {
    name: "ws-node-rooms-on-one-socket",
    cause,
    note: "multi-stream-input; the socket's timer, not one context's",
    play: ws("stamped", {
      path: multiPath("kind", oneSecond),
      steps: [helloIn("room-1"), sayIn("room-1", sentence), helloIn("room-2"), closed],
    }),
  },
  {
    name: "har-form-left-open",
    cause,
    note: "HAR, profile kind",
    play: har({ path: streamPath("kind", oneSecond), steps: silence }),
  },
  {
    name: "own-trace-pause-of-two-seconds",
    cause,
    note: "trace of our own, profile observed",
    play: trace({ path: streamPath("observed", "&inactivity_timeout=2"), steps: silence }),
  },
  {
    name: "ws-node-closed-and-nothing-else",
    cause: null,
    told: "input_timeout",
    note: "an idle timer, but the log tells neither code nor reason",
    play: ws("mute", { path: streamPath("observed", oneSecond), steps: silence }),
  },
  {
    name: "websockets-connection-lost-without-why",
    cause: null,
    told: "input_timeout",
    note: "an idle timer, but the application hides the exception",
    play: websockets("mute", { path: streamPath("kind", oneSecond), steps: silence }),
  },
  {
    name: "ws-node-only-a-number",
    cause: null,
    told: "input_timeout",
    note: "an idle timer; the log has the code 1008 alone, which many causes have",
    play: ws("bare", { path: streamPath("observed", oneSecond), steps: silence }),
  },
  {
    name: "ws-node-timer-of-the-other-protocol",
    cause: "wrong_vendor_parameter",
    alsoRight: [cause],
    note: "timeout=60, which is a parameter of Waves; the usual 20 seconds held",
    isLong: true,
    play: ws("stamped", { path: streamPath("kind", "&timeout=60"), steps: silence }),
  },
  {
    name: "websockets-debug-timeout-that-is-none",
    cause: "wrong_vendor_parameter",
    alsoRight: [cause],
    note: "timeout=120 on multi-stream-input, profile observed",
    isLong: true,
    play: websockets("debug", {
      path: multiPath("observed", "&timeout=120"),
      options: { ping_interval: null },
      steps: [
        helloIn("a"),
        sayIn("a", sentence),
        send({ context_id: "a", close_context: true }),
        closed,
      ],
    }),
  },
  {
    name: "ws-node-visitor-with-a-short-token",
    cause: "token_time_over",
    note: "a single-use token for two seconds",
    play: ws("stamped", {
      query: tokenQuery({ max_seconds: 2 }),
      headers: () => ({}),
      steps: [hello, flush(story), wait(1), say(sentence), closed],
    }),
  },
];
