import type { Course } from "./course.ts";
import type { Confidence } from "./finding.ts";
import type { Framework } from "./trace.ts";

/** How to get the close code and reason, where it is not simply logged. */
const closeAdvice: Readonly<Partial<Record<Framework, string>>> = {
  "livekit-python":
    'the lines of livekit.plugins.elevenlabs before it at level DEBUG ("elevenlabs tts returned error" has the server\'s words)',
  "livekit-node": "the lines of the ElevenLabs plugin before it at level debug",
  browser: "the event of socket.onclose: event.code, event.reason and event.wasClean",
  har: "the Close frame, which HAR files lack: event.code and event.reason of socket.onclose",
  ws: 'the arguments of socket.on("close", (code, reason) => ...)',
  aiohttp: "ws.close_code, and the extra of the CLOSE message",
};

/** What could be asked of whoever has the log, the most telling first. */
const questions: readonly {
  readonly isAsked: (course: Course) => boolean;
  readonly what: (course: Course) => string;
}[] = [
  {
    isAsked: ({ refusals }) =>
      refusals.some(({ status, message }) => status === undefined && message === ""),
    what: () =>
      "the answer to the handshake: the row of the socket in the browser's network panel, or curl -i with the same address",
  },
  {
    isAsked: ({ close, refusals }) => !close && refusals.length === 0,
    what: () =>
      "how the connection ended: its close code and reason, or the answer to the handshake",
  },
  {
    isAsked: ({ close }) =>
      close !== undefined &&
      (close.code === undefined ||
        (close.reason === "" && close.code !== 1000 && close.code !== 1006)),
    what: ({ trace }) =>
      (trace.framework && closeAdvice[trace.framework]) ??
      "the close code and reason that the client's library was given",
  },
  {
    isAsked: ({ close, received }) => close !== undefined && received.length === 0,
    what: () =>
      "the last message that the server sent before the close: an error has its name and words in it",
  },
  {
    isAsked: ({ close, sent }) => close !== undefined && sent.length === 0,
    what: () => "the last messages that the client sent before the close, with their times",
  },
  {
    isAsked: ({ refusals }) =>
      refusals.some(({ status, message }) => status !== undefined && !/[{<]/.test(message)),
    what: () =>
      "the body of the answer that came instead of the upgrade (try the address with curl -i)",
  },
  {
    isAsked: ({ trace }) => trace.url === undefined,
    what: () => "the address that was connected to, without keys",
  },
  {
    isAsked: ({ trace }) => trace.events.every(({ atMs }) => atMs === undefined),
    what: () => "times: timers are known by how long nothing was sent",
  },
];

const maxQuestions = 3;

/** What to add to the log to know more; nothing where the cause is certain. */
export function missingOf(course: Course, confidence: Confidence | undefined): string[] {
  if (confidence === "certain") return [];
  return questions
    .filter(({ isAsked }) => isAsked(course))
    .slice(0, maxQuestions)
    .map(({ what }) => what(course));
}
