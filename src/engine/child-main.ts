import { readSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { type ChildOrder, childPipes, encodeAnswer, FrameReader } from "./child-frames.ts";
import { stepBack } from "./own-thread.ts";
import type { WorkerAnswer } from "./pool-worker.ts";
import type { Pcm } from "./synthesizer.ts";

/** Hands a piece to the pool. What the processor worked for it is added. */
export type GivePiece = (piece: Pcm) => void;

/** What a child does. */
export interface ChildProgram<Job> {
  /** Told to the pool when the child is ready. */
  readonly info?: unknown;
  /**
   * Gives the pieces of one job; may end early when `signal` is aborted. It is while the program
   * works without returning to the event loop only if that calls `hear` every now and then.
   */
  readonly speak: (
    job: Job,
    give: GivePiece,
    signal: AbortSignal,
    hear: () => void,
  ) => void | Promise<void>;
}

/**
 * Makes this process a worker of a pool: starts its program with what the pool gave for it, then
 * does the pool's jobs until the pool is gone.
 */
export function serveJobs<Job>(
  start: (own: unknown) => ChildProgram<Job> | Promise<ChildProgram<Job>>,
): void {
  // A terminal and a service manager tell all processes to end; when, is the pool's affair.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
  let program: ChildProgram<Job> | undefined;
  let current: AbortController | undefined;

  const begin = async (own: unknown, niceness: number): Promise<void> => {
    // Before the program's own threads are made, so that they step back too.
    stepBack(niceness);
    program = await start(own);
    send({ type: "ready", info: program.info });
  };
  const speak = async (job: Job): Promise<void> => {
    current = new AbortController();
    await program?.speak(job, createGive(), current.signal, hear);
  };
  const carryOut = (order: ChildOrder<Job>): void => {
    if (order.type === "start") void begin(order.own, order.niceness).catch(die);
    else if (order.type === "cancel") current?.abort();
    else {
      // Behind what came with it: that may cancel it.
      Promise.resolve(order.job)
        .then(speak)
        .then(
          () => send({ type: "done" }),
          (error: unknown) => send({ type: "failed", reason: describeFault(error) }),
        );
    }
  };

  const reader = new FrameReader();
  const read = (chunk: Buffer): void => {
    for (const { head } of reader.read(chunk)) carryOut(head as ChildOrder<Job>);
  };
  let heardAt = 0;
  const hear = (): void => {
    if (performance.now() - heardAt < hearEveryMs) return;
    heardAt = performance.now();
    const chunk = readNow();
    if (chunk) read(chunk);
  };
  const orders = new Socket({ fd: childPipes.orders, readable: true, writable: false });
  orders.on("data", read);
  orders.on("error", leave);
  orders.on("close", leave);
}

const hearEveryMs = 5;

/** What the pool has sent that nobody has read; nothing if it has sent nothing. */
function readNow(): Buffer | undefined {
  const chunk = Buffer.alloc(4096);
  try {
    const length = readSync(childPipes.orders, chunk);
    return length === 0 ? leave() : chunk.subarray(0, length);
  } catch {
    return undefined;
  }
}

/** Adds to each piece the processor time since the one before. */
function createGive(): GivePiece {
  let from = process.cpuUsage();
  return (piece) => {
    const { user, system } = process.cpuUsage(from);
    from = process.cpuUsage();
    send({ type: "piece", piece: { ...piece, synthesisMs: (user + system) / 1000 } });
  };
}

/** At once, also while the program is busy; waits while the pool has too much to read. */
function send(answer: WorkerAnswer<Pcm>): void {
  const bytes = encodeAnswer(answer);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(childPipes.answers, bytes, at);
  } catch {
    leave();
  }
}

/** Native threads may be in the middle of something: nothing is tidied up. */
function leave(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("unreachable");
}

/** The pool reads what a child that could not start has written last. */
function die(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

/** Where something failed, without its message: that might quote the job. */
function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return "the job failed";
  const place = /\/([\w.-]+:\d+):\d+\)?$/m.exec(error.stack ?? "")?.[1];
  return place === undefined ? error.name : `${error.name} in ${place}`;
}
