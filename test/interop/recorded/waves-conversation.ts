import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { openWaves, type WavesFrame } from "../../support/waves.ts";

const step = z.union([
  z.strictObject({ send: z.record(z.string(), z.unknown()) }),
  z.strictObject({ pauseMs: z.number() }),
  /** Waits for one more frame of this status. */
  z.strictObject({ await: z.string() }),
  /** The client closes the socket without a word. */
  z.strictObject({ leave: z.literal(true) }),
]);

const conversation = z.strictObject({
  client: z.string(),
  /** Where the order of messages was read. */
  source: z.url(),
  path: z.string(),
  /** `{key}` stands for the server's key. */
  headers: z.record(z.string(), z.string()),
  /** What the client cannot do without. */
  needs: z.array(z.string()),
  steps: z.array(step),
  /** What is spoken up to each `complete`. */
  turns: z.array(z.string()),
});

/** What a client of Waves says, and what it hopes for. */
export type WavesConversation = z.infer<typeof conversation>;

const folder = new URL("waves-conversations/", import.meta.url);

/** All conversations on file. */
export const wavesConversations: ReadonlyMap<string, WavesConversation> = new Map(
  readdirSync(folder).map((file) => [
    file.replace(/\.json$/, ""),
    conversation.parse(JSON.parse(readFileSync(new URL(file, folder), "utf8"))),
  ]),
);

/** A frame and when it came, in ms of an unnamed clock. */
export interface HeardFrame {
  readonly frame: WavesFrame;
  readonly atMs: number;
}

/** Plays the client's side of a conversation against a server; gives what it heard. */
export async function playWaves(
  { path, headers, steps }: WavesConversation,
  server: { readonly wsUrl: string; readonly key: string },
): Promise<readonly HeardFrame[]> {
  const filled = Object.entries(headers).map(([name, value]) => [
    name,
    value.replace("{key}", server.key),
  ]);
  const client = await openWaves(server.wsUrl, { path, headers: Object.fromEntries(filled) });
  const heard: HeardFrame[] = [];
  client.socket.on("message", (data) => {
    heard.push({ frame: JSON.parse(String(data)) as WavesFrame, atMs: performance.now() });
  });
  const awaited = new Map<string, number>();
  for (const each of steps) {
    if ("send" in each) client.send(each.send);
    else if ("pauseMs" in each) await sleep(each.pauseMs);
    else if ("await" in each) {
      const count = (awaited.get(each.await) ?? 0) + 1;
      awaited.set(each.await, count);
      await client.heard(each.await, count);
    } else client.socket.close();
  }
  await client.closed;
  return heard;
}
