import type { Course } from "../course.ts";
import type { Finding, Rule } from "../finding.ts";
import type { Evidence } from "../trace.ts";
import { idleTimer } from "./timers.ts";

/** The name that the other vendor gives the idle time. */
const wrongName = ({ vendor, route, query }: Course): string | undefined => {
  if (vendor === "waves" || route === "waves") {
    return query.has("inactivity_timeout") && !query.has("timeout")
      ? "inactivity_timeout"
      : undefined;
  }
  if (vendor !== "elevenlabs") return undefined;
  return query.has("timeout") && !query.has("inactivity_timeout") ? "timeout" : undefined;
};

const idleWords =
  /input_timeout|not received a new text input|seconds of inactivity|inactivity timeout/i;

/** A socket that idled out although more time was asked for, by another vendor's name for it. */
export const wrongParameter: Rule = (course) => {
  const name = wrongName(course);
  if (name === undefined) return [];
  const said = course.trace.events.filter((event) =>
    idleWords.test(`${event.evidence.text} ${event.type === "close" ? event.reason : ""}`),
  );
  const timer = idleTimer(course);
  const isIdle = said.length > 0 || timer.length > 0;
  const parameter: Evidence = {
    line: undefined,
    text: `${name}=${course.query.get(name)} in the address`,
  };
  return [
    {
      cause: "wrong_vendor_parameter",
      confidence: isIdle ? (said.length > 0 ? "certain" : "likely") : "possible",
      evidence: [
        parameter,
        ...said.slice(0, 2).map(({ evidence }) => evidence),
        ...timer.flatMap(({ evidence }) => evidence),
      ],
    },
  ];
};

/** ws:// to a port that speaks TLS. */
export const plainOnTls: Rule = ({ trace, refusals }): readonly Finding[] => {
  const url = trace.url ?? "";
  const isPlainTo443 =
    /^ws:\/\/(?:[^/]*:443(?:\/|$)|api\.(?:[\w.]+\.)?(?:elevenlabs\.io|smallest\.ai))/.test(url);
  const refusal = refusals.find(
    ({ status }) => status === undefined || (status >= 300 && status < 500),
  );
  if (!isPlainTo443 || !refusal) return [];
  return [{ cause: "plain_on_tls_port", confidence: "likely", evidence: [refusal.evidence] }];
};
