import { readFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/** On Linux a thread has a priority and a clock of its own; elsewhere only its process has. */
const isLinux = process.platform === "linux";

const leastPriority = 19;

/** Lets the thread that calls step back for others: as nice(2) does. Elsewhere than on Linux: nothing. */
export function stepBack(niceness: number): void {
  if (!isLinux || niceness <= 0) return;
  try {
    setPriority(0, Math.min(leastPriority, getPriority(0) + niceness));
  } catch {
    // Whoever forbids it wants the thread where it is.
  }
}

/**
 * Processor time in ms that the thread that calls has used, so that what is measured does not
 * depend on who else is busy. Where the system does not tell: time.
 */
export function threadCpuMs(): number {
  return readThreadCpuMs() ?? performance.now();
}

let isTold = isLinux;

function readThreadCpuMs(): number | undefined {
  if (!isTold) return undefined;
  try {
    const [onProcessorNs] = readFileSync("/proc/thread-self/schedstat", "latin1").split(" ", 1);
    return Number(onProcessorNs) / 1e6;
  } catch {
    isTold = false;
    return undefined;
  }
}
