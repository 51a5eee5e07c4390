import { aiohttp, har, livekit, trace, websockets, ws } from "../plays.ts";
import type { Run } from "../run.ts";
import {
  audio,
  closed,
  closeIn,
  end,
  final,
  flush,
  hello,
  helloIn,
  livePath,
  multiPath,
  say,
  sayIn,
  secondSentence,
  send,
  sentence,
  type Step,
  story,
  streamPath,
  wait,
} from "../steps.ts";

const oneAnswer: readonly Step[] = [hello, say(sentence), say(secondSentence), end, closed];
const oneTurn: readonly Step[] = [helloIn("a"), sayIn("a", sentence), closeIn("a"), final];
const closeSocket = send({ close_socket: true });
const interrupted: readonly Step[] = [
  hello,
  flush(story),
  audio,
  wait(0.5),
  ["note", "user started speaking, stopping playback"],
  ["close", 1000],
];

/** Ends that are as somebody wants them. */
export const endRuns: readonly Run[] = [
  {
    name: "ws-node-all-was-said",
    cause: "end_marker",
    note: "nothing is wrong",
    play: ws("plain", { steps: oneAnswer }),
  },
  {
    name: "websockets-debug-all-was-said",
    cause: "end_marker",
    note: "nothing is wrong, profile observed",
    play: websockets("debug", { path: streamPath("observed"), steps: oneAnswer }),
  },
  {
    name: "aiohttp-all-was-said",
    cause: "end_marker",
    note: "nothing is wrong",
    play: aiohttp("app", { steps: oneAnswer }),
  },
  {
    name: "har-all-was-said",
    cause: "end_marker",
    note: "nothing is wrong, profile observed",
    play: har({ path: streamPath("observed"), steps: oneAnswer }),
  },
  {
    name: "own-trace-all-was-said",
    cause: "end_marker",
    note: "nothing is wrong",
    play: trace({ steps: oneAnswer }),
  },
  {
    name: "ws-node-good-bye",
    cause: "close_socket",
    note: "nothing is wrong",
    play: ws("stamped", { path: multiPath("kind"), steps: [...oneTurn, closeSocket, closed] }),
  },
  {
    name: "websockets-debug-good-bye",
    cause: "close_socket",
    note: "nothing is wrong",
    play: websockets("debug", {
      path: multiPath("kind"),
      steps: [...oneTurn, closeSocket, closed],
    }),
  },
  {
    name: "own-trace-good-bye",
    cause: "close_socket",
    note: "nothing is wrong",
    play: trace({ path: multiPath("kind"), steps: [...oneTurn, closeSocket, closed] }),
  },
  {
    name: "ws-node-caller-interrupts",
    cause: "client_closed_midway",
    note: "a barge-in by closing the socket",
    play: ws("stamped", { steps: interrupted }),
  },
  {
    name: "websockets-debug-caller-interrupts",
    cause: "client_closed_midway",
    note: "the same, profile observed",
    play: websockets("debug", { path: streamPath("observed"), steps: interrupted }),
  },
  {
    name: "own-trace-caller-interrupts",
    cause: "client_closed_midway",
    note: "the same, as a trace of our own",
    play: trace({ steps: interrupted }),
  },
  {
    name: "ws-node-call-is-over",
    cause: "client_closed",
    note: "the client closes after its last answer was spoken",
    play: ws("stamped", {
      path: multiPath("kind"),
      steps: [...oneTurn, wait(0.5), ["close", 1000]],
    }),
  },
  {
    name: "websockets-debug-call-is-over",
    cause: "client_closed",
    note: "the same, profile observed",
    play: websockets("debug-pretty", {
      path: multiPath("observed"),
      steps: [...oneTurn, wait(0.5), ["close"]],
    }),
  },
  {
    name: "aiohttp-live-done",
    cause: "client_closed",
    vendor: "waves",
    note: "a Waves client that closes when all is complete",
    play: aiohttp("app", {
      path: livePath,
      steps: [
        send({ voice_id: "sophia", text: sentence, flush: true }),
        ["until", '"complete"'],
        ["note", "nothing more to say, hanging up"],
        ["close"],
      ],
    }),
  },
  {
    name: "livekit-node-quiet-success",
    cause: null,
    told: "client_closed",
    note: "two turns with nothing wrong, of which the log tells nothing",
    play: livekit({
      turns: [
        ["begin"],
        ["push", sentence],
        ["end"],
        ["heard"],
        ["begin"],
        ["push", secondSentence],
        ["end"],
        ["heard"],
      ],
    }),
  },
  {
    name: "ws-node-code-of-the-application",
    cause: "client_closed_with_code",
    note: "the client closes with 4001",
    play: ws("stamped", {
      steps: [hello, flush(sentence), audio, ["close", 4001, "call transferred"]],
    }),
  },
  {
    name: "ws-node-container-is-stopped",
    cause: "process_killed",
    told: "client_lost",
    note: "SIGTERM to the client while it is spoken to",
    play: ws("lines", { steps: [hello, flush(story), closed] }),
    async during(scene) {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      scene.client?.kill("SIGTERM");
    },
  },
  {
    name: "ws-node-text-into-a-closed-socket",
    cause: "used_after_close",
    told: "end_marker",
    note: "the log has the failed messages and not the close before them",
    play: ws("deaf", {
      steps: [hello, say(sentence), end, wait(2), say(secondSentence), say(sentence), wait(0.2)],
    }),
  },
];
