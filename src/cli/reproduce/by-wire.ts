import type { Bench } from "./bench.ts";
import { until } from "./patience.ts";
import { rawRequest } from "./raw-client.ts";
import { type ReproductionsOf, streamInputPath } from "./reproduction.ts";

/** Says something on a connection of its own, which the server answers and closes. */
async function say({ connect }: Bench, bytes: string): Promise<void> {
  const client = await connect();
  client.write(bytes);
  await until("it was answered", () => client.isClosed);
}

/** What a client sends with an upgrade (RFC 6455 section 4.1), but for the version. */
const oldHandshake = {
  host: "127.0.0.1",
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "7",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
} as const;

/** Ends that come of what is below HTTP and WebSockets, or of other versions of them. */
export const byWire: ReproductionsOf<
  | "tls_on_plain_port"
  | "plain_on_tls_port"
  | "malformed_request"
  | "headers_too_large"
  | "host_not_allowed"
  | "invalid_handshake"
> = {
  tls_on_plain_port: {
    does: "A client speaks https to a port that is plain HTTP.",
    run: ({ ask, server }) => ask(`${server.url.replace("http:", "https:")}/v1/voices`),
  },
  plain_on_tls_port: {
    does: "A client speaks plain HTTP to a port that is encrypted.",
    isEncrypted: true,
    async run({ ask, server, restart }) {
      await ask(`${server.url.replace("https:", "http:")}/v1/voices`);
      await restart();
    },
  },
  malformed_request: {
    does: "A client says something that is no HTTP.",
    run: (bench) => say(bench, "HELLO\r\n\r\n"),
  },
  headers_too_large: {
    does: "A client sends headers of 17 KiB.",
    run(bench) {
      const headers = { host: "127.0.0.1", "x-note": "a".repeat(17 * 1024) };
      return say(bench, rawRequest("GET /v1/voices", headers));
    },
  },
  host_not_allowed: {
    does: "A client calls the server by a name that is none of its own.",
    flags: { allowedHosts: "127.0.0.1" },
    run(bench) {
      const headers = { host: "rebound.example.com", connection: "close" };
      return say(bench, rawRequest("GET /v1/voices", headers));
    },
  },
  invalid_handshake: {
    does: "A client opens a socket in an older version of the protocol.",
    run(bench) {
      const headers = { ...oldHandshake, "xi-api-key": bench.key };
      return say(bench, rawRequest(`GET ${streamInputPath}`, headers));
    },
  },
};
