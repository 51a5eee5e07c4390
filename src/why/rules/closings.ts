import type { Course } from "../course.ts";
import type { Confidence, Finding, Rule } from "../finding.ts";
import type { WhyCauseId } from "../field-causes.ts";

type Guess = readonly [WhyCauseId, Confidence];
type Closing = NonNullable<Course["close"]>;

/** What a closing by the server stands for where nobody said more. */
const byServer: Readonly<Record<number, readonly Guess[]>> = {
  1001: [["shutting_down", "likely"]],
  1003: [["invalid_message", "likely"]],
  1006: [["client_lost", "likely"]],
  1007: [["invalid_message", "likely"]],
  1009: [["message_too_big", "likely"]],
  1011: [["internal_error", "likely"]],
  1012: [["service_restart", "certain"]],
  1013: [["server_busy", "likely"]],
  3000: [["agent_not_found", "likely"]],
  3008: [["agent_concurrency", "certain"]],
};

/** What a closing by the client stands for. */
const byClient: Readonly<Record<number, readonly Guess[]>> = {
  1000: [["client_closed", "likely"]],
  1001: [["client_closed", "likely"]],
  1006: [["client_lost", "likely"]],
  1009: [["client_frame_limit", "certain"]],
  1011: [["client_ping_timeout", "likely"]],
};

/** What a closing stands for of which nobody says whose it was. */
const byUnknown: Readonly<Record<number, readonly Guess[]>> = {
  1000: [["client_closed", "possible"]],
  1001: [
    ["shutting_down", "possible"],
    ["client_closed", "possible"],
  ],
  1009: [["client_frame_limit", "likely"]],
};

/** A policy was broken, but which? */
const policies: Readonly<Record<string, readonly WhyCauseId[]>> = {
  elevenlabs: [
    "input_timeout",
    "too_many_contexts",
    "settings_changed",
    "invalid_api_key",
    "voice_not_found",
  ],
  waves: ["too_many_connections", "invalid_message"],
  "elevenlabs-agents": [
    "override_not_allowed",
    "missing_dynamic_variable",
    "invalid_client_message",
  ],
};

/** Reads the code of the Close frame, and who sent it: the least that a log tells. */
export const closings: Rule = (course) => {
  const { close } = course;
  if (!close) return [];
  return guessesAt(course, close).map(
    ([cause, confidence]): Finding => ({
      cause,
      confidence,
      evidence: [close.evidence],
      ...(close.code !== undefined && { details: { code: close.code } }),
    }),
  );
};

function guessesAt(course: Course, close: Closing): readonly Guess[] {
  const { code, by } = close;
  if (code === undefined || isUnopened(course)) return withoutCode(course);
  if (by === "client") {
    if (code === 1000 && owesMore(course)) return [["client_closed_midway", "likely"]];
    return byClient[code] ?? [["client_closed_with_code", "likely"]];
  }
  if (code === 1008) {
    // Words that nobody knows are none of those that are guessed.
    return close.reason === "" && !hasError(course)
      ? possible(policies[course.vendor ?? "elevenlabs"] ?? [])
      : [];
  }
  if (course.route === "agents" && code === 1002) {
    return possible(["llm_timeout", "custom_llm_failed", "agent_speech_failed"]);
  }
  if (course.route === "agents" && code === 1000)
    return possible(["agent_hung_up", "client_closed"]);
  if (by === "server" && code === 1000) {
    return possible(course.route === "multi-stream-input" ? ["close_socket"] : ["end_marker"]);
  }
  const unknown = by === "unknown" ? byUnknown[code] : undefined;
  return unknown ?? byServer[code] ?? possible(code >= 4000 ? ["client_closed_with_code"] : []);
}

const possible = (causes: readonly WhyCauseId[]): Guess[] =>
  causes.map((cause) => [cause, "possible"]);

/** The idle timer is a guess only where no message is known that it may be measured from. */
const withoutCode = ({ vendor, sent }: Course): readonly Guess[] =>
  possible(
    vendor === "elevenlabs-agents" || sent.length > 0
      ? ["client_lost"]
      : ["client_lost", "input_timeout"],
  );

const hasError = ({ received }: Course): boolean =>
  received.some(({ facts }) => facts.error !== undefined);

/** Whether text was sent whose last word has not come. */
function owesMore({ sent, received }: Course): boolean {
  const lastText = sent.findLast(({ facts }) => (facts.text ?? "").trim() !== "");
  if (!lastText) return false;
  return !received.some(
    ({ index, facts }) => index > lastText.index && (facts.isFinal || facts.status === "complete"),
  );
}

/** Whether the handshake failed: the closing that is told after it is none. */
const isUnopened = ({ refusals, messages, close }: Course): boolean =>
  refusals.length > 0 && messages.length === 0 && close?.code === 1006;
