// Plain JavaScript, as the other measured processes: a loader would change what is measured.
import { readdirSync, readFileSync } from "node:fs";

/** Processor time of this process and of the processes it has started and that are still there. */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childIds().reduce((sum, id) => sum + cpuMsOf(id), 0);
}

function childIds() {
  const threads = readdirSync("/proc/self/task");
  const lists = threads.map((id) => readFileSync(`/proc/self/task/${id}/children`, "utf8"));
  return lists.join(" ").split(" ").filter(Boolean);
}

/** The kernel counts hundredths of a second. */
function cpuMsOf(processId) {
  const stat = readFileSync(`/proc/${processId}/stat`, "utf8");
  // Behind the name, which may hold anything, in brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Tells the benchmark that `url` is ready and answers it until it says stop. */
export function serveBench(url, stop) {
  process.on("message", ({ type }) => {
    if (type === "stop") {
      void stop().then(() => process.exit(0));
    } else if (type === "cpu") {
      process.send({ type: "cpu", cpuMs: cpuMs() });
    } else {
      globalThis.gc();
      globalThis.gc();
      process.send({ type: "memory", rssBytes: process.memoryUsage().rss });
    }
  });
  // A benchmark that was ended must not leave its servers behind.
  process.on("disconnect", () => process.exit());
  process.send({ type: "ready", url });
}
