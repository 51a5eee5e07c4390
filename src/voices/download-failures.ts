import { codeOf, explainWrite, VoiceError } from "./voice-error.ts";

/** An address without what may be secret in it. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** What an answer's status means for who asked; nothing if it is the file. */
export function explainStatus(response: Response, url: string): VoiceError | Error | undefined {
  const { status, headers } = response;
  const answer = `${shownUrl(url)} answers HTTP ${status}`;
  if (status === 404 || status === 410) {
    return new VoiceError(
      `There is nothing at ${shownUrl(url)} (HTTP ${status}): check the address; voices that are known by name: syrinx voices catalogue.`,
    );
  }
  if (status === 401 || status === 403) {
    return new VoiceError(`${answer}: fetch it with a browser and add the file.`);
  }
  // What comes later may be better: another attempt is made.
  if (status === 429 || status >= 500 || status === 416) return new Error(`HTTP ${status}`);
  if (status !== 200 && status !== 206) return new VoiceError(`${answer}: check the address.`);
  if (/^text\/html\b/.test(headers.get("content-type") ?? "")) {
    return new VoiceError(
      `${shownUrl(url)} is a web page: take the address of the file; on Hugging Face it has /resolve/ in it, not /blob/.`,
    );
  }
  return undefined;
}

/** Failures that another attempt would not change, in words; `hasBegun` when some of it came. */
export function explainFailure(
  error: unknown,
  url: string,
  hasBegun: boolean,
): VoiceError | undefined {
  const code = codeOf(error) ?? "";
  const byWriting = explainWrite(error, "the data folder");
  if (byWriting) return byWriting;
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(code)) {
    return new VoiceError(
      `The certificate of ${new URL(url).host} is not known here: name it with NODE_EXTRA_CA_CERTS=cert.pem.`,
    );
  }
  const reason = hasBegun ? undefined : unreachable[code];
  if (reason === undefined) return undefined;
  return new VoiceError(
    `${new URL(url).host} cannot be reached (${reason}): without internet, fetch ${shownUrl(url)} elsewhere and add the file.`,
  );
}

/** The innermost reason: `fetch` itself says only that it failed. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if (error.cause !== undefined) return reasonOf(error.cause);
  return error.message.replaceAll(/\s+/g, " ").slice(0, 100) || codeOf(error) || "unknown";
}

const unreachable: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name is not known here",
  EAI_AGAIN: "names cannot be looked up",
  ECONNREFUSED: "nobody listens there",
  ENETUNREACH: "there is no way to it",
  EHOSTUNREACH: "there is no way to it",
};
