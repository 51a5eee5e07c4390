import type { WhyCauseId } from "../../why/field-causes.ts";
import { networkWords } from "../../why/rules/network-words.ts";
import { causeOfClose, causeOfRefusal, readTold } from "../../why/told-cause.ts";
import { type Conversation, isEnd, isOpening } from "./conversation.ts";
import type { SocketEnd } from "./probe-socket.ts";
import type { Prober } from "./prober.ts";
import type { ProbeFailure } from "./report-row.ts";

type Unreachable = Extract<SocketEnd, { kind: "unreachable" }>;

/** How the WebSocket library says that what answers is no WebSocket server. */
const noUpgrade = /sec-websocket|upgrade header|subprotocol/i;

/** Error codes that a server gives to whoever speaks the wrong one of TLS and plain HTTP, too. */
const ambiguousCode = /^(?:ECONNRESET|EPIPE|ECONNABORTED|EPROTO|HPE_\w+|ERR_SSL_\w+)?$/;

/** The cause of a connection that never became a socket; undefined where it may have several. */
export function causeOfUnreachable({ code, message }: Unreachable): WhyCauseId | undefined {
  const words = `${code} ${message}`;
  const named = networkWords.find((row) => row.words.test(words))?.cause;
  return named ?? (noUpgrade.test(message) ? "proxy_no_upgrade" : undefined);
}

/** Why a socket did not open. */
export async function explainOpening(
  conversation: Conversation,
  prober: Prober,
): Promise<ProbeFailure> {
  const end = conversation.end?.end;
  switch (end?.kind) {
    case undefined:
      return explainSilence(conversation, prober);
    case "unreachable":
      return explainUnreachable(end, prober);
    case "refused":
      return explainRefusal(end, prober);
    case "closed":
      return {
        happened: `The connection was closed with ${end.code} before the socket was open.`,
        said: end.reason,
        cause: causeOfClose(end.code, end.reason),
      };
  }
}

function explainSilence(conversation: Conversation, { clock }: Prober): ProbeFailure {
  const seconds = ((clock.now() - conversation.begunAtMs) / 1000).toFixed(0);
  const isConnected = conversation.heard.some(({ type }) => type === "connected");
  return {
    happened: isConnected
      ? `Something takes connections there, but did not answer the handshake for ${seconds} seconds.`
      : `Nothing answered for ${seconds} seconds.`,
    said: undefined,
    cause: isConnected ? undefined : "network_unreachable",
  };
}

async function explainUnreachable(end: Unreachable, prober: Prober): Promise<ProbeFailure> {
  const named = causeOfUnreachable(end);
  const isAmbiguous =
    named === "plain_on_tls_port" || (named === undefined && ambiguousCode.test(end.code));
  return {
    happened: "The server could not be connected to.",
    said: [end.code, end.message].filter(Boolean).join(": "),
    cause: isAmbiguous ? await tryOtherScheme(prober) : named,
  };
}

/** Most servers answer at once. */
const otherSchemeMs = 3000;

/** Whether the server speaks TLS where the address says it does not, or the other way round. */
async function tryOtherScheme(prober: Prober): Promise<WhyCauseId | undefined> {
  const { url } = prober.target;
  const other = new URL(url);
  const isEncrypted = url.protocol === "wss:";
  other.protocol = isEncrypted ? "ws:" : "wss:";
  other.port = url.port || (isEncrypted ? "443" : "80");
  // What is meant to be encrypted must not go in the clear.
  const conversation = prober.openNameless(other);
  await conversation.wait(
    (heard) => isOpening(heard) || isEnd(heard),
    prober.within(otherSchemeMs),
  );
  const end = conversation.end?.end;
  const isSpoken =
    conversation.opened !== undefined ||
    end?.kind === "refused" ||
    (end?.kind === "unreachable" && causeOfUnreachable(end) === "certificate_not_trusted");
  conversation.drop();
  if (!isSpoken) return undefined;
  return isEncrypted ? "tls_on_plain_port" : "plain_on_tls_port";
}

function explainRefusal(
  { status, headers, body }: Extract<SocketEnd, { kind: "refused" }>,
  { hasCredential, target }: Prober,
): ProbeFailure {
  const isMoved = status >= 300 && status < 400;
  const leadsToTls =
    target.url.protocol === "ws:" && /^(?:https|wss):/i.test(headers["location"] ?? "");
  return {
    happened: isMoved
      ? `The server sent the handshake elsewhere (${status}), and WebSocket libraries do not follow.`
      : `The server answered the handshake with ${status} instead of 101.`,
    said: isMoved ? undefined : saidIn(body),
    cause: isMoved
      ? leadsToTls
        ? "plain_on_tls_port"
        : "not_found"
      : causeOfRefusal({ status, body, hadKey: hasCredential }),
  };
}

/** What people read of an answer: the message of a JSON body, the text of a page. */
function saidIn(body: string): string {
  try {
    const { codes, message } = readTold(JSON.parse(body));
    return [codes[0], message].filter(Boolean).join(": ");
  } catch {
    return body.replaceAll(/<(?:style|script)[^]*?<\/(?:style|script)>|<[^>]*>/gi, " ");
  }
}
