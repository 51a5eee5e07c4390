import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { Ends } from "./kernel-queues.ts";
import type { Sending } from "./sending.ts";
import type { StallWatched } from "./stall-watch.ts";

/**
 * The body of an HTTP answer and its reader. What waits for that is counted, and when it takes
 * nothing any more it is told of by `onStalled`, which has to end the answer.
 */
export function readableBody(
  body: AsyncIterable<Uint8Array | string>,
  response: ServerResponse,
  { budget, stalls }: Sending,
  onStalled: StallWatched["onStalled"],
): { readonly readable: Readable; readonly reader: StallWatched } {
  let producedBytes = 0;
  let countedBytes = 0;
  let isWaiting = false;
  let isClosed = response.destroyed;
  async function* counted(): AsyncGenerator<Uint8Array | string> {
    for await (const piece of body) {
      producedBytes += Buffer.byteLength(piece);
      yield piece;
    }
  }
  const readable = Readable.from(counted(), { objectMode: false });
  const reader: StallWatched = {
    get queuedBytes() {
      return readable.readableLength + response.writableLength;
    },
    get taken() {
      return producedBytes - this.queuedBytes;
    },
    get ends() {
      return (response.socket ?? {}) as Ends;
    },
    onStalled,
  };
  const recount = (queuedBytes: number): void => {
    if (isClosed && queuedBytes > 0) return;
    budget.recount(countedBytes, queuedBytes);
    countedBytes = queuedBytes;
    if (queuedBytes > 0) stalls.watch(reader);
  };
  const wait = (waits: boolean): void => {
    if (waits === isWaiting || (isClosed && waits)) return;
    isWaiting = waits;
    if (waits) budget.beginWait();
    else budget.endWait();
  };
  // The pipe to the response pauses while that is full.
  readable.on("pause", () => {
    wait(true);
    recount(reader.queuedBytes);
  });
  readable.on("resume", () => {
    wait(false);
    recount(reader.queuedBytes);
  });
  readable.once("end", () => recount(reader.queuedBytes));
  // The pipe pauses once more when the response has gone.
  response.once("close", () => {
    isClosed = true;
    wait(false);
    recount(0);
    stalls.forget(reader);
  });
  return { readable, reader };
}
