import type { Course } from "../course.ts";
import type { Confidence, Finding, Rule } from "../finding.ts";
import type { WhyCauseId } from "../field-causes.ts";

type Guess = readonly [WhyCauseId, Confidence];

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

/** A policy was broken, but which? */
const policies: Readonly<Record<string, readonly WhyCauseId[]>> = {
  elevenlabs: ["input_timeout", "too_many_contexts", "settings_changed", "invalid_api_key", "voice_not_found"],
  waves: ["too_many_connections", "invalid_message"],
  "elevenlabs-agents": ["override_not_allowed", "missing_dynamic_variable", "invalid_client_message"],
};

/** What a closing by the client stands for. */
const byClient: Readonly<Record<number, readonly Guess[]>> = {
  1000: [["client_closed", "likely"]],
  1001: [["client_closed", "likely"]],
  1006: [["client_lost", "likely"]],
  1009: [["client_frame_limit", "certain"]],
  1011: [["client_ping_timeout", "likely"]],
};

/** Reads the code of the Close frame, and who sent it. The least that a log tells. */
export const closings: Rule = (course) => {
  const { close } = course;
  if (!close) return [];
  const guesses = guessesAt(course, close);
  return guesses.map(
    ([cause, confidence]): Finding => ({ cause, confidence, evidence: [close.evidence] }),
  );
};

function guessesAt(
  { vendor, route, sent, received }: Course,
  { code, by, reason }: NonNullable<Course["close"]>,
): readonly Guess[] {
  if (code === undefined) return [["client_lost", "possible"]];
  if (by === "client") {
    if (code === 1000 && owesMore({ sent, received })) return [["client_closed_midway", "likely"]];
    return byClient[code] ?? [["client_closed_with_code", "likely"]];
  }
  if (code === 1008) {
    return (policies[vendor ?? "elevenlabs"] ?? []).map((cause) => [cause, "possible"] as const);
  }
  if (code === 1000) {
    const isAgents = route === "agents";
    if (isAgents) return [[/user ended/i.test(reason) ? "client_closed" : "agent_hung_up", "possible"]];
    return [["client_closed", "possible"]];
  }
  if (code === 1002 && route === "agents") {
    return [
      ["llm_timeout", "possible"],
      ["custom_llm_failed", "possible"],
      ["agent_speech_failed", "possible"],
    ];
  }
  if (code === 1001 && by === "unknown") return [["shutting_down", "possible"], ["client_closed", "possible"]];
  if (code === 1009 && by === "unknown") return [["client_frame_limit", "likely"]];
  return byServer[code] ?? (code >= 4000 ? [["client_closed_with_code", "possible"]] : []);
}

/** Whether text was sent whose last word has not come. */
const owesMore = ({ sent, received }: Pick<Course, "sent" | "received">): boolean => {
  const lastText = sent.findLast(({ facts }) => (facts.text ?? "").trim() !== "");
  if (!lastText) return false;
  const isEnd = ({ facts }: (typeof received)[number]): boolean =>
    facts.isFinal || facts.status === "complete";
  return !received.some((message) => message.index > lastText.index && isEnd(message));
};
