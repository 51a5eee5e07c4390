import { until } from "./patience.ts";
import {
  beginning,
  closed,
  openHeld,
  type Reproduction,
  type ReproductionsOf,
  sentence,
  speechPath,
  streamInputPath,
} from "./reproduction.ts";

/** A client that closes a socket on which nothing is spoken. */
const closing = (does: string, code: number, reason: string): Reproduction => ({
  does,
  async run({ open }) {
    const client = await open(streamInputPath);
    client.send(beginning);
    await client.settled();
    client.close(code, reason);
    await closed(client);
  },
});

/** More sound than the kernels of both sides take. */
const longText = "The tide comes in and the tide goes out again. ".repeat(190);

/** Ends that come of clients that go, or of what lies between. */
export const byGoing: ReproductionsOf<
  | "client_closed"
  | "client_closed_midway"
  | "client_closed_with_code"
  | "client_frame_limit"
  | "client_ping_timeout"
  | "client_lost"
  | "peer_silent"
  | "reader_stalled"
  | "request_complete"
  | "request_abandoned"
> = {
  client_closed: closing("A client closes its socket when nothing is spoken.", 1000, ""),
  client_closed_midway: {
    does: "A client closes its socket while it is spoken to.",
    async run(bench) {
      const client = await openHeld(bench);
      client.close(1000);
      await closed(client);
    },
  },
  client_closed_with_code: closing(
    "A client closes its socket with a code of its own, 4001.",
    4001,
    "the user has hung up",
  ),
  client_frame_limit: {
    does: "A client that takes messages of 1000 bytes is sent a larger one.",
    async run({ open }) {
      const client = await open(streamInputPath, { maxMessageBytes: 1000 });
      client.send(beginning, { text: sentence, flush: true });
      await closed(client);
    },
  },
  client_ping_timeout: closing(
    "A client's library closes the socket because it has seen no answer to its ping.",
    1011,
    "keepalive ping timeout",
  ),
  client_lost: {
    does: "A client's process ends, and its connection with it.",
    async run({ open }) {
      const client = await open(streamInputPath);
      client.send(beginning);
      await client.settled();
      client.vanish();
      await closed(client);
    },
  },
  peer_silent: {
    does: "A client answers none of the server's pings for a minute.",
    async run({ open, passUntil }) {
      const client = await open(`${streamInputPath}?inactivity_timeout=180`, {
        answersPings: false,
      });
      client.send(beginning);
      await client.settled();
      await passUntil("the socket is dropped", () => client.isClosed);
    },
  },
  reader_stalled: {
    does: "A client reads nothing of a long text for five seconds.",
    flags: { stallSeconds: "5" },
    async run({ open, passUntil, server }) {
      const client = await open(
        `${streamInputPath}?output_format=pcm_16000&inactivity_timeout=180`,
      );
      client.stopReading();
      client.send(beginning, { text: longText, flush: true });
      await until("nothing more can be sent", () => server.sending.waiting === 1);
      await passUntil("the socket is dropped", () => server.sessions === 0, 250);
      client.readOn();
      await closed(client);
    },
  },
  request_complete: {
    does: "A client asks for speech over HTTP and takes all of it.",
    run: ({ ask }) => ask(speechPath, { method: "POST", body: { text: sentence } }),
  },
  request_abandoned: {
    does: "A client that has asked for speech over HTTP goes before it is there.",
    async run({ voices, ask }) {
      voices.hold();
      const client = new AbortController();
      const { signal } = client;
      const asked = ask(speechPath, { method: "POST", body: { text: sentence }, signal });
      await until("it is asked to speak", () => voices.begun > 0);
      client.abort();
      await asked;
    },
  },
};
