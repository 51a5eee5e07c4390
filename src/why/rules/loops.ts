import { causeIds } from "../../protocol/causes.ts";
import type { WhyCauseId } from "../field-causes.ts";
import type { Finding, Rule } from "../finding.ts";

const again =
  /reconnect(?:ing|ion)?\b|retrying\b|failed to reconnect|quick failures?|times immediately after connecting|attempt[ :#]+\d+/i;
const givesUp =
  /consecutive quick failures|times immediately after connecting|failed to reconnect after \d+ attempts|max(?:imum)? (?:retries|reconnect attempts)/i;

const many = 4;

/** A framework that tries the same again and again, without a word of why it fails. */
export const reconnectLoop: Rule = ({ logs, close, refusals }): readonly Finding[] => {
  const tries = logs.filter(({ message }) => again.test(message));
  const end = tries.find(({ message }) => givesUp.test(message));
  if (tries.length < many && !end) return [];
  const shown = end ? [tries[0], end] : [tries[0], tries.at(-1)];
  const evidence = shown.flatMap((event) => (event ? [event.evidence] : []));
  const isAllThereIs = close === undefined && refusals.length === 0;
  return [{ cause: "reconnect_loop", confidence: isAllThereIs ? "likely" : "possible", evidence }];
};

const ownCause = /\b(?:cause|problem)=["']?([a-z_]{4,40})\b/;

/** This server's own log names the cause of each connection. */
export const ownLog: Rule = ({ logs, trace }) =>
  trace.framework === "syrinx"
    ? logs.flatMap(({ message, evidence }): Finding[] => {
        const id = ownCause.exec(message)?.[1];
        const cause = id === undefined ? undefined : causeOf(id);
        return cause ? [{ cause, confidence: "certain", evidence: [evidence] }] : [];
      })
    : [];

const causeOf = (id: string): WhyCauseId | undefined => causeIds.find((known) => known === id);
