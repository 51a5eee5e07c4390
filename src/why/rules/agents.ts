import type { Finding, Rule } from "../finding.ts";

const rejected = /Invalid message|invalid_message|value_error|missing_fields/i;

/** A conversation that was closed for the message before: the result of a client's tool. */
export const toolResults: Rule = (course): readonly Finding[] => {
  const { route, messages, logs, close } = course;
  if (route !== "agents") return [];
  const refusal = messages.find(({ by, facts }) => by === "server" && rejected.test(facts.error ?? ""));
  const end = refusal?.event ?? (rejected.test(close?.reason ?? "") ? close : undefined);
  if (!end) return [];
  const before = messages.filter(({ index }) => index < (refusal?.index ?? Number.POSITIVE_INFINITY));
  const last = before.findLast(({ by, facts }) => by === "client" && facts.type !== undefined && facts.type !== "pong");
  if (last?.facts.type === "client_tool_result") {
    return [{ cause: "client_tool_rejected", confidence: "certain", evidence: [last.event.evidence, end.evidence] }];
  }
  const line = logs.find(({ message }) => /client[_ ]tool|clientTools|tool result/i.test(message));
  return line
    ? [{ cause: "client_tool_rejected", confidence: "likely", evidence: [line.evidence, end.evidence] }]
    : [];
};
