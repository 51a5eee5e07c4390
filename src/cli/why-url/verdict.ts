import type { UrlReport } from "../../why/check-url.ts";
import {
  describeWhyCause,
  fillKnown,
  whyCauseRow,
  type WhyCauseId,
} from "../../why/field-causes.ts";
import { quote } from "../../why/redact.ts";
import type { UrlFinding } from "../../why/url/finding.ts";
import type { ProbeFailure, StepResult } from "./report-row.ts";

/** What it comes to. */
export interface Verdict {
  /** Undefined where nobody was asked. */
  readonly works: boolean | undefined;
  /** Whether it works, or the reason why it does not is known. */
  readonly isExplained: boolean;
  readonly cause: WhyCauseId | undefined;
  readonly what: string;
  readonly why: string | undefined;
  readonly change: readonly string[];
}

/** What can be said without having asked the server, or where it cannot be asked. */
export function judgeAddress({ route, findings }: UrlReport): Verdict {
  const errors = findings.filter(({ level }) => level === "error");
  const cause = errors.find((each) => each.cause !== undefined)?.cause;
  const base = { cause, why: undefined, change: errors.map(adviceOf) };
  if (route === undefined) {
    const what = "The address leads to no speech socket, so nothing was tried.";
    return { ...base, works: false, isExplained: cause !== undefined, what };
  }
  const what =
    errors.length === 0
      ? "Nothing is wrong with the address by the documents."
      : `${errors.length === 1 ? "One thing is" : `${errors.length} things are`} wrong with the address.`;
  return { ...base, works: undefined, isExplained: true, what };
}

/** `clean` makes the server's words fit to be shown. */
export function judgeProbe(
  { failure, rows }: StepResult,
  report: UrlReport,
  hadKey: boolean,
  clean: (text: string) => string,
): Verdict {
  if (failure) return judgeFailure(failure, report, hadKey, clean);
  const differences = rows.filter(({ differs }) => differs).length;
  const others = report.findings.filter(({ level }) => level !== "note");
  return {
    works: true,
    isExplained: true,
    cause: undefined,
    what: describeSuccess(differences, others),
    why: undefined,
    change: others.map(adviceOf),
  };
}

function judgeFailure(
  { happened, said, cause }: ProbeFailure,
  report: UrlReport,
  hadKey: boolean,
  clean: (text: string) => string,
): Verdict {
  const words = said === undefined ? "" : quote(clean(said));
  const what = words === "" ? happened : `${happened} It said: ${words}`;
  return {
    works: false,
    isExplained: cause !== undefined,
    cause,
    what,
    why: cause === undefined ? "What was seen does not tell why." : describeWhyCause(cause),
    change: adviceFor(cause, report, hadKey),
  };
}

/** What the address has to do with it comes before what is generally to be done. */
function adviceFor(
  cause: WhyCauseId | undefined,
  { findings, route }: UrlReport,
  hadKey: boolean,
): readonly string[] {
  const errors = findings.filter(({ level }) => level === "error");
  if (cause === undefined) {
    const generally =
      "Look into the log of the server, and of every proxy before it, for this time.";
    return [...errors.map(adviceOf), ...(hadKey ? [] : [keyAdvice]), generally];
  }
  const ofCause = findings.filter((each) => each.cause === cause).map(adviceOf);
  if (ofCause.length > 0) return ofCause;
  if (cause === "authentication_required" && !hadKey) return [keyAdvice];
  const general = fillKnown(whyCauseRow(cause).advice, {});
  // The address names no voice there.
  const own = cause === "voice_not_found" && route === "tts-live" ? [voiceAdvice] : [];
  return [...own, general, ...errors.map(adviceOf)];
}

const voiceAdvice = "Name a voice of this server with --voice.";
const keyAdvice =
  "Name the environment variable that holds the key with --key-env, such as --key-env ELEVENLABS_API_KEY.";

const adviceOf = ({ where, advice }: UrlFinding): string => `${where}: ${advice}`;

function describeSuccess(differences: number, doubts: readonly UrlFinding[]): string {
  const difference = differences === 1 ? "1 difference" : `${differences} differences`;
  const how = differences === 0 ? "as documented" : `with ${difference} from the documents`;
  const isRight = doubts.every(({ level }) => level !== "error");
  return isRight ? `It works ${how}.` : `It works ${how}, but the address is not right: see above.`;
}
