/**
 * Why a turn did not come to its end.
 * - `unreachable`: no connection; `code` is the system's error code
 * - `refused`: the upgrade was answered with the HTTP status `code`
 * - `error`: an error frame; `code` is its name
 * - `closed`: the socket closed before the turn was complete; `code` is the close code
 * - `timeout`: nothing came any more
 * - `endless`: more came than the speech of any text
 * - `no_audio`: the turn ended properly, and nothing could be heard
 * - `unreadable_audio`: what came is not in the format that was asked for
 * - `unreadable_frame`: a message that is no JSON object of the protocol
 */
export type FailureKind =
  | "unreachable"
  | "refused"
  | "error"
  | "closed"
  | "timeout"
  | "endless"
  | "no_audio"
  | "unreadable_audio"
  | "unreadable_frame";

export interface Failure {
  readonly kind: FailureKind;
  readonly code?: string;
  /** The server's own words, in one short line. */
  readonly reason?: string;
}

const longestReason = 160;

/** A failure whose code and reason, which may be a server's own words, are fit for a terminal and a report. */
export function cleanFailure(failure: Failure, apiKey: string | undefined): Failure {
  const { kind, code, reason } = failure;
  return {
    kind,
    ...(code !== undefined && { code: cleanWords(code, apiKey) }),
    ...(reason !== undefined && { reason: cleanWords(reason, apiKey) }),
  };
}

/** One line, nothing that steers a terminal, and without the key, should the server have repeated it. */
function cleanWords(words: string, apiKey: string | undefined): string {
  const hidden = apiKey ? words.replaceAll(apiKey, "***") : words;
  const line = hidden.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return line.length > longestReason ? `${line.slice(0, longestReason)}…` : line;
}

const sentences: Readonly<Record<FailureKind, (code: string) => string>> = {
  unreachable: (code) => `not reachable: ${code}`,
  refused: (code) => `HTTP ${code}`,
  error: (code) => `error ${code}`,
  closed: (code) => `closed with ${code}`,
  timeout: () => "no answer any more",
  endless: () => "no end",
  no_audio: () => "no audio",
  unreadable_audio: () => "audio not in the format asked for",
  unreadable_frame: () => "a frame that is no JSON object",
};

/** What failures are counted by: kind and code, without the words around them. */
export function nameOf({ kind, code = "" }: Failure): string {
  return sentences[kind](code);
}
