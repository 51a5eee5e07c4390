/**
 * Why a turn did not come to its end.
 * - `unreachable`: no connection; `code` is the system's error code
 * - `refused`: the upgrade was answered with the HTTP status `code`
 * - `error`: an error frame; `code` is its name
 * - `closed`: the socket closed before the turn was complete; `code` is the close code
 * - `timeout`: nothing came any more
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

/**
 * The words of a server, made fit for a terminal and a report: one line, nothing that steers a
 * terminal, and without the key, should the server have repeated it.
 */
export function cleanReason(reason: string, apiKey: string | undefined): string {
  const hidden = apiKey ? reason.replaceAll(apiKey, "***") : reason;
  const line = hidden.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return line.length > longestReason ? `${line.slice(0, longestReason)}…` : line;
}

const sentences: Readonly<Record<FailureKind, (code: string) => string>> = {
  unreachable: (code) => `not reachable: ${code}`,
  refused: (code) => `HTTP ${code}`,
  error: (code) => `error ${code}`,
  closed: (code) => `closed with ${code}`,
  timeout: () => "no answer any more",
  no_audio: () => "no audio",
  unreadable_audio: () => "audio not in the format asked for",
  unreadable_frame: () => "a frame that is no JSON object",
};

/** What failures are counted by: kind and code, without the words around them. */
export function nameOf({ kind, code = "" }: Failure): string {
  return sentences[kind](code);
}
