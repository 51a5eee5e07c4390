import { between, type Course, lastBefore } from "../course.ts";
import type { Finding, Rule } from "../finding.ts";
import { isAbout, measured } from "./measured.ts";

/** When the connection ended, as far as the source has times. */
const endOf = ({ close }: Course): number | undefined => close?.atMs;

/** What a client's silence may last: what the address asked for, or the defaults of the service. */
function idleSeconds({ route, query, vendor }: Course): readonly number[] {
  const asked = Number.parseFloat(
    query.get(route === "waves" ? "timeout" : "inactivity_timeout") ?? "",
  );
  if (route === "waves" || vendor === "waves") return asked > 0 ? [asked] : [60, 20];
  if (route === "agents") return [];
  return asked > 0 ? [Math.min(180, Math.max(1, asked))] : [20];
}

/** The server's idle timer: the end comes that long after the client's last message. */
export const idleTimer: Rule = (course) => {
  const { close, sent, route } = course;
  if (
    !close ||
    close.by === "client" ||
    (close.code !== undefined && ![1000, 1006, 1008, 1011].includes(close.code))
  ) {
    return [];
  }
  const last = lastBefore(sent, errorOrEnd(course));
  const silentMs = between(last?.atMs, errorOrEnd(course));
  if (!last || silentMs === undefined || endsStream(course)) return [];
  const seconds = idleSeconds(course).find((one) => isAbout(silentMs, one));
  if (seconds === undefined) return [];
  const isKnown = route !== undefined || course.vendor !== undefined;
  return [
    {
      cause: "input_timeout",
      confidence: close.code === 1006 || !isKnown ? "possible" : "likely",
      evidence: [
        last.event.evidence,
        measured(silentMs, "after the client's last message"),
        close.evidence,
      ],
      details: { seconds },
    },
  ];
};

/** Servers close some time after they said why: the timer went off when they said it. */
function errorOrEnd(course: Course): number | undefined {
  const error = course.received.findLast(({ facts }) => facts.error !== undefined);
  return error?.atMs ?? endOf(course);
}

const endsStream = ({ route, sent }: Course): boolean =>
  route === "stream-input" && sent.some(({ facts }) => facts.text === "" && !facts.flush);

/** Greatest ages of connections that servers, proxies and pools are set to. */
const ages = [300, 600, 900, 1800, 3600, 7200, 86_400];
/** A connection on which this long nothing was sent was idle. */
const busyMs = 120_000;

/** A connection that is busy, and still ends in good order at a round age. */
export const greatestAge: Rule = (course) => {
  const { close, openedAtMs, trace } = course;
  const ageMs = between(openedAtMs, close?.atMs);
  if (!close || ageMs === undefined || ![1000, 1001, undefined].includes(close.code)) return [];
  const age = ages.find((one) => Math.abs(ageMs - one * 1000) <= 2500);
  const last = lastBefore(
    trace.events.filter(({ type }) => type === "sent" || type === "received"),
    close.atMs,
  );
  const quietMs = between(last?.atMs, close.atMs);
  if (age === undefined || quietMs === undefined || quietMs > busyMs) return [];
  return [
    {
      cause: "session_max_age",
      confidence: close.code === 1001 ? "likely" : "possible",
      evidence: [measured(ageMs, "after the connection was opened"), close.evidence],
    },
  ];
};

const patienceMs = 10_000;

/** A framework's own timer: ten seconds from the first text without audio, and it closes or gives up. */
export const firstAudio: Rule = (course): readonly Finding[] => {
  const { sent, received, close, logs } = course;
  const first = sent.find(
    ({ facts, event }) => event.data === undefined || (facts.text ?? "").trim() !== "",
  );
  if (
    !first ||
    received.some(({ facts }) => facts.hasAudio || facts.error !== undefined || facts.isFinal)
  )
    return [];
  const complaint = logs.find(({ message }) => /timeout|timed out|retrying/i.test(message));
  const end = close?.by === "server" ? complaint : (complaint ?? close);
  const waitedMs = between(first.atMs, end?.atMs);
  if (!end || waitedMs === undefined || !isAbout(waitedMs, patienceMs / 1000)) return [];
  return [
    {
      cause: "first_audio_timeout",
      confidence: "likely",
      evidence: [first.event.evidence, measured(waitedMs, "without any audio"), end.evidence],
    },
  ];
};
