/** What is known about one way to fail. */
interface FailureRow {
  /** Whether the same request may work a moment later. */
  readonly isTransient: boolean;
  /** What it says something about: all of the server, this voice and model of it, or just a text. */
  readonly blames: "server" | "voice" | "text";
  readonly meaning: string;
}

/** Names one way in which another server can fail. */
export type UpstreamFailureCode =
  | "unreachable"
  | "connect_timeout"
  | "first_byte_timeout"
  | "stalled"
  | "too_slow"
  | "closed_early"
  | "busy"
  | "server_error"
  | "key_refused"
  | "request_refused"
  | "redirected"
  | "bad_answer"
  | "unusable_audio"
  | "no_audio"
  | "too_much_audio"
  | "incomplete"
  | "circuit_open";

const failures: Record<UpstreamFailureCode, FailureRow> = {
  unreachable: row(true, "server", "no connection"),
  connect_timeout: row(true, "server", "no connection in time"),
  first_byte_timeout: row(true, "server", "no audio in time"),
  stalled: row(true, "server", "the answer stopped coming"),
  too_slow: row(true, "server", "audio came slower than it is heard"),
  closed_early: row(true, "server", "the connection ended in the middle of the answer"),
  busy: row(true, "server", "too much to do"),
  server_error: row(true, "server", "an error of the server"),
  key_refused: row(false, "server", "the key was refused"),
  request_refused: row(false, "text", "this voice, model or text was refused"),
  redirected: row(false, "server", "it sent the request elsewhere, which is not followed"),
  bad_answer: row(false, "voice", "an answer that is not of its protocol"),
  unusable_audio: row(false, "voice", "audio other than 16-bit mono PCM"),
  no_audio: row(true, "voice", "an answer without audio"),
  too_much_audio: row(false, "voice", "more audio than the text can be"),
  incomplete: row(true, "voice", "less audio than the text must be"),
  circuit_open: row(false, "text", "not asked, because it failed too often"),
};

function row(isTransient: boolean, blames: FailureRow["blames"], meaning: string): FailureRow {
  return { isTransient, blames, meaning };
}

/** Every name, for docs/engines/remote.md. */
export const upstreamFailureCodes: readonly string[] = Object.keys(failures);

/** What may be known besides. */
export interface FailureDetails {
  /** The status of an HTTP answer, or the code that closed a socket. */
  readonly status?: number | undefined;
  /** How long the server asks to be left alone. */
  readonly retryAfterMs?: number | undefined;
  /** Whether the connection had been used before: it may have been dead already. */
  readonly isReused?: boolean | undefined;
}

/** Another server failed. Nothing of what it said is in here: it may hold text or a key. */
export class UpstreamFailure extends Error {
  override readonly name = "UpstreamFailure";
  readonly code: UpstreamFailureCode;
  readonly details: FailureDetails;

  constructor(code: UpstreamFailureCode, details: FailureDetails = {}) {
    const { status } = details;
    super(`${code}${status === undefined ? "" : ` (${status})`}: ${failures[code].meaning}`);
    this.code = code;
    this.details = details;
  }

  get isTransient(): boolean {
    return failures[this.code].isTransient;
  }

  get blames(): FailureRow["blames"] {
    return failures[this.code].blames;
  }
}

/** What the status of an answer means; undefined when it is a good one. */
export function failureOfStatus(
  status: number,
  retryAfterMs?: number,
): UpstreamFailure | undefined {
  if (status >= 200 && status < 300) return undefined;
  return new UpstreamFailure(codeOfStatus(status), { status, retryAfterMs });
}

function codeOfStatus(status: number): UpstreamFailureCode {
  if (status < 400) return "redirected";
  if (status === 429 || status === 503) return "busy";
  if (status === 401 || status === 402 || status === 403) return "key_refused";
  return status < 500 && status !== 408 ? "request_refused" : "server_error";
}
