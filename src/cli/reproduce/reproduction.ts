import type { RecordedCauseId } from "../../protocol/causes.ts";
import type { Bench, BenchOptions } from "./bench.ts";
import type { Asked } from "./http-client.ts";
import { until } from "./patience.ts";
import type { SocketClient } from "./socket-client.ts";

/** How one cause is brought about, with a server of its own. */
export interface Reproduction extends BenchOptions {
  /** What is done, in one sentence. */
  readonly does: string;
  /** Resolves when it has been done, and the client has seen what came of it. */
  readonly run: (bench: Bench) => Promise<void>;
}

export type ReproductionsOf<Id extends RecordedCauseId> = Readonly<Record<Id, Reproduction>>;

export const speechPath = "/v1/text-to-speech/tone";
export const streamInputPath: string = `${speechPath}/stream-input`;
export const multiPath: string = `${speechPath}/multi-stream-input`;

/** How most clients begin. */
export const beginning = { text: " " } as const;
export const sentence = "Hello there. ";

/** Something that one request is enough for. */
export const asking = (
  does: string,
  path: string,
  asked: Asked = {},
  options: BenchOptions = {},
): Reproduction => ({ ...options, does, run: (bench) => bench.ask(path, asked) });

/** The same with a JSON body. */
export const posting = (
  does: string,
  path: string,
  body: unknown,
  options: BenchOptions = {},
): Reproduction => asking(does, path, { method: "POST", body }, options);

/** Something that ends a socket which has been opened and has sent these messages. */
export const sending = (
  does: string,
  path: string,
  messages: readonly object[],
  options: BenchOptions = {},
): Reproduction => ({
  ...options,
  does,
  async run(bench) {
    const client = await bench.open(path);
    if (client.isClosed) return;
    client.send(...messages);
    await closed(client);
  },
});

/** Resolves when a socket is closed, by whomever. */
export async function closed(client: SocketClient): Promise<void> {
  await until("the socket is closed", () => client.isClosed);
}

/** Opens a socket that is asked to speak, which its voice does not do before it is released. */
export async function openHeld(
  { voices, open }: Bench,
  path: string = streamInputPath,
  ...messages: readonly object[]
): Promise<SocketClient> {
  const before = voices.begun;
  voices.hold();
  const client = await open(path);
  if (messages.length > 0) client.send(...messages);
  else client.send(beginning, { text: sentence, flush: true });
  await until("it is asked to speak", () => voices.begun > before);
  return client;
}
