import { type ProbeParts, Prober, type ProbeTarget } from "./prober.ts";
import type { ReportRow, StepResult } from "./report-row.ts";
import { speakSentence } from "./speak-sentence.ts";
import { tryIdle, tryOwnLimit } from "./try-idle.ts";
import { tryKeepAlive } from "./try-keep-alive.ts";
import { tryWithoutKey } from "./try-without-key.ts";

/**
 * Connects, speaks a sentence, and tries what keeps a socket open and what closes it. `onStep` is
 * told what comes next.
 */
export async function probe(
  target: ProbeTarget,
  parts: ProbeParts,
  onStep: (step: string) => void,
): Promise<StepResult> {
  const prober = new Prober(target, parts);
  try {
    onStep("a sentence");
    const { rows, failure } = await speakSentence(prober);
    // What does not open with a key has nothing to do with it.
    if (rows.length === 0) return { rows, failure };
    onStep("the handshake without a key");
    const nameless = await tryWithoutKey(prober);
    const all = [...(nameless ? [nameless] : []), ...rows];
    if (failure) return { rows: all, failure };
    if (isGoodOnce(target)) return { rows: [...all, skipped], failure };
    return { rows: [...all, ...(await trySilence(prober, onStep))], failure };
  } finally {
    prober.letGo();
  }
}

async function trySilence(
  prober: Prober,
  onStep: (step: string) => void,
): Promise<readonly ReportRow[]> {
  // It takes the longest, and the others fit into its time.
  const ownLimit = tryOwnLimit(prober);
  onStep("keep-alives");
  const keepAlive = await tryKeepAlive(prober);
  onStep("silence");
  const idle = await tryIdle(prober);
  const own = await ownLimit;
  return [...keepAlive, ...idle, ...(own ? [own] : [])];
}

/** Whether there is nothing but a token, which the sentence has used up. */
const isGoodOnce = ({ key, url }: ProbeTarget): boolean =>
  key === undefined && url.searchParams.has("single_use_token");

const skipped: ReportRow = {
  what: "keep-alives and silence",
  documented: "",
  seen: "not tried: the token is good for one connection",
  differs: false,
};
