import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";

const runsOnLinux = process.platform === "linux";

/** What a thread of its own says of itself, and the priority of everybody else afterwards. */
function inThread(body: string): Promise<unknown> {
  const source = `
    import { parentPort } from "node:worker_threads";
    import { getPriority } from "node:os";
    import { stepBack, threadCpuMs } from ${JSON.stringify(new URL("../../dist/engine/own-thread.js", import.meta.url).href)};
    ${body}`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  return new Promise((resolve, reject) => worker.on("message", resolve).on("error", reject));
}

it.runIf(runsOnLinux)("a thread that steps back leaves the others where they are", async () => {
  const { getPriority } = await import("node:os");
  const before = getPriority();
  expect(await inThread("stepBack(5); parentPort.postMessage(getPriority());")).toBe(before + 5);
  expect(getPriority()).toBe(before);
});

it.runIf(runsOnLinux)("the time of a thread does not run while it waits", async () => {
  const shares = (await inThread(`
    const startMs = threadCpuMs();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    const asleepMs = threadCpuMs() - startMs;
    while (threadCpuMs() < startMs + asleepMs + 50);
    parentPort.postMessage({ asleepMs, awakeMs: threadCpuMs() - startMs - asleepMs });`)) as {
    readonly asleepMs: number;
    readonly awakeMs: number;
  };
  expect(shares.asleepMs).toBeLessThan(150);
  expect(shares.awakeMs).toBeGreaterThanOrEqual(50);
});
