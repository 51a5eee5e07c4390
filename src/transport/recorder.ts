import { createTurnRecord, type Retention, type TurnRecord } from "../protocol/records.ts";
import type { SessionPlan } from "../protocol/speech.ts";
import type { HistoryStore, UsageStore } from "../protocol/stores.ts";
import type { SpokenTurn } from "../session/context.ts";
import type { Logger } from "./log.ts";
import type { SpeechService } from "./speech-service.ts";

/**
 * Makes the function that keeps what was spoken. A store that fails is logged, not thrown: the
 * client has its audio all the same.
 */
export function createRecorder(
  { history, usage }: { readonly history: HistoryStore; readonly usage: UsageStore },
  logger: Pick<Logger, "error">,
): (turn: TurnRecord, retention: Retention) => Promise<void> {
  return async (turn, retention) => {
    if (retention === "none") return;
    const { keyId, voiceId, modelId, audioMs, startedAtUnix: atUnix } = turn;
    try {
      // Its characters were counted when they were charged for.
      const counted = { requests: 1, characters: 0, cost: 0, audioMs };
      // Both at once: they are kept together, and the end of the turn's sound is known.
      await Promise.all([
        usage.add({ atUnix, keyId, voiceId, modelId, ...counted }),
        retention === "history" ? history.add(turn) : usage.flushed(),
      ]);
    } catch (err) {
      logger.error({ err, requestId: turn.requestId }, "a turn was not recorded");
    }
  };
}

/** Keeps what a session with `plan` has said, as far as its client lets it. */
export async function recordTurn(
  spoken: Omit<SpokenTurn, "durationMs" | "context" | "format">,
  origin: Pick<TurnRecord, "id" | "requestId" | "startedAtUnix" | "audioFormat">,
  { markup, normalization, retention }: Pick<SessionPlan, "markup" | "normalization" | "retention">,
  { record }: Pick<SpeechService, "record">,
): Promise<void> {
  if (retention === "none") return;
  await record(createTurnRecord({ ...spoken, ...origin, markup, normalization }), retention);
}
