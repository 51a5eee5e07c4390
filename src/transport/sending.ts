import type { ByteBudget } from "./byte-budget.ts";
import type { StallWatch } from "./stall-watch.ts";
import type { WholeFiles } from "./whole-files.ts";

/** What all connections of a server share that send audio. */
export interface Sending {
  readonly budget: ByteBudget;
  readonly stalls: StallWatch;
  readonly files: WholeFiles;
}

/** What waits for readers right now, for whoever shows how a server is doing. */
export interface SendingStatus {
  /** Bytes in the queues of all sockets and HTTP answers, outside of the kernel. */
  readonly queuedBytes: number;
  /** While more than this is queued, each connection may queue one frame. */
  readonly limitBytes: number;
  /** Bytes of files that are sent in one go, and of which not all is there or sent. */
  readonly fileBytes: number;
  /** Connections that would send, and have no room. */
  readonly waiting: number;
  /** Readers so far that had stopped reading, and were dropped for it. */
  readonly stalled: number;
}

export function statusOf({ budget, stalls, files }: Sending): SendingStatus {
  const { queuedBytes, limitBytes, waiting } = budget;
  return {
    queuedBytes,
    limitBytes,
    fileBytes: files.heldBytes,
    waiting,
    stalled: stalls.stalled,
  };
}
