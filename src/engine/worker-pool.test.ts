import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Faults,
  faultyWorker,
  stillbornWorker,
  watchFaultyWorkers,
} from "../../test/contract/fixtures/faults.ts";
import { ManualClock } from "../clock.ts";
import { onThreads } from "./thread-worker.ts";
import { WorkerPool, type WorkerPoolOptions } from "./worker-pool.ts";

interface Job {
  readonly text: string;
}

const maxSilentMs = 10_000;
/** A signal of its own for each job, as each stream has one. */
const never = (): AbortSignal => new AbortController().signal;
type Options = WorkerPoolOptions<Job, unknown>;

/** A pool whose jobs give one piece each. */
class Pool extends WorkerPool<Job, unknown> {
  async runWhole(...asked: Parameters<WorkerPool<Job, unknown>["run"]>): Promise<unknown> {
    const pieces: unknown[] = [];
    for await (const piece of this.run(...asked)) pieces.push(piece);
    if (pieces.length !== 1) throw new Error(`${pieces.length} pieces instead of one`);
    return pieces[0];
  }
}

const faults: Faults = watchFaultyWorkers();
const pools: Pool[] = [];

let clock: ManualClock;
let replaced: string[];
let wake: () => void;

beforeEach(() => {
  clock = new ManualClock();
  replaced = [];
  wake = () => {};
  faults.reset();
});
afterEach(async () => {
  faults.endLingering();
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});
afterAll(() => faults.close());

async function createPool(size: number, options: Partial<Options> = {}): Promise<Pool> {
  const pool = new Pool({
    clock,
    startWorker: onThreads(faultyWorker, undefined),
    size,
    maxSilentMs,
    onReplaced(reason) {
      replaced.push(reason);
      wake();
    },
    ...options,
  });
  pools.push(pool);
  await pool.ready();
  return pool;
}

/** A pool whose workers can be started so many times, and no more. */
function createMortalPool(size: number, starts: number): Promise<Pool> {
  const startsLeft = new SharedArrayBuffer(8);
  new Int32Array(startsLeft)[0] = starts;
  return createPool(size, { startWorker: onThreads(stillbornWorker, { startsLeft }) });
}

