import type { Finding, Rule } from "../finding.ts";

const rejected = /Invalid message|invalid_message|value_error|missing_fields/i;
const toolResult = /client_tool_result|client[_ ]tool|tool result/i;

/** How far before the refusal the message stands that was refused. */
const nearEvents = 3;

/** A conversation that was closed for the message before: the result of a client's tool. */
export const toolResults: Rule = (course): readonly Finding[] => {
  if (course.route !== "agents") return [];
  const { events } = course.trace;
  const refused = events.findIndex(
    (event) =>
      (event.type === "received" && rejected.test(event.data ?? "")) ||
      (event.type === "close" && rejected.test(event.reason)) ||
      (event.type === "log" && rejected.test(event.message)),
  );
  const refusal = events[refused];
  const result = events
    .slice(Math.max(0, refused - nearEvents), Math.max(0, refused))
    .findLast(({ type, evidence }) => type !== "received" && toolResult.test(evidence.text));
  if (!refusal || !result) return [];
  return [
    {
      cause: "client_tool_rejected",
      confidence: "certain",
      evidence: [result.evidence, refusal.evidence],
    },
  ];
};
