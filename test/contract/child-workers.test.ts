import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { inChildren } from "../../src/engine/child-worker.ts";
import type { Pcm } from "../../src/engine/synthesizer.ts";
import { WorkerPool, type WorkerPoolOptions } from "../../src/engine/worker-pool.ts";

interface Job {
  readonly text: string;
}

const entry = new URL("fixtures/faulty-child.mjs", import.meta.url);
const never = (): AbortSignal => new AbortController().signal;
const textOf = (pieces: readonly Pcm[]): string =>
  pieces.map(({ alignment }) => alignment.original.chars.join("")).join("");
const speakersOf = (pieces: readonly Pcm[]): Set<string> =>
  new Set(pieces.map(({ alignment }) => alignment.normalized.chars.join("")));
const resume = ({ text }: Job, given: readonly Pcm[]): Job | undefined => {
  const rest = text.slice(textOf(given).length);
  return rest === "" ? undefined : { text: rest };
};

let folder: string;
let pools: WorkerPool<Job, Pcm>[];
let replaced: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "syrinx-child-"));
  pools = [];
  replaced = [];
});
afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  await rm(folder, { recursive: true });
});

function createPool(
  size: number,
  own: object = {},
  options: Partial<WorkerPoolOptions<Job, Pcm>> = {},
): WorkerPool<Job, Pcm> {
  const pool = new WorkerPool<Job, Pcm>({
    clock: systemClock,
    startWorker: inChildren(entry, { marker: join(folder, "marker"), ...own }),
    size,
    maxSilentMs: 1000,
    resume,
    onReplaced: (reason) => replaced.push(reason),
    ...options,
  });
  pools.push(pool);
  return pool;
}

async function speak(pool: WorkerPool<Job, Pcm>, text: string, signal = never()): Promise<Pcm[]> {
  const pieces: Pcm[] = [];
  for await (const piece of pool.run({ text }, signal)) pieces.push(piece);
  return pieces;
}

