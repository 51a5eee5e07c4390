import { describe, expect, it } from "vitest";
import { causeOfUnreachable } from "./opening-failure.ts";

describe("a connection that never was", () => {
  it.each([
    ["ENOTFOUND", "getaddrinfo ENOTFOUND nothing.invalid", "name_not_found"],
    ["EAI_AGAIN", "getaddrinfo EAI_AGAIN h", "name_not_found"],
    ["ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1", "connection_refused"],
    ["ETIMEDOUT", "connect ETIMEDOUT", "network_unreachable"],
    ["EHOSTUNREACH", "connect EHOSTUNREACH", "network_unreachable"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate", "certificate_not_trusted"],
    ["CERT_HAS_EXPIRED", "certificate has expired", "certificate_not_trusted"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "Hostname/IP does not match", "certificate_not_trusted"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify", "certificate_not_trusted"],
    ["EPROTO", "write EPROTO C0:SSL routines::wrong version number", "tls_on_plain_port"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "SSL routines::wrong version number", "tls_on_plain_port"],
    ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "packet length too long", "tls_on_plain_port"],
    ["", "Invalid Sec-WebSocket-Accept header", "proxy_no_upgrade"],
    ["HPE_INVALID_CONSTANT", "Parse Error: Expected HTTP/", "plain_on_tls_port"],
    // These may mean several things.
    ["ECONNRESET", "socket hang up", undefined],

    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "alert certificate required", undefined],
  ])("with %s is %s", (code, message, cause) => {
    expect(causeOfUnreachable({ kind: "unreachable", code, message })).toBe(cause);
  });
});
