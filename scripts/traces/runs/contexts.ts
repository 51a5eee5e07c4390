import { har, livekit, trace, websockets, ws } from "../plays.ts";
import type { Run } from "../run.ts";
import {
  audio,
  closed,
  closeIn,
  final,
  hello,
  helloIn,
  multiPath,
  flush,
  sayIn,
  secondSentence,
  send,
  sentence,
  type Step,
  story,
  streamPath,
  wait,
} from "../steps.ts";

const turns = ["a", "b", "c", "d", "e", "f"].map((letter) => `turn-${letter}`);
const sixTurns: readonly Step[] = [
  ...turns.flatMap((id) => [helloIn(id), sayIn(id, sentence), wait(0.2)]),
  closed,
];
const otherMood: readonly Step[] = [
  hello,
  flush(sentence),
  audio,
  send({ text: secondSentence, voice_settings: { stability: 0.2, similarity_boost: 0.8 } }),
  closed,
];
const keptAliveFirst: readonly Step[] = [
  helloIn("turn-1"),
  sayIn("turn-1", sentence),
  audio,
  closeIn("turn-1"),
  final,
  wait(0.5),
  send({ text: "", context_id: "turn-2" }),
  wait(1),
  helloIn("turn-2", { stability: 0.7 }),
  sayIn("turn-2", secondSentence),
  closed,
];

/** Contexts of one socket that get in each other's way, or in their own. */
export const contextRuns: readonly Run[] = [
  {
    name: "ws-node-six-turns",
    cause: "too_many_contexts",
    note: "a sixth context, profile observed: the socket is closed",
    play: ws("stamped", { path: multiPath("observed"), steps: sixTurns }),
  },
  {
    name: "websockets-debug-turns-that-stay-open",
    cause: "too_many_contexts",
    note: "the same",
    play: websockets("debug-pretty", { path: multiPath("observed"), steps: sixTurns }),
  },
  {
    name: "websockets-app-many-turns",
    cause: "too_many_contexts",
    note: "the same; the application logs error frames and the exception",
    play: websockets("app", { path: multiPath("observed"), steps: sixTurns }),
  },
  {
    name: "har-six-bubbles-of-a-chat",
    cause: "too_many_contexts",
    note: "HAR, profile observed",
    play: har({ path: multiPath("observed"), steps: sixTurns }),
  },
  {
    name: "own-trace-one-turn-too-many",
    cause: "too_many_contexts",
    note: "trace of our own, profile kind: only the new context fails",
    play: trace({
      path: multiPath("kind"),
      steps: [
        ...turns.flatMap((id) => [helloIn(id), sayIn(id, sentence)]),
        ["until", '"max_active_conversations"'],
        wait(0.5),
        ["close"],
      ],
    }),
  },
  {
    name: "livekit-node-six-speakers",
    cause: "too_many_contexts",
    note: "six streams of one plugin, profile observed",
    play: livekit({
      baseUrl: ({ url }) => `${url}/compat/observed/v1`,
      connOptions: { maxRetry: 0, retryIntervalMs: 0, timeoutMs: 10_000 },
      turns: [...turns.flatMap(() => [["begin"] as const, ["push", story] as const]), ["wait", 3]],
    }),
  },
  {
    name: "ws-node-changed-its-mood",
    cause: "settings_changed",
    note: "other voice_settings in the middle, stream-input, profile observed",
    play: ws("dump", { path: streamPath("observed"), steps: otherMood }),
  },
  {
    name: "websockets-debug-speaks-faster-now",
    cause: "settings_changed",
    note: "the same",
    play: websockets("debug", { path: streamPath("observed"), steps: otherMood }),
  },
  {
    name: "websockets-traceback-settings-in-the-middle",
    cause: "settings_changed",
    note: "only the traceback",
    play: websockets("traceback", { path: streamPath("observed"), steps: otherMood }),
  },
  {
    name: "own-trace-stability-changed",
    cause: "settings_changed",
    note: "trace of our own, multi-stream-input, profile observed",
    play: trace({
      path: multiPath("observed"),
      steps: [
        helloIn("a", { stability: 0.5 }),
        sayIn("a", sentence),
        audio,
        helloIn("a", { stability: 0.9 }),
        closed,
      ],
    }),
  },
  {
    name: "ws-node-keepalive-for-the-next-turn",
    cause: "phantom_context",
    alsoRight: ["settings_changed"],
    note: "a keepalive has opened the context before its settings came, profile observed",
    play: ws("stamped", { path: multiPath("observed"), steps: keptAliveFirst }),
  },
  {
    name: "websockets-debug-keepalive-of-a-coming-turn",
    cause: "phantom_context",
    alsoRight: ["settings_changed"],
    note: "the same",
    play: websockets("debug", { path: multiPath("observed"), steps: keptAliveFirst }),
  },
  {
    name: "own-trace-flush-opens-a-turn",
    cause: "phantom_context",
    alsoRight: ["settings_changed"],
    note: "a lone flush has opened it",
    play: trace({
      path: multiPath("observed"),
      steps: [
        send({ context_id: "greeting", flush: true }),
        wait(1),
        helloIn("greeting"),
        sayIn("greeting", sentence),
        closed,
      ],
    }),
  },
  {
    name: "ws-node-short-answer-is-silent",
    cause: "close_context_race",
    told: "client_closed",
    note: "text and close_context at once, x_close_race=silent: a final frame without audio",
    play: ws("stamped", {
      path: multiPath("observed", "&x_close_race=silent"),
      steps: [
        helloIn("a"),
        send({ text: "Sure. ", context_id: "a" }),
        closeIn("a"),
        final,
        wait(1),
        ["close"],
      ],
    }),
  },
  {
    name: "own-trace-answer-that-never-came",
    cause: "close_context_race",
    told: "client_closed",
    note: "the same with x_close_race=lost: nothing comes at all",
    play: trace({
      path: multiPath("observed", "&x_close_race=lost"),
      steps: [
        helloIn("a"),
        send({ text: "Sure. ", context_id: "a" }),
        closeIn("a"),
        wait(4),
        ["close"],
      ],
    }),
  },
];
