import { Worker } from "node:worker_threads";
import { bulkNiceness, type StartWorker, type WorkerAnswer } from "./pool-worker.ts";

/** What each worker thread is started with. */
export interface PoolWorkerData<Own> {
  readonly own: Own;
  /** How far the thread steps back for others of the process: as in nice(2), 0 for not at all. */
  readonly niceness: number;
}

/** What a job leaves behind is garbage at once; room for more of it only costs memory. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

/** Workers that are threads: each runs the built module `entry` and finds `own` in its `workerData`. */
export function onThreads<Job, Piece>(entry: URL, own: unknown): StartWorker<Job, Piece> {
  return (isExpress, listener) => {
    const workerData: PoolWorkerData<unknown> = { own, niceness: isExpress ? 0 : bulkNiceness };
    const worker = new Worker(entry, { workerData, resourceLimits });
    worker.on("message", (answer: WorkerAnswer<Piece>) => listener.answer(answer));
    worker.on("error", (error) => listener.gone(error.message));
    worker.on("exit", () => listener.gone("the worker exited"));
    return {
      post: (job) => worker.postMessage(job),
      async end() {
        await worker.terminate();
      },
    };
  };
}
