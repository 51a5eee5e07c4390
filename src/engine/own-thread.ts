import { readFileSync } from "node:fs";
import { setPriority } from "node:os";

/** On Linux a thread has a priority and a clock of its own; elsewhere only its process has. */
const isLinux = process.platform === "linux";

/** Lets the thread that calls step back for others: as in nice(2). Elsewhere than on Linux: nothing. */
export function stepBack(niceness: number): void {
  if (isLinux && niceness > 0) setPriority(0, niceness);
}

/**
 * Processor time in ms that the thread that calls has used, so that what is measured does not
 * depend on who else is busy. Elsewhere than on Linux: time.
 */
export function threadCpuMs(): number {
  if (!isLinux) return performance.now();
  const [onProcessorNs] = readFileSync("/proc/thread-self/schedstat", "latin1").split(" ", 1);
  return Number(onProcessorNs) / 1e6;
}
