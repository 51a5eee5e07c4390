import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type Closed, type Frame, openStreamInput } from "../../support/stream-input.ts";

const step = z.union([
  z.strictObject({ send: z.record(z.string(), z.unknown()) }),
  z.strictObject({ pauseMs: z.number() }),
  /** Waits for the first audio of a context; on a socket with one stream there is no name. */
  z.strictObject({ awaitAudio: z.string().nullable() }),
  z.strictObject({ awaitFinal: z.string().nullable() }),
  /** The client closes the socket without a word. */
  z.strictObject({ leave: z.literal(true) }),
]);

const conversation = z.strictObject({
  client: z.string(),
  /** Where the order of messages was read. */
  source: z.url(),
  endpoint: z.enum(["stream-input", "multi-stream-input"]),
  voice: z.string(),
  query: z.string(),
  /** `{key}` stands for the server's key, here and in messages. */
  headers: z.record(z.string(), z.string()),
  /** What the client looks at, and what it cannot do without; the reader of its name does the same. */
  reads: z.array(z.string()),
  needs: z.array(z.string()),
  steps: z.array(step),
  /** The text each context has to speak; the only one of a socket with one stream is `""`. */
  spoken: z.record(z.string(), z.string()),
  /** The server's Close frame; null when the client is the one that leaves. */
  closed: z.object({ code: z.number(), reason: z.string() }).nullable(),
});

/** What a client says, and what it hopes for. */
export type Conversation = z.infer<typeof conversation>;

const folder = new URL("conversations/", import.meta.url);

/** All conversations on file. */
export const conversations: ReadonlyMap<string, Conversation> = new Map(
  readdirSync(folder).map((file) => [
    file.replace(/\.json$/, ""),
    conversation.parse(JSON.parse(readFileSync(new URL(file, folder), "utf8"))),
  ]),
);

/** What the server did in answer. */
export interface Played {
  /** Text frames as they came. */
  readonly raw: readonly string[];
  readonly closed: Closed;
  readonly upgradeHeaders: Readonly<Record<string, string | string[] | undefined>>;
}

/** A frame of a socket with many contexts says whose it is. */
export interface NamedFrame extends Frame {
  readonly contextId?: string | null;
}

/** Plays the client's side of a conversation against a server. */
export async function play(
  { endpoint, voice, query, headers, steps }: Conversation,
  server: { readonly wsUrl: string; readonly key: string },
): Promise<Played> {
  const fill = <Value>(value: Value): Value =>
    JSON.parse(JSON.stringify(value).replaceAll("{key}", server.key)) as Value;
  const path = `/v1/text-to-speech/${voice}/${endpoint}`;
  const client = await openStreamInput(server.wsUrl, { path, query, headers: fill(headers) });
  const heard = (context: string | null, passes: (frame: Frame) => boolean): Promise<Frame> =>
    client.frame((frame: NamedFrame) => (frame.contextId ?? null) === context && passes(frame));
  for (const each of steps) {
    if ("send" in each) client.send(fill(each.send));
    else if ("pauseMs" in each) await sleep(each.pauseMs);
    else if ("awaitAudio" in each) await heard(each.awaitAudio, ({ audio }) => Boolean(audio));
    else if ("awaitFinal" in each) await heard(each.awaitFinal, ({ isFinal }) => isFinal === true);
    else client.socket.close();
  }
  const closed = await client.closed;
  return { raw: client.raw, closed, upgradeHeaders: client.headers };
}
