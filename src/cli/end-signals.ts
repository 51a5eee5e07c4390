import { systemClock } from "../clock.ts";

const signals = ["SIGINT", "SIGTERM"] as const;
/** A terminal tells the whole group of Ctrl-C, and npm passes it on once more: the same wish comes twice. */
const sameWishMs = 1000;

/**
 * Calls back at the first SIGINT or SIGTERM. A later one ends the process at once, as if nobody
 * listened. Gives what ends the listening.
 */
export function onceAskedToEnd(onAsked: () => void): () => void {
  let askedAt: number | undefined;
  const stop = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = systemClock.now();
    if (askedAt === undefined) {
      askedAt = now;
      onAsked();
    } else if (now - askedAt >= sameWishMs) {
      stop();
      process.kill(process.pid, signal);
    }
  };
  for (const signal of signals) process.on(signal, onSignal);
  return stop;
}