/** One that has ended, and that nobody has asked how yet, is not alive. */
const isAlive = (pid: number): boolean => {
  try {
    if (process.platform !== "linux") return process.kill(pid, 0);
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
};

async function until(condition: () => boolean, withinMs: number): Promise<number> {
  const startAt = performance.now();
  while (!condition() && performance.now() - startAt < withinMs) await sleep(5);
  return performance.now() - startAt;
}

describe("a child process", () => {
  it("gives the pieces of a job as they are made, samples and times untouched", async () => {
    const pool = createPool(1, { wordMs: 100 });
    await pool.ready();
    const comings: number[] = [];
    const pieces: Pcm[] = [];
    for await (const piece of pool.run({ text: "one zwö \u{1f600}" }, never())) {
      pieces.push(piece);
      comings.push(performance.now());
    }
    expect(textOf(pieces)).toBe("one zwö \u{1f600}");
    expect(pieces.map(({ samples }) => [...new Set(samples)])).toEqual([[4], [4], [1]]);
    expect(pieces[0]?.alignment.original.endsAtSample).toEqual(Uint32Array.of(10, 20, 30, 40));
    expect(pieces.every(({ synthesisMs }) => synthesisMs !== undefined)).toBe(true);
    expect((comings[2] ?? 0) - (comings[0] ?? 0)).toBeGreaterThan(100);
  });

  it("may write to its output what it likes, and sees no keys", async () => {
    process.env["SYRINX_API_KEY"] = "secret";
    const pool = createPool(1);
    const pieces = await speak(pool, "chatter environment");
    delete process.env["SYRINX_API_KEY"];
    expect(textOf(pieces)).toBe("chatter environment");
    expect(speakersOf(pieces)).toContain("no key");
  });

  it("tells what it has found out", async () => {
    const infos: unknown[] = [];
    const pool = createPool(1, { info: "something" }, { onReady: (info) => infos.push(info) });
    await pool.ready();
    expect(infos).toEqual(["something"]);
  });

  it.each(["exit", "babble", "hang", "throw"])(
    "that fails in the middle of a job has the rest of it done by another: %s",
    async (fault) => {
      const pool = createPool(1);
      const text = `all words before ${fault}-once and all behind`;
      const pieces = await speak(pool, text);
      expect(textOf(pieces)).toBe(text);
      expect(replaced).toHaveLength(fault === "throw" ? 0 : 1);
      expect(speakersOf(pieces).size).toBe(fault === "throw" ? 1 : 2);
    },
  );

  it("that fails again fails the job only, and what was given is good", async () => {
    const pool = createPool(1);
    const pieces: Pcm[] = [];
    const reading = (async () => {
      for await (const piece of pool.run({ text: "one exit two" }, never())) pieces.push(piece);
    })();
    const next = speak(pool, "next");
    await expect(reading).rejects.toMatchObject({ problem: { code: "engine_failed" } });
    expect(textOf(pieces)).toBe("one ");
    expect(textOf(await next)).toBe("next");
  });

  it("tells of a job that fails where, and nothing of its text", async () => {
    const failing = speak(createPool(1), "throw");
    const cause = /^Error in faulty-child\.mjs:\d+$/;
    await expect(failing).rejects.toMatchObject({ cause: expect.stringMatching(cause) });
  });

  it("is stopped in the middle of a job, and keeps its place", async () => {
    const pool = createPool(1, { wordMs: 20 });
    const [first] = await speak(pool, "who");
    const owner = new AbortController();
    const reading = speak(pool, "word ".repeat(1000), owner.signal);
    await sleep(60);
    owner.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
    expect(await until(() => pool.running === 0, 1000)).toBeLessThan(200);
    expect(speakersOf(await speak(pool, "who"))).toEqual(speakersOf(first ? [first] : []));
    expect(replaced).toEqual([]);
  });

  it("hears that it is to stop while it works without a pause", async () => {
    const pool = createPool(1, {}, { maxSilentMs: 60_000 });
    await pool.ready();
    const owner = new AbortController();
    const reading = speak(pool, "toil", owner.signal);
    await sleep(50);
    owner.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
    expect(textOf(await speak(pool, "next"))).toBe("next");
    expect(replaced).toEqual([]);
  });

  it("is killed when it does not stop", async () => {
    const pool = createPool(1, {}, { maxSilentMs: 60_000 });
    const pid = Number([...speakersOf(await speak(pool, "who"))][0]);
    const owner = new AbortController();
    const reading = speak(pool, "hang", owner.signal);
    await sleep(50);
    owner.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
    expect(await until(() => !isAlive(pid), 1000)).toBeLessThan(200);
    expect(textOf(await speak(pool, "next"))).toBe("next");
  });

  it("that cannot start gives its reason, and is not started for ever", async () => {
    const startsUntil = join(folder, "broken");
    await writeFile(startsUntil, "");
    await expect(createPool(2, { startsUntil }).ready()).rejects.toMatchObject({
      cause: "the process ended with status 1: the model is broken",
    });
    expect(replaced.length).toBeLessThan(6);
    await sleep(500);
    expect(replaced.length).toBeLessThan(6);
  });

  it("that is not ready in time has not started", async () => {
    const pool = createPool(1, { hangs: true }, { maxStartMs: 100 });
    await expect(pool.ready()).rejects.toMatchObject({ cause: "a worker was not ready in time" });
  });

  it("that could start once is started again after a while", async () => {
    const startsUntil = join(folder, "broken");
    const pool = createPool(1, { startsUntil });
    await pool.ready();
    await writeFile(startsUntil, "");
    await expect(speak(pool, "exit")).rejects.toMatchObject({ problem: { code: "engine_failed" } });
    await expect(speak(pool, "meanwhile")).rejects.toMatchObject({
      cause: "the process ended with status 1: the model is broken",
    });
    await rm(startsUntil);
    await until(() => pool.running === 0 && replaced.length > 3, 300);
    await sleep(700);
    expect(textOf(await speak(pool, "later"))).toBe("later");
  });

  it("that is killed in the middle of many jobs costs none of them a word", async () => {
    const pool = createPool(4, { wordMs: 5 });
    await pool.ready();
    const texts = Array.from({ length: 200 }, (_, index) => `these are words of job ${index} `);
    const speaking = texts.map((text) => speak(pool, text));
    const started = speak(pool, "who are you");
    await sleep(150);
    const early = await Promise.race(speaking);
    process.kill(Number([...speakersOf(early)][0]), "SIGKILL");
    expect((await Promise.all(speaking)).map(textOf)).toEqual(texts);
    await started;
    expect(replaced).toEqual(["the process ended with SIGKILL"]);
  });

  it("is gone when its pool is closed", async () => {
    const pool = createPool(2);
    const pids = new Set<number>();
    while (pids.size < 2) {
      const both = await Promise.all([speak(pool, "who"), speak(pool, "who")]);
      for (const pieces of both) pids.add(Number([...speakersOf(pieces)][0]));
    }
    const busy = Promise.allSettled([speak(pool, "hang")]);
    await sleep(50);
    await pool.close();
    expect(await busy).toMatchObject([{ reason: { problem: { code: "shutting_down" } } }]);
    expect([...pids].filter(isAlive)).toEqual([]);
  });

  it("is gone within a second when its parent is killed", async () => {
    const source = `
      import { inChildren } from ${JSON.stringify(built("child-worker.js"))};
      import { WorkerPool } from ${JSON.stringify(built("worker-pool.js"))};
      import { systemClock } from ${JSON.stringify(new URL("../../dist/clock.js", import.meta.url).href)};
      const pool = new WorkerPool({
        clock: systemClock, size: 3, maxSilentMs: 60_000,
        startWorker: inChildren(new URL(${JSON.stringify(entry.href)}), { marker: "none", wordMs: 100 }),
      });
      const jobs = Array.from({ length: 3 }, () => pool.run({ text: "word ".repeat(1000) }, new AbortController().signal));
      for (const job of jobs) {
        for await (const { alignment } of job) {
          console.log(alignment.normalized.chars.join(""));
          break;
        }
      }`;
    const parent = spawn(process.execPath, ["--input-type=module", "--eval", source], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pids: number[] = [];
    for await (const chunk of parent.stdout) {
      pids.push(...String(chunk).trim().split("\n").map(Number));
      if (pids.length === 3) break;
    }
    expect(pids.every(isAlive)).toBe(true);
    parent.kill("SIGKILL");
    expect(await until(() => !pids.some(isAlive), 3000)).toBeLessThan(1000);
  });
});

const built = (name: string): string => new URL(`../../dist/engine/${name}`, import.meta.url).href;
