import { setTimeout as sleep } from "node:timers/promises";
import { aiohttp, livekit, sdk, trace, type Turn, websockets, ws } from "../plays.ts";
import type { Run } from "../run.ts";
import type { Scene } from "../scene.ts";
import {
  audio,
  closed,
  end,
  flush,
  hello,
  livePath,
  say,
  send,
  sentence,
  story,
  streamPath,
  wait,
} from "../steps.ts";

const steps = [hello, say(sentence), end, closed] as const;
const speaking = [hello, flush(story), closed] as const;
const turn: readonly Turn[] = [["begin"], ["push", sentence], ["end"], ["heard"]];
const longTurn: readonly Turn[] = [["begin"], ["push", story.repeat(2)], ["end"], ["heard"]];

const stopped = (signal: NodeJS.Signals) => ({
  server: { place: "process", flags: { drainSeconds: "1" } } as const,
  async during(scene: Scene): Promise<void> {
    await sleep(3000);
    scene.process?.kill(signal);
  },
});
const failing = { server: { engine: "failing" } } as const;
const faulty = { server: { engine: "faulty" } } as const;
/** Of which no kernel keeps all. */
const wholeNight = Array.from({ length: 30 }, () => say(story));

/** What goes wrong in the server, or because of how it is run. */
export const serverRuns: readonly Run[] = [
  {
    name: "ws-node-new-version-is-deployed",
    cause: "shutting_down",
    ...stopped("SIGTERM"),
    note: "SIGTERM to the server while it speaks, a second to finish",
    play: ws("plain", { steps: speaking }),
  },
  {
    name: "websockets-debug-new-version-is-deployed",
    cause: "shutting_down",
    ...stopped("SIGTERM"),
    note: "the same, profile observed",
    play: websockets("debug", { path: streamPath("observed"), steps: speaking }),
  },
  {
    name: "livekit-node-new-version-is-deployed",
    cause: "shutting_down",
    ...stopped("SIGTERM"),
    note: "LiveKit's plugin in the middle of a turn",
    play: livekit({
      connOptions: { maxRetry: 0, retryIntervalMs: 0, timeoutMs: 10_000 },
      turns: [["begin"], ["push", story], ["wait", 8], ["end"]],
    }),
  },
  {
    name: "own-trace-new-version-is-deployed",
    cause: "shutting_down",
    ...stopped("SIGTERM"),
    note: "an idle socket",
    play: trace({ steps: [hello, flush(sentence), audio, closed] }),
  },
  {
    name: "ws-node-live-new-version-is-deployed",
    cause: "shutting_down",
    ...stopped("SIGTERM"),
    vendor: "waves",
    note: "a Waves socket",
    play: ws("stamped", {
      path: livePath,
      steps: [send({ voice_id: "sophia", text: sentence, flush: true }), closed],
    }),
  },
  {
    name: "ws-node-out-of-memory-over-there",
    cause: "client_lost",
    ...stopped("SIGKILL"),
    note: "SIGKILL to the server while it speaks",
    play: ws("stamped", { steps: speaking }),
  },
  {
    name: "websockets-traceback-out-of-memory-over-there",
    cause: "client_lost",
    ...stopped("SIGKILL"),
    note: "the same, only the traceback",
    play: websockets("traceback", { steps: speaking }),
  },
  {
    name: "livekit-node-out-of-memory-over-there",
    cause: "client_lost",
    ...stopped("SIGKILL"),
    note: "LiveKit's plugin",
    play: livekit({
      connOptions: { maxRetry: 0, retryIntervalMs: 0, timeoutMs: 10_000 },
      turns: longTurn,
    }),
  },
  {
    name: "aiohttp-out-of-memory-over-there",
    cause: "client_lost",
    ...stopped("SIGKILL"),
    note: "aiohttp",
    play: aiohttp("app", { steps: speaking }),
  },
  {
    name: "ws-node-voice-is-broken",
    cause: "engine_failed",
    ...failing,
    note: "an engine that fails on every text",
    play: ws("stamped", { steps }),
  },
  {
    name: "websockets-debug-voice-is-broken",
    cause: "engine_failed",
    ...failing,
    note: "the same, profile observed",
    play: websockets("debug-pretty", { path: streamPath("observed"), steps }),
  },
  {
    name: "livekit-node-voice-is-broken",
    cause: "engine_failed",
    ...failing,
    note: "LiveKit's plugin",
    play: livekit({ turns: turn }),
  },
  {
    name: "elevenlabs-js-voice-is-broken",
    cause: "engine_failed",
    ...failing,
    note: "over HTTP",
    play: sdk("@elevenlabs/elevenlabs-js", {}),
  },
  {
    name: "ws-node-live-voice-is-broken",
    cause: "engine_failed",
    ...failing,
    vendor: "waves",
    note: "a Waves socket, which stays open",
    play: ws("dump", {
      path: livePath,
      steps: [
        send({ voice_id: "sophia", text: sentence, flush: true }),
        ["until", '"error"'],
        ["close"],
      ],
    }),
  },
  {
    name: "ws-node-fault-of-the-program",
    cause: "internal_error",
    ...faulty,
    note: "an engine with a fault that nobody has foreseen",
    play: ws("plain", { steps }),
  },
  {
    name: "elevenlabs-js-fault-of-the-program",
    cause: "internal_error",
    ...faulty,
    note: "the same over HTTP",
    play: sdk("@elevenlabs/elevenlabs-js", { style: "message" }),
  },
  {
    name: "ws-node-player-holds-everything-up",
    cause: "reader_stalled",
    server: { flags: { stallSeconds: "3", leadSeconds: "any" } },
    note: "a client that stops reading while it plays",
    play: ws("stamped", {
      path: streamPath("kind", "&output_format=pcm_44100&inactivity_timeout=180"),
      steps: [
        hello,
        ...wholeNight,
        flush(sentence),
        audio,
        ["pause"],
        wait(3.4),
        ["resume"],
        closed,
      ],
    }),
  },
  {
    name: "websockets-exception-player-holds-everything-up",
    cause: "reader_stalled",
    server: { flags: { stallSeconds: "3", leadSeconds: "any" } },
    note: "the same with a thread that plays; log.exception, profile observed",
    play: websockets("exception", {
      path: streamPath("observed", "&output_format=pcm_44100&inactivity_timeout=180"),
      options: { ping_interval: null },
      steps: [hello, ...wholeNight, flush(sentence), audio, ["pause"], wait(4), ["resume"], closed],
    }),
  },
  {
    name: "ws-node-gives-up-on-the-voice",
    cause: "first_audio_timeout",
    alsoRight: ["client_closed_midway"],
    server: { engine: "silent" },
    note: "an engine that never speaks, and a client that waits three seconds",
    play: ws("lines", {
      steps: [
        hello,
        flush(sentence),
        wait(3),
        ["note", "no audio from TTS after 3000 ms, giving up"],
        ["close", 1000],
      ],
    }),
  },
];
