import { until } from "./patience.ts";
import { closed, multiPath, openHeld, type ReproductionsOf, sentence } from "./reproduction.ts";
import type { SocketClient } from "./socket-client.ts";

const context_id = "turn";

/** Resolves when a client was told that its context has ended. */
async function final({ received }: SocketClient): Promise<void> {
  const isFinal = (message: string): boolean => /"isFinal": ?true/.test(message);
  await until("the context has ended", () => received.some(isFinal));
}

async function leave(client: SocketClient): Promise<void> {
  client.close(1000);
  await closed(client);
}

/** Ends of contexts, whose connection goes on. */
export const byContexts: ReproductionsOf<
  "context_closed" | "context_cancelled" | "context_idle" | "context_unused"
> = {
  context_closed: {
    does: "A client has a sentence spoken in a context and closes the context.",
    async run({ open }) {
      const client = await open(multiPath);
      client.send({ text: sentence, context_id }, { context_id, close_context: true });
      await final(client);
      await leave(client);
    },
  },
  context_cancelled: {
    does: "A client that has asked for x_discard_on_close closes a context which is being spoken.",
    async run(bench) {
      const path = `${multiPath}?x_discard_on_close=true`;
      const client = await openHeld(bench, path, { text: sentence, context_id, flush: true });
      client.send({ context_id, close_context: true });
      await final(client);
      await leave(client);
    },
  },
  context_idle: {
    does: "A client has a sentence spoken in a context, and names it no more while it goes on with others.",
    async run({ open, clock }) {
      const client = await open(multiPath);
      client.send({ text: sentence, context_id, flush: true });
      await until("the sentence was spoken", () => client.received.length > 0);
      const goOn = (): void => {
        if (!client.isClosed) client.send({ text: "", context_id: "another" });
        clock.skip(1000);
      };
      const isFinal = (message: string): boolean => /"isFinal": ?true/.test(message);
      await until("the context has ended", () => client.received.some(isFinal), goOn);
      await leave(client);
    },
  },
  context_unused: {
    does: "A client opens a context with a blank and closes it.",
    async run({ open }) {
      const client = await open(multiPath);
      client.send({ text: " ", context_id }, { context_id, close_context: true });
      await client.settled();
      await leave(client);
    },
  },
};
