import { between, type Course, lastBefore } from "../course.ts";
import type { Finding, Rule } from "../finding.ts";
import { isAbout, measured } from "./measured.ts";
import type { TraceEvent } from "../trace.ts";

/** How long proxies and load balancers let a connection be silent, by their defaults. */
const proxyRounds = [30, 60, 100, 300, 350, 600, 3600];

const isTraffic = ({ type }: TraceEvent): boolean =>
  type !== "close" && type !== "log" && type !== "handshake_failed";

/** The end, if there was no Close frame or only a proxy's. */
function abruptEnd({ close }: Course): Course["close"] {
  if (!close || close.by === "client" || close.reason !== "") return undefined;
  const { code } = close;
  return code === undefined || code === 1001 || code === 1006 ? close : undefined;
}

/** A proxy's timer: no Close frame, a round time after anything passed in either direction. */
export const proxyTimer: Rule = (course): readonly Finding[] => {
  const close = abruptEnd(course);
  const last = lastBefore(course.trace.events.filter(isTraffic), close?.atMs);
  const silentMs = between(last?.atMs, close?.atMs);
  if (!close || !last || silentMs === undefined) return [];
  const seconds = proxyRounds.find((one) => isAbout(silentMs, one));
  if (seconds === undefined) return [];
  return [
    {
      cause: "proxy_idle_timeout",
      confidence: close.code === undefined ? "possible" : "likely",
      evidence: [
        last.evidence,
        measured(silentMs, "without anything in either direction"),
        close.evidence,
      ],
    },
  ];
};

/** What is dropped in silence is noticed with the next message only. */
const noticedMs = 5000;
const longSilenceMs = 59_000;

/** A connection that breaks with the first message after a long silence. */
export const forgottenByProxy: Rule = (course): readonly Finding[] => {
  const close = abruptEnd(course);
  const traffic = course.trace.events.filter(isTraffic);
  const last = lastBefore(traffic, close?.atMs);
  const noticedAfterMs = between(last?.atMs, close?.atMs);
  if (!close || close.code === 1001) return [];
  if (last?.type !== "sent" || noticedAfterMs === undefined) return [];
  const before = traffic.slice(0, traffic.indexOf(last)).at(-1);
  const silentMs = between(before?.atMs, last.atMs);
  if (!before || silentMs === undefined) return [];
  if (noticedAfterMs > noticedMs || silentMs < longSilenceMs) return [];
  return [
    {
      cause: "proxy_idle_timeout",
      confidence: "likely",
      evidence: [
        before.evidence,
        measured(silentMs, "without anything, then"),
        last.evidence,
        close.evidence,
      ],
    },
  ];
};
