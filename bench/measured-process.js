// Plain JavaScript, as the other measured processes: a loader would change what is measured.

/** Tells the benchmark that `url` is ready and answers it until it says stop. */
export function serveBench(url, stop) {
  process.on("message", ({ type }) => {
    if (type === "stop") {
      void stop().then(() => process.exit(0));
    } else if (type === "cpu") {
      const { user, system } = process.cpuUsage();
      process.send({ type: "cpu", cpuMs: (user + system) / 1000 });
    } else {
      globalThis.gc();
      globalThis.gc();
      process.send({ type: "memory", rssBytes: process.memoryUsage().rss });
    }
  });
  process.send({ type: "ready", url });
}
