import { SpeechError } from "../../protocol/problems.ts";
import type { Pcm } from "../synthesizer.ts";
import type { WorkerPool } from "../worker-pool.ts";
import type { SherpaJob } from "./job.ts";
import { type ProcessOptions, startModel } from "./model-process.ts";
import type { CheckedModel } from "./model.ts";

type Pool = WorkerPool<SherpaJob, Pcm>;

/** Told why a model could not be loaded. */
export type OnLoadFailure = (model: CheckedModel, reason: string) => void;

/** Nobody has to wait longer for a model that hangs; it may still come. */
const maxPreloadMs = 20_000;
/** How often a model that is to leave the memory is asked whether it has finished. */
const finishedPollMs = 1000;

/** The models in memory, each in its own processes: those that were used last. */
export class LoadedModels {
  readonly #processes: ProcessOptions;
  readonly #maxLoaded: number;
  readonly #onFailure: OnLoadFailure;
  /** Those used last stand last. */
  readonly #pools = new Map<CheckedModel, Pool>();
  /** Not to be used any more, and still speaking. */
  readonly #leaving = new Set<Pool>();
  #isClosed = false;

  constructor(processes: ProcessOptions, maxLoaded: number, onFailure: OnLoadFailure) {
    this.#processes = processes;
    this.#maxLoaded = maxLoaded;
    this.#onFailure = onFailure;
  }

  /** A model's pool, which takes jobs at once also while the model is being loaded. */
  use(model: CheckedModel): Pool {
    const pool = this.#pools.get(model) ?? this.#load(model);
    // A pool that is closed at once refuses all jobs as one that was closed later.
    if (this.#isClosed) {
      void pool.close();
      return pool;
    }
    this.#pools.delete(model);
    this.#pools.set(model, pool);
    this.#makeRoom(pool);
    return pool;
  }

  /** Loads as many of these as are kept; resolves when each is there, has failed, or hangs. */
  preload(models: readonly CheckedModel[]): Promise<void> {
    const pools = models.slice(0, this.#maxLoaded).map((model) => this.use(model));
    const settled = Promise.allSettled(pools.map((pool) => pool.ready()));
    return new Promise((resolve) => {
      const cancelTimer = this.#processes.clock.schedule(maxPreloadMs, resolve);
      const finish = (): void => {
        cancelTimer();
        resolve();
      };
      settled.then(finish, finish);
    });
  }

  /** Lets a model go when it has said what it has to say. */
  forget(model: CheckedModel): void {
    const pool = this.#pools.get(model);
    if (!pool) return;
    this.#pools.delete(model);
    this.#leaving.add(pool);
    this.#endWhenIdle(pool);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const pools = [...this.#pools.values(), ...this.#leaving];
    this.#pools.clear();
    this.#leaving.clear();
    await Promise.all(pools.map((pool) => pool.close()));
  }

  #load(model: CheckedModel): Pool {
    const { config, sampleRateHz, language } = model;
    const pool = startModel({ config, sampleRateHz, language }, this.#processes);
    pool.ready().catch((error: unknown) => {
      const isOurs = this.#pools.get(model) === pool;
      if (isOurs && error instanceof SpeechError) this.#onFailure(model, String(error.cause));
    });
    return pool;
  }

  /** Whoever is speaking stays, even if there are too many of them. */
  #makeRoom(except: Pool): void {
    for (const [model, pool] of this.#pools) {
      if (this.#pools.size <= this.#maxLoaded) return;
      if (pool !== except && isIdle(pool)) this.forget(model);
    }
  }

  #endWhenIdle(pool: Pool): void {
    if (!this.#leaving.has(pool)) return;
    if (isIdle(pool)) {
      this.#leaving.delete(pool);
      void pool.close();
    } else {
      this.#processes.clock.schedule(finishedPollMs, () => this.#endWhenIdle(pool));
    }
  }
}

const isIdle = (pool: Pool): boolean => pool.queued === 0 && pool.running === 0;
