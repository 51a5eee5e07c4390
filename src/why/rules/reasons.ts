import { type ErrorCode, problems } from "../../protocol/problems.ts";
import type { WhyCauseId } from "../field-causes.ts";
import type { Confidence, Rule } from "../finding.ts";

/** Names that Waves, or this server in its place, gives what the catalogue calls otherwise. */
const otherNames: Readonly<Record<string, readonly [WhyCauseId, Confidence]>> = {
  inactivity_timeout: ["input_timeout", "certain"],
  server_shutdown: ["shutting_down", "certain"],
  session_expired: ["session_max_age", "certain"],
  invalid_voice_id: ["voice_not_found", "certain"],
  model_deprecated: ["model_retired", "certain"],
  unauthorized: ["invalid_api_key", "likely"],
  concurrency_limited: ["too_many_concurrent_requests", "likely"],
  synthesis_failed: ["internal_error", "likely"],
  invalid_request: ["invalid_message", "likely"],
};

const isCode = (name: string): name is ErrorCode => Object.hasOwn(problems, name);

/** A Close frame whose reason is nothing but the name of an error. */
export const reasons: Rule = ({ trace }) =>
  trace.events.flatMap((event) => {
    if (event.type !== "close") return [];
    const name = event.reason.trim();
    const [cause, confidence] = isCode(name)
      ? ([name, "certain"] as const)
      : (otherNames[name] ?? []);
    return cause && confidence ? [{ cause, confidence, evidence: [event.evidence] }] : [];
  });
