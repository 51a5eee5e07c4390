import { parentPort, workerData } from "node:worker_threads";
import { stepBack, threadCpuMs } from "../own-thread.ts";
import type { WorkerAnswer } from "../pool-worker.ts";
import type { Pcm } from "../synthesizer.ts";
import type { PoolWorkerData } from "../thread-worker.ts";
import type { FliteJob, FliteWorkerData } from "./job.ts";
import { FliteProgram } from "./program.ts";
import { speak } from "./speak.ts";

const port = parentPort;
if (!port) throw new Error("This module runs as a worker thread");

const { own, niceness } = workerData as PoolWorkerData<FliteWorkerData>;
const program = new FliteProgram(own.module);
const answer = (message: WorkerAnswer<Pcm>, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

// What runs for the first time is compiled, and the program's memory grows to what a long text
// takes: better now than in somebody's first audio.
const rehearsal =
  "Ready, Dr. 42: the program has spoken before anybody listens, and it has spoken for long enough. " +
  "All of its $1,000 sentences and 3rd clauses are known to it, from the first to the last.";
for (const voice of ["kal16", "slt", "rms"]) {
  speak(program, { text: rehearsal, voice, language: "en", speed: 1, markup: "none" });
}

port.on("message", (job: FliteJob) => {
  const startMs = threadCpuMs();
  const speech = speak(program, job);
  const piece = { ...speech, synthesisMs: threadCpuMs() - startMs };
  answer({ type: "done", piece }, [piece.samples.buffer]);
});
// From here on: a start has nobody to step back for.
stepBack(niceness);
answer({ type: "ready" });
