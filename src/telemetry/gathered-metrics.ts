import { countedIn, type MetricsSnapshot } from "./prometheus.ts";

/**
 * The metrics of all processes of one server. What a process had counted when it was asked last
 * stays after its end, and stands for one that does not answer: a sum that goes down looks to
 * Prometheus as if everything had begun anew.
 */
export class GatheredMetrics {
  readonly #latest = new Map<object, MetricsSnapshot>();
  readonly #gone = new WeakSet<object>();
  /** Counted by processes that are gone. */
  #left: Promise<MetricsSnapshot> = Promise.resolve([]);

  /** What `process` has counted by now. */
  note(process: object, snapshot: MetricsSnapshot): void {
    if (!this.#gone.has(process)) this.#latest.set(process, snapshot);
  }

  /** `process` has ended. */
  forget(process: object): void {
    this.#gone.add(process);
    const last = this.#latest.get(process);
    if (!last) return;
    this.#latest.delete(process);
    this.#left = this.#left.then((left) => countedIn([left, last]));
  }

  async all(): Promise<MetricsSnapshot[]> {
    // Both as they are now: one that ends meanwhile would be in neither.
    const latest = [...this.#latest.values()];
    return [await this.#left, ...latest];
  }
}
