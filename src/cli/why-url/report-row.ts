import type { WhyCauseId } from "../../why/field-causes.ts";

/** One thing that was tried: what the documents say of it, and what the server does. */
export interface ReportRow {
  readonly what: string;
  /** Empty where the documents say nothing. */
  readonly documented: string;
  readonly seen: string;
  readonly differs: boolean;
}

/** Why a server does not do what it is there for. */
export interface ProbeFailure {
  /** One sentence. */
  readonly happened: string;
  /** What the server or the network said of it, in its own words; not yet fit to be shown. */
  readonly said: string | undefined;
  /** Undefined where what was seen does not tell. */
  readonly cause: WhyCauseId | undefined;
}

/** What one step of a probe found out. */
export interface StepResult {
  readonly rows: readonly ReportRow[];
  readonly failure: ProbeFailure | undefined;
}

/** A time as people read it. */
export const formatMs = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

/** What there was no time for any more. */
export const notTried = (what: string, documented: string): ReportRow => ({
  what,
  documented,
  seen: "not tried: the time of --patience was over",
  differs: false,
});