async function replacements(count: number): Promise<void> {
  while (replaced.length < count) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

const did = (text: string): object => ({
  alignment: { original: { chars: [...Array.from(text), " "] } },
});

describe("a pool of workers", () => {
  it("does all jobs, more than it has workers, and has nothing left to do", async () => {
    const pool = await createPool(2);
    const texts = Array.from({ length: 20 }, (_, index) => `job ${index}`);
    const jobs = texts.map((text) => pool.runWhole({ text }, never()));
    expect(pool.running).toBe(2);
    expect(pool.queued).toBe(18);
    expect(await Promise.all(jobs)).toMatchObject(texts.map(did));
    expect(pool.running).toBe(0);
    expect(pool.queued).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it("does jobs in the order in which they came", async () => {
    const pool = await createPool(1);
    const ended: string[] = [];
    const texts = ["a", "b", "c", "d"];
    await Promise.all(
      texts.map(async (text) => {
        await pool.runWhole({ text }, never());
        ended.push(text);
      }),
    );
    expect(ended).toEqual(texts);
  });

  it("does those first whose listeners run dry first, and by arrival if it is to", async () => {
    for (const [scheduling, expected] of [
      ["deadline", ["first", "soon", "late", "never"]],
      ["arrival", ["first", "late", "never", "soon"]],
    ] as const) {
      const pool = await createPool(1, { scheduling });
      const ended: string[] = [];
      const jobs = { first: 0, late: 9000, never: Number.POSITIVE_INFINITY, soon: 500 };
      const running = Object.entries(jobs).map(async ([text, dueAt]) => {
        clock.advance(1);
        await pool.runWhole({ text }, never(), clock.now() + dueAt);
        ended.push(text);
      });
      await Promise.all(running);
      expect(ended).toEqual(expected);
    }
  });

  it("keeps its express workers for jobs that somebody waits for in silence", async () => {
    const pool = await createPool(1, { expressSize: 1 });
    const slow = pool.runWhole({ text: "linger" }, never(), clock.now() + 1000);
    await faults.begun("linger");
    const waiting = pool.runWhole({ text: "ahead" }, never(), clock.now() + 1);
    await expect(pool.runWhole({ text: "awaited" }, never(), clock.now())).resolves.toBeDefined();
    expect(pool.queued).toBe(1);
    faults.endLingering();
    await Promise.all([slow, waiting]);
  });

  it("lets a heap of jobs without listeners wait for those that have one, but not for ever", async () => {
    const pool = await createPool(1);
    const ended: string[] = [];
    const run = async (text: string, dueAt: number): Promise<void> => {
      await pool.runWhole({ text }, never(), dueAt);
      ended.push(text);
    };
    const first = run("linger", Number.POSITIVE_INFINITY);
    await faults.begun("linger");
    const files = ["f1", "f2", "f3"].map((text) => run(text, Number.POSITIVE_INFINITY));
    clock.advance(9000);
    // All of the heap came long before, but only the first of it is taken into account.
    const live = ["l1", "l2"].map((text) => run(text, clock.now() + 5000));
    expect(pool.queued).toBe(5);
    faults.endLingering();
    await Promise.all([first, ...files, ...live]);
    expect(ended).toEqual(["linger", "l1", "l2", "f1", "f2", "f3"]);
  });

  it("forgets a job without a listener that is aborted, wherever it waits", async () => {
    const pool = await createPool(1);
    const running = pool.runWhole({ text: "linger" }, never());
    await faults.begun("linger");
    const owner = new AbortController();
    const gone = pool.runWhole({ text: "gone" }, owner.signal);
    owner.abort(new Error("enough"));
    await expect(gone).rejects.toThrow("enough");
    expect(pool.queued).toBe(0);
    faults.endLingering();
    await running;
    await expect(pool.runWhole({ text: "next" }, never())).resolves.toMatchObject(did("next"));
  });

  it("is not ready when its workers for every job cannot be started", async () => {
    const startsLeft = new SharedArrayBuffer(8);
    new Int32Array(startsLeft)[0] = 9;
    const workerData = { startsLeft, onlyExpress: true };
    const options = {
      startWorker: onThreads<Job, unknown>(stillbornWorker, workerData),
      expressSize: 1,
    };
    await expect(createPool(1, options)).rejects.toMatchObject({
      problem: { code: "engine_failed" },
    });
  });

  it("does everything with an express worker that is the last one left", async () => {
    const startsLeft = new SharedArrayBuffer(8);
    new Int32Array(startsLeft)[0] = 2;
    const startWorker = onThreads<Job, unknown>(stillbornWorker, { startsLeft });
    const options = { startWorker, expressSize: 1 };
    const pool = await createPool(1, options);
    const ahead = Number.POSITIVE_INFINITY;
    await expect(pool.runWhole({ text: "exit once" }, never(), ahead)).resolves.toBeDefined();
    await expect(pool.runWhole({ text: "next" }, never(), ahead)).resolves.toBeDefined();
  });

  it("tells how long each job waited for a worker", async () => {
    const pool = await createPool(1);
    const waits: [text: string, queuedMs: number][] = [];
    const run = (text: string): Promise<unknown> =>
      pool.runWhole({ text }, never(), undefined, (queuedMs) => waits.push([text, queuedMs]));
    const first = run("linger");
    await faults.begun("linger");
    const second = run("next");
    clock.advance(70);
    faults.endLingering();
    await Promise.all([first, second]);
    await run("exit once");
    expect(waits).toEqual([
      ["linger", 0],
      ["next", 70],
      ["exit once", 0],
      ["exit once", 0],
    ]);
  });

  it("takes jobs before its workers are ready", async () => {
    const pool = new Pool({
      clock,
      startWorker: onThreads(faultyWorker, undefined),
      size: 1,
      maxSilentMs,
    });
    pools.push(pool);
    await expect(pool.runWhole({ text: "early" }, never())).resolves.toMatchObject(did("early"));
  });
});

describe("a worker that fails", () => {
  it.each(["exit once", "throw once", "trap once"])(
    "is replaced and its job done by another: %s",
    async (text) => {
      const pool = await createPool(2);
      const others = ["x", "y", "z"].map((other) => pool.runWhole({ text: other }, never()));
      await expect(pool.runWhole({ text }, never())).resolves.toMatchObject(did(text));
      expect(await Promise.all(others)).toMatchObject(["x", "y", "z"].map(did));
      expect(replaced).toHaveLength(1);
      expect(clock.pending).toBe(0);
    },
  );

  it.each(["exit", "throw", "trap"])("twice on one job fails that job only: %s", async (text) => {
    const pool = await createPool(2);
    const failing = pool.runWhole({ text }, never());
    const others = Array.from({ length: 10 }, (_, index) =>
      pool.runWhole({ text: `job ${index}` }, never()),
    );
    await expect(failing).rejects.toMatchObject({ problem: { code: "engine_failed" } });
    await Promise.all(others);
    expect(replaced).toHaveLength(2);
    await expect(pool.runWhole({ text: "later" }, never())).resolves.toMatchObject(did("later"));
    expect(clock.pending).toBe(0);
  });

  it("by hanging is replaced after the longest time a job may take", async () => {
    const pool = await createPool(1);
    const job = pool.runWhole({ text: "hang once" }, never());
    await faults.begun("hang once");
    clock.advance(maxSilentMs - 1);
    expect(replaced).toEqual([]);
    clock.advance(1);
    expect(replaced).toHaveLength(1);
    await expect(job).resolves.toMatchObject(did("hang once"));
  });

  it("by hanging twice fails the job", async () => {
    const pool = await createPool(1);
    const job = pool.runWhole({ text: "hang" }, never());
    for (let time = 0; time < 2; time += 1) {
      await faults.begun("hang");
      clock.advance(maxSilentMs);
    }
    await expect(job).rejects.toMatchObject({ problem: { code: "engine_failed" } });
    await expect(pool.runWhole({ text: "later" }, never())).resolves.toMatchObject(did("later"));
    expect(clock.pending).toBe(0);
  });

  it("leaves its job to an idle worker at once, also when no new one can be started", async () => {
    const pool = await createMortalPool(2, 2);
    await expect(pool.runWhole({ text: "exit once" }, never())).resolves.toBe("did exit once");
  });

  it("for good, like all others, fails what waits and what comes later", async () => {
    const pool = await createMortalPool(1, 1);
    const jobs = ["exit", "waiting"].map((text) => pool.runWhole({ text }, never()));
    const outcomes = await Promise.allSettled(jobs);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(pool.runWhole({ text: "later" }, never())).rejects.toThrow(Error);
  });
});

describe("workers that never start", () => {
  it("make ready reject", async () => {
    await expect(
      createPool(2, { startWorker: onThreads(stillbornWorker, undefined) }),
    ).rejects.toMatchObject({
      problem: { code: "engine_failed" },
    });
  });

  it("are tried again in vain no more often than their owner wants", async () => {
    let starts = 0;
    const stillborn = onThreads<Job, unknown>(stillbornWorker, undefined);
    const pool = createPool(1, {
      maxFirstStarts: 1,
      startWorker(...asked) {
        starts += 1;
        return stillborn(...asked);
      },
    });
    await expect(pool).rejects.toMatchObject({ problem: { code: "engine_failed" } });
    expect(starts).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("make ready reject when their module does not exist", async () => {
    const entry = new URL("no-such-worker.mjs", faultyWorker);
    await expect(createPool(1, { startWorker: onThreads(entry, undefined) })).rejects.toMatchObject(
      {
        problem: { code: "engine_failed" },
      },
    );
  });
});

describe("an aborted job", () => {
  const reason = new Error("enough");

  it("is not begun when it was aborted before", async () => {
    const pool = await createPool(1);
    await expect(pool.runWhole({ text: "a" }, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(pool.running).toBe(0);
  });

  it("leaves the queue", async () => {
    const pool = await createPool(1);
    const owner = new AbortController();
    const running = pool.runWhole({ text: "linger" }, never());
    const queued = pool.runWhole({ text: "b" }, owner.signal);
    expect(pool.queued).toBe(1);
    owner.abort(reason);
    await expect(queued).rejects.toBe(reason);
    expect(pool.queued).toBe(0);
    await faults.begun("linger");
    faults.endLingering();
    await expect(running).resolves.toMatchObject(did("linger"));
  });

  it("that ends by itself in time keeps its worker", async () => {
    const pool = await createPool(1);
    const owner = new AbortController();
    const job = pool.runWhole({ text: "linger" }, owner.signal);
    await faults.begun("linger");
    owner.abort(reason);
    await expect(job).rejects.toBe(reason);
    expect(pool.running).toBe(1);
    clock.advance(100);
    faults.endLingering();
    await expect(pool.runWhole({ text: "next" }, never())).resolves.toMatchObject(did("next"));
    expect(replaced).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("that does not end has its worker replaced within 200 ms", async () => {
    const pool = await createPool(1);
    const owner = new AbortController();
    const job = pool.runWhole({ text: "hang" }, owner.signal);
    await faults.begun("hang");
    owner.abort(reason);
    await expect(job).rejects.toBe(reason);
    clock.advance(200);
    expect(replaced).toHaveLength(1);
    await expect(pool.runWhole({ text: "next" }, never())).resolves.toMatchObject(did("next"));
    expect(clock.pending).toBe(0);
  });

  it("whose worker crashes afterwards is not tried again", async () => {
    const pool = await createPool(1);
    const owner = new AbortController();
    const job = pool.runWhole({ text: "exit" }, owner.signal);
    owner.abort(reason);
    await expect(job).rejects.toBe(reason);
    await replacements(1);
    await expect(pool.runWhole({ text: "next" }, never())).resolves.toMatchObject(did("next"));
    expect(replaced).toHaveLength(1);
  });

  it("that waits for its second try is not tried again", async () => {
    const pool = await createPool(1);
    const owner = new AbortController();
    const job = pool.runWhole({ text: "exit" }, owner.signal);
    await replacements(1);
    owner.abort(reason);
    await expect(job).rejects.toBe(reason);
    expect(pool.queued).toBe(0);
    await expect(pool.runWhole({ text: "next" }, never())).resolves.toMatchObject(did("next"));
    expect(replaced).toHaveLength(1);
  });
});

describe("a closed pool", () => {
  it("has rejected what was under way and takes nothing new", async () => {
    const pool = await createPool(1);
    const jobs = ["hang", "queued"].map((text) => pool.runWhole({ text }, never()));
    const settled = Promise.allSettled(jobs);
    await faults.begun("hang");
    await pool.close();
    const shuttingDown = { problem: { code: "shutting_down" } };
    expect(await settled).toMatchObject([{ reason: shuttingDown }, { reason: shuttingDown }]);
    await expect(pool.runWhole({ text: "late" }, never())).rejects.toMatchObject(shuttingDown);
    expect(clock.pending).toBe(0);
    expect(replaced).toEqual([]);
  });

  it("before its workers were ready makes ready reject", async () => {
    const pool = new Pool({
      clock,
      startWorker: onThreads(faultyWorker, undefined),
      size: 2,
      maxSilentMs,
    });
    await pool.close();
    await expect(pool.ready()).rejects.toMatchObject({ problem: { code: "shutting_down" } });
  });
});
