import { type LinePattern, refused } from "./line-event.ts";

export type NetworkFailure =
  | "refused"
  | "unresolved"
  | "untrusted"
  | "encryptedToPlain"
  | "plainToEncrypted"
  | "unreachable";

/** What operating systems, libraries and browsers say where no connection came about. */
export const networkFailures: Readonly<Record<NetworkFailure, RegExp>> = {
  encryptedToPlain:
    /\bWRONG_VERSION_NUMBER\b|\bwrong version number\b|\bERR_SSL_(?:PROTOCOL_ERROR|WRONG_VERSION_NUMBER)\b|\bpacket length too long\b|\bSSL_ERROR_RX_RECORD_TOO_LONG\b|\brecord layer failure\b|\bfirst record does not look like a TLS handshake\b|\bEPROTO\b/i,
  untrusted:
    /\bCERTIFICATE_VERIFY_FAILED\b|\bself[- ]signed certificate\b|\bDEPTH_ZERO_SELF_SIGNED_CERT\b|\bUNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT\w*)\b|\bunable to verify the first certificate\b|\bERR_CERT_\w+\b|\bCERT_HAS_EXPIRED\b|\bcertificate has expired\b|\bERR_TLS_CERT_ALTNAME_INVALID\b|\bClientConnectorCertificateError\b|\bSEC_ERROR_UNKNOWN_ISSUER\b|\bHostname mismatch\b|\bunable to get local issuer certificate\b|\bx509: certificate\b|\bfailed to verify certificate\b|\bcertificate is not (?:yet )?valid\b/i,
  plainToEncrypted:
    /\bERR_INVALID_HTTP_RESPONSE\b|\bdid not receive a valid HTTP (?:response|request)\b|\bParse Error: Expected HTTP\b|\bHPE_INVALID_CONSTANT\b|\bplain HTTP request was sent to HTTPS port\b|\bClient sent an HTTP request to an HTTPS server\b|\bbad status line\b|\bInvalidMessage\b|\bInvalid status line\b|\bmalformed HTTP response\b/i,
  refused:
    /\bECONNREFUSED\b|\bConnect call failed\b|\bConnection refused\b|\bERR_CONNECTION_REFUSED\b|\bWinError 10061\b|\bactively refused\b/i,
  unresolved:
    /\bENOTFOUND\b|\bEAI_AGAIN\b|\bName or service not known\b|\bnodename nor servname\b|\bgetaddrinfo failed\b|\bERR_NAME_NOT_RESOLVED\b|\bName does not resolve\b|\bTemporary failure in name resolution\b|\bClientConnectorDNSError\b|\bNo address associated with hostname\b|\bWinError 11001\b|\bgaierror\b|\bno such host\b/i,
  unreachable:
    /\bETIMEDOUT\b|\bENETUNREACH\b|\bEHOSTUNREACH\b|\bERR_CONNECTION_TIMED_OUT\b|\bERR_INTERNET_DISCONNECTED\b|\bERR_NETWORK_CHANGED\b|\bERR_ADDRESS_UNREACHABLE\b|\bNetwork is unreachable\b|\bNo route to host\b|\btimed out (?:during|while waiting for)(?: the)? (?:opening )?handshake\b|\bConnection timeout to host\b|\bOpening handshake has timed out\b|\bConnectionTimeoutError\b|\bConnectTimeout\b|\bConnection timed out\b(?! after)|\bconnect(?:ion)? (?:attempt )?timed out\b(?! after)|\btimed out (?:while )?connecting\b|\bi\/o timeout\b/i,
};

/** A request of something else, whose failure says nothing of the socket. */
const otherRequest = /\bhttps?:\/\/(?!\S*(?:text-to-speech|convai|\/tts|get_speech|stream-input))/i;

/** A proxy tells of its own connections. */
const proxyLog = /\bupstream\b/i;

export const networkLines: readonly LinePattern[] = Object.values(networkFailures).map(
  (pattern) => ({
    pattern,
    read: ({ input }) =>
      otherRequest.test(input) || proxyLog.test(input)
        ? undefined
        : refused(undefined, input.slice(0, 600)),
  }),
);
