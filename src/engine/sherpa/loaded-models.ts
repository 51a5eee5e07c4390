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
/**
 * So long after its last word a model stays that cannot be loaded again: streams that began with
 * it speak with it to their end, one utterance after the other.
 */
const retiredIdleMs = 60_000;

interface Loaded {
  readonly pool: Pool;
  /** When somebody last wanted it, or it was last seen speaking. */
  usedAt: number;
}

/** The models in memory, each in its own processes: those that were used last. */
export class LoadedModels {
  readonly #processes: ProcessOptions;
  readonly #maxLoaded: number;
  readonly #onFailure: OnLoadFailure;
  /** Those used last stand last. */
  readonly #loaded = new Map<CheckedModel, Loaded>();
  /** Those that could not be loaded: their pools have no process, and refuse all jobs. */
  readonly #failed = new Map<CheckedModel, Pool>();
  /** Not to be used any more, and still speaking. */
  readonly #leaving = new Set<Pool>();
  #isClosed = false;

  constructor(processes: ProcessOptions, maxLoaded: number, onFailure: OnLoadFailure) {
    this.#processes = processes;
    this.#maxLoaded = maxLoaded;
    this.#onFailure = onFailure;
  }

  /**
   * A model's pool, which takes jobs at once also while the model is being loaded. One that could
   * not be loaded is not tried again.
   */
  use(model: CheckedModel): Pool {
    const failed = this.#failed.get(model);
    if (failed) return failed;
    const loaded = this.#loaded.get(model) ?? this.#load(model);
    const { pool } = loaded;
    // A pool that is closed at once refuses all jobs as one that was closed later.
    if (this.#isClosed) {
      void pool.close();
      return pool;
    }
    loaded.usedAt = this.#processes.clock.now();
    this.#loaded.delete(model);
    this.#loaded.set(model, loaded);
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

  /** Models that could not be loaded are tried once more when they are used. */
  retryFailed(): void {
    this.#failed.clear();
  }

  /** Lets a model whose files have gone leave once nobody has spoken with it for a while. */
  retire(model: CheckedModel): void {
    const loaded = this.#loaded.get(model);
    if (loaded) this.#unloadWhenUnused(model, loaded);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const pools = [...[...this.#loaded.values()].map(({ pool }) => pool), ...this.#leaving];
    this.#loaded.clear();
    this.#leaving.clear();
    await Promise.all(pools.map((pool) => pool.close()));
  }

  #load(model: CheckedModel): Loaded {
    const { config, sampleRateHz, language } = model;
    const pool = startModel({ config, sampleRateHz, language }, this.#processes);
    pool.ready().catch((error: unknown) => {
      const isOurs = this.#loaded.get(model)?.pool === pool;
      if (!isOurs || !(error instanceof SpeechError)) return;
      this.#loaded.delete(model);
      this.#failed.set(model, pool);
      this.#onFailure(model, String(error.cause));
    });
    return { pool, usedAt: this.#processes.clock.now() };
  }

  /** Whoever is speaking stays, even if there are too many of them. */
  #makeRoom(except: Pool): void {
    for (const [model, loaded] of this.#loaded) {
      if (this.#loaded.size <= this.#maxLoaded) return;
      if (loaded.pool !== except && isIdle(loaded.pool)) this.#unload(model, loaded);
    }
  }

  #unloadWhenUnused(model: CheckedModel, loaded: Loaded): void {
    if (this.#loaded.get(model) !== loaded) return;
    const { clock } = this.#processes;
    if (!isIdle(loaded.pool)) loaded.usedAt = clock.now();
    if (clock.now() - loaded.usedAt >= retiredIdleMs) this.#unload(model, loaded);
    else clock.schedule(finishedPollMs, () => this.#unloadWhenUnused(model, loaded));
  }

  /** Lets a model go when it has said what it has to say. */
  #unload(model: CheckedModel, { pool }: Loaded): void {
    this.#loaded.delete(model);
    this.#leaving.add(pool);
    this.#endWhenIdle(pool);
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
