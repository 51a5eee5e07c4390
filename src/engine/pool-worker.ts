/**
 * What a worker of a pool says: once `ready`, then for each job it is posted any number of pieces
 * and one `done` or `failed`. A job that was cancelled ends in either.
 */
export type WorkerAnswer<Piece> =
  /** `info` is what it found out when it started, such as its voices. */
  | { readonly type: "ready"; readonly info?: unknown }
  | { readonly type: "piece"; readonly piece: Piece }
  /** The last piece may come with it. */
  | { readonly type: "done"; readonly piece?: Piece }
  /** The job cannot be done, and the worker takes the next one. Of the job the reason says nothing. */
  | { readonly type: "failed"; readonly reason: string };

/** One thread or process that does one job at a time. */
export interface PoolWorker<Job> {
  post(job: Job): void;
  /** Asks it to stop its job early; absent where it cannot hear while it works. */
  cancel?(): void;
  /** Ends it, whatever it is busy with. Resolves when it is gone. */
  end(): Promise<void>;
}

/** Who hears of one worker; never called before it was handed out. */
export interface PoolWorkerListener<Piece> {
  answer(answer: WorkerAnswer<Piece>): void;
  /** It is of no more use: it has ended, or what it says cannot be read. */
  gone(reason: string): void;
}

/** Starts one worker. An express worker does what somebody waits for, and steps back for nobody. */
export type StartWorker<Job, Piece> = (
  isExpress: boolean,
  listener: PoolWorkerListener<Piece>,
) => PoolWorker<Job>;

/**
 * How far other workers step back, as in nice(2): it leaves three quarters of a core to an express
 * worker, an encoder or the event loop that needs it, which are what somebody waits for.
 */
export const bulkNiceness = 5;
