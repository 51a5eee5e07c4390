import { SpeechError } from "../../protocol/problems.ts";
import {
  beginning,
  closed,
  type Reproduction,
  type ReproductionsOf,
  sentence,
  streamInputPath,
} from "./reproduction.ts";

/** What is told to a client when its voice fails. */
const failing = (does: string, error: Error): Reproduction => ({
  does,
  async run({ voices, open }) {
    voices.failWith(error);
    const client = await open(streamInputPath);
    client.send(beginning, { text: sentence }, { text: "" });
    await closed(client);
  },
});

/** Ends that are the server's own fault, or its own wish. */
export const byFaults: ReproductionsOf<
  "engine_failed" | "internal_error" | "records_unavailable" | "shutting_down"
> = {
  engine_failed: failing("A voice's engine fails on a text.", new SpeechError("engine_failed")),
  internal_error: failing(
    "The server meets an error that nobody has foreseen.",
    new Error("unforeseen"),
  ),
  records_unavailable: {
    does: "A client shows a single-use token while the database does not answer.",
    replaceStores: ({ stores: { tokens } }) => ({
      tokens: {
        mint: (keyId, limits, lifetimeSeconds) => tokens.mint(keyId, limits, lifetimeSeconds),
        use: () => Promise.reject(new Error("no answer")),
      },
    }),
    async run({ open }) {
      const client = await open(`${streamInputPath}?single_use_token=any`, { headers: {} });
      await closed(client);
    },
  },
  shutting_down: {
    does: "The server is told to end while a socket is open.",
    async run({ open, restart }) {
      const client = await open(streamInputPath);
      client.send(beginning);
      await client.settled();
      await restart();
      await closed(client);
    },
  },
};
