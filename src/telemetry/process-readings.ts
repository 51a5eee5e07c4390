import { performance } from "node:perf_hooks";
import type { Readings } from "./prometheus.ts";

/**
 * What the process itself tells when it is asked. The collector of prom-client is not used: it
 * watches the event loop and the garbage collector all the time, and cannot be stopped.
 */
export const processReadings: Readings = {
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return [{ labels: {}, value: (user + system) / 1e6 }];
  },
  residentMemory: () => [{ labels: {}, value: process.memoryUsage.rss() }],
  heap: () => [{ labels: {}, value: process.memoryUsage().heapUsed }],
  eventLoop: () => {
    const { active, idle } = performance.eventLoopUtilization();
    return [
      { labels: { state: "active" }, value: active / 1000 },
      { labels: { state: "idle" }, value: idle / 1000 },
    ];
  },
};
