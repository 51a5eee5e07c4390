import type { Diagnosis } from "../../src/why/diagnose.ts";
import type { TraceLabel } from "./labelled-traces.ts";

/** How an explanation compares with what is known. */
export interface Verdict {
  readonly file: string;
  /** Its first cause is right; or, where none can be known, nothing is claimed and something asked for. */
  readonly isRight: boolean;
  /** Its first cause is claimed as certain, and is not right. */
  readonly isCertainlyWrong: boolean;
  /** For people: what was said, and what is right. */
  readonly text: string;
}

/** Compares an explanation with the label of its trace. */
export function judge(label: TraceLabel, { causes, missing }: Diagnosis): Verdict {
  const first = causes[0];
  const isClaimed = first?.confidence === "certain";
  const isRight =
    label.cause === null
      ? !isClaimed && missing.length > 0
      : first !== undefined && [label.cause, ...label.alsoRight].includes(first.cause);
  const said = first ? `${first.cause}, ${first.confidence}` : "nothing";
  return {
    file: label.file,
    isRight,
    isCertainlyWrong: isClaimed && !isRight,
    text: `${label.file}: ${said}; right is ${label.cause ?? "that it cannot be known"}`,
  };
}

/** Shares of all traces, 0..1. */
export interface Score {
  readonly traces: number;
  readonly rightFirst: number;
  readonly certainlyWrong: number;
}

/** The shares of a set of verdicts. */
export function scoreOf(verdicts: readonly Verdict[]): Score {
  const share = (is: (verdict: Verdict) => boolean): number =>
    verdicts.filter(is).length / verdicts.length;
  return {
    traces: verdicts.length,
    rightFirst: share(({ isRight }) => isRight),
    certainlyWrong: share(({ isCertainlyWrong }) => isCertainlyWrong),
  };
}

/** One line of a score for people. */
export function formatScore(name: string, { traces, rightFirst, certainlyWrong }: Score): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return `${name}: of ${traces} traces ${percent(rightFirst)} right first, ${percent(certainlyWrong)} certain and wrong`;
}
