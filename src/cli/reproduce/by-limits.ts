import { makeKey, speakWith } from "./by-credentials.ts";
import { rawRequest } from "./raw-client.ts";
import {
  asking,
  beginning,
  closed,
  openHeld,
  type ReproductionsOf,
  sentence,
  speechPath,
  streamInputPath,
} from "./reproduction.ts";

const speaking = { method: "POST", body: { text: sentence } } as const;

/** Ends that come of limits that somebody has set. */
export const byLimits: ReproductionsOf<
  | "quota_exceeded"
  | "rate_limited"
  | "too_many_concurrent_requests"
  | "server_busy"
  | "too_many_connections"
  | "request_timeout"
  | "origin_not_allowed"
> = {
  quota_exceeded: {
    does: "A client asks for more text than the five characters of its key's quota.",
    async run(bench) {
      const character_quota = { characters: 5, period: "day" };
      await speakWith(bench, await makeKey(bench, { character_quota }));
    },
  },
  rate_limited: {
    does: "A client asks twice at once with a key for one request a second.",
    async run(bench) {
      const { xi_api_key: key } = await makeKey(bench, { requests_per_second: 1 });
      await bench.look("/v1/voices", { key });
      await bench.ask("/v1/voices", { key });
    },
  },
  too_many_concurrent_requests: {
    does: "A client asks for speech while another is spoken to, at a server that speaks to one.",
    flags: { maxConcurrency: "1", concurrencyQueueMs: "0" },
    async run(bench) {
      await openHeld(bench);
      await bench.ask(speechPath, speaking);
    },
  },
  server_busy: {
    does: "A client asks for a stream while another listens, of a voice that takes the whole machine.",
    flags: { overload: "refuse" },
    async run(bench) {
      const { voices, clock, open, ask } = bench;
      voices.makeCostly();
      // What the voice costs is learned from its first words.
      const first = await open(streamInputPath);
      first.send(beginning, { text: sentence }, { text: "" });
      await closed(first);
      clock.skip(60_000);
      await openHeld(bench);
      await ask(`${speechPath}/stream`, speaking);
    },
  },
  too_many_connections: {
    does: "An address behind a proxy opens a second socket, at a server that allows each one.",
    flags: { maxConnectionsPerAddress: "1", trustProxy: "loopback" },
    async run({ open, key }) {
      const headers = { "xi-api-key": key, "x-forwarded-for": "198.51.100.7" };
      await open(streamInputPath, { headers });
      await open(streamInputPath, { headers });
    },
  },
  request_timeout: {
    does: "A client sends the beginning of a request's body, and nothing more.",
    async run({ connect, passUntil, key }) {
      const client = await connect();
      const head = {
        host: "127.0.0.1",
        "xi-api-key": key,
        "content-type": "application/json",
        "content-length": "1000",
      };
      client.write(`${rawRequest(`POST ${speechPath}`, head)}{"text":`);
      await passUntil("the request is given up", () => client.isClosed);
    },
  },
  origin_not_allowed: asking(
    "A web page of another origin asks the server.",
    "/v1/voices",
    { headers: { origin: "https://elsewhere.example.com" } },
    { flags: { allowedOrigins: "https://app.example.com" } },
  ),
};
