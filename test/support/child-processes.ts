import { readdirSync, readFileSync } from "node:fs";

/** Processes that this one has started and that run `module`, by id. Linux only. */
export function childrenRunning(module: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // Behind the name, which may hold anything: the state and the parent's id.
        const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
          .replace(/^.*\) /, "")
          .split(" ");
        const isOurs = fields[0] !== "Z" && Number(fields[1]) === process.pid;
        return isOurs && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(module);
      } catch {
        return false;
      }
    });
}
