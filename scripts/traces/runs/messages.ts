import { aiohttp, har, trace, websockets, ws } from "../plays.ts";
import type { Run } from "../run.ts";
import {
  audio,
  closed,
  end,
  flush,
  hello,
  livePath,
  say,
  secondSentence,
  send,
  sentence,
  type Step,
  streamPath,
  wait,
} from "../steps.ts";

const keepalive: readonly Step[] = [wait(1.2), ["note", "sending keepalive"], end];
const spokenThenKeptAlive: readonly Step[] = [hello, flush(sentence), audio, ...keepalive, closed];
const twoEnds: readonly Step[] = [hello, say(sentence), end, say(secondSentence), end, closed];

/** What is sent is not what the client means, or not what the protocol knows. */
export const messageRuns: readonly Run[] = [
  {
    name: "ws-node-keepalive-by-interval",
    cause: "empty_text_as_keepalive",
    note: "an interval that sends the end marker; the second one finds the socket closed",
    play: ws("stamped", { steps: [hello, ...keepalive, ...keepalive, closed] }),
  },
  {
    name: "ws-node-keepalive-between-answers",
    cause: "empty_text_as_keepalive",
    alsoRight: ["end_marker"],
    note: "after an answer was spoken, profile observed",
    play: ws("dump", { path: streamPath("observed"), steps: spokenThenKeptAlive }),
  },
  {
    name: "websockets-debug-heartbeat-task",
    cause: "empty_text_as_keepalive",
    note: "before anything was to be spoken, profile observed",
    play: websockets("debug", {
      path: streamPath("observed"),
      steps: [hello, ...keepalive, closed],
    }),
  },
  {
    name: "own-trace-heartbeat",
    cause: "empty_text_as_keepalive",
    note: "trace of our own, profile kind",
    play: trace({ steps: [hello, wait(1.2), end, wait(1), say(sentence), closed] }),
  },
  {
    name: "ws-node-two-sentences-two-ends",
    cause: "text_after_end",
    note: "an end marker after each sentence, profile kind",
    play: ws("dump", { steps: twoEnds }),
  },
  {
    name: "websockets-debug-end-of-each-sentence",
    cause: "text_after_end",
    note: "the same, profile observed",
    play: websockets("debug-pretty", { path: streamPath("observed"), steps: twoEnds }),
  },
  {
    name: "har-second-answer-is-silent",
    cause: "text_after_end",
    note: "HAR, profile observed",
    play: har({ path: streamPath("observed"), steps: twoEnds }),
  },
  {
    name: "own-trace-sentence-after-the-end",
    cause: "text_after_end",
    note: "trace of our own, profile kind",
    play: trace({ steps: twoEnds }),
  },
  {
    name: "ws-node-configuration-first",
    cause: "no_text",
    note: "the first message has settings and no text",
    play: ws("stamped", {
      steps: [send({ voice_settings: { stability: 0.5 } }), wait(1), say(sentence), closed],
    }),
  },
  {
    name: "websockets-debug-starts-with-settings",
    cause: "no_text",
    note: "the same, profile observed",
    play: websockets("debug-bare", {
      path: streamPath("observed"),
      steps: [
        send({ generation_config: { chunk_length_schedule: [120, 160] } }),
        wait(0.5),
        say(sentence),
        closed,
      ],
    }),
  },
  {
    name: "ws-node-plain-text-message",
    cause: "invalid_message",
    note: "text as it is, without JSON",
    play: ws("stamped", { steps: [hello, send("Good afternoon."), closed] }),
  },
  {
    name: "ws-node-dictionary-as-text",
    cause: "invalid_message",
    note: "JSON with single quotes, profile observed",
    play: ws("plain", {
      path: streamPath("observed"),
      steps: [hello, send("{'text': 'Good afternoon. '}"), closed],
    }),
  },
  {
    name: "websockets-debug-sends-sound",
    cause: "invalid_message",
    note: "bytes of a recording in a binary message",
    play: websockets("debug", {
      steps: [hello, ["bytes", "524946462400000057415645666d7420ff80"], closed],
    }),
  },
  {
    name: "aiohttp-trailing-comma",
    cause: "invalid_message",
    note: "a comma too many",
    play: aiohttp("app", { steps: [hello, send('{"text": "Good afternoon. ",}'), closed] }),
  },
  {
    name: "ws-node-number-for-a-text",
    cause: "invalid_message",
    note: "a member with a wrong type",
    play: ws("events", { steps: [hello, send({ text: 42 }), closed] }),
  },
  {
    name: "ws-node-whole-library",
    cause: "message_too_big",
    note: "a message of more than a megabyte",
    play: ws("plain", { steps: [hello, say("word ".repeat(240_000)), closed] }),
  },
  {
    name: "websockets-traceback-whole-manuscript",
    cause: "message_too_big",
    note: "the same, profile observed",
    play: websockets("traceback", {
      path: streamPath("observed"),
      steps: [hello, say("word ".repeat(240_000)), closed],
    }),
  },
  {
    name: "ws-node-live-broken-json",
    cause: "invalid_message",
    vendor: "waves",
    note: "half a message on a Waves socket",
    play: ws("dump", {
      path: livePath,
      steps: [send('{"voice_id":"sophia","text":"Good'), wait(1), ["close"]],
    }),
  },
  {
    name: "websockets-debug-live-no-object",
    cause: null,
    told: "invalid_message",
    vendor: "waves",
    note: "an array on a Waves socket; the library cuts the answer before it says what is wrong",
    play: websockets("debug", {
      path: livePath,
      steps: [send('["Good afternoon."]'), wait(1), ["close"]],
    }),
  },
];
