import { parentPort, workerData } from "node:worker_threads";
import type { WorkerAnswer } from "../worker-pool.ts";
import type { FliteJob, FliteResult, FliteWorkerData } from "./job.ts";
import { FliteProgram } from "./program.ts";
import { speak } from "./speak.ts";

const port = parentPort;
if (!port) throw new Error("This module runs as a worker thread");

const program = new FliteProgram((workerData as FliteWorkerData).module);
const answer = (message: WorkerAnswer<FliteResult>, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

// What runs for the first time is compiled: better now than in somebody's first audio.
for (const voice of ["rms", "kal16"]) speak(program, { text: "Ready, Dr. 42.", voice, speed: 1 });

port.on("message", (job: FliteJob) => {
  const result = speak(program, job);
  answer({ type: "done", result }, [result.samples.buffer]);
});
answer({ type: "ready" });
