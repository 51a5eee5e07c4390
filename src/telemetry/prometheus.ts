import {
  type Aggregator,
  AggregatorRegistry,
  Counter,
  Gauge,
  Histogram,
  Registry,
} from "prom-client";
import { type LabelsOf, metricEntries, type MetricKey, type MetricRow } from "./metric-table.ts";

export type { Registry };

/**
 * Adds to a metric: one more value of a histogram, or so much to a counter or gauge. Never throws;
 * what is no number, or would turn a counter back, is left out.
 */
export type Count = <Key extends MetricKey>(
  key: Key,
  labels: LabelsOf<Key>,
  value?: number,
) => void;

/** A value that is looked up when somebody reads the metrics. */
export interface Reading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Metrics that nobody counts, with what they are read from. */
export type Readings = Partial<Record<MetricKey, () => readonly Reading[]>>;

/** A registry with every metric of the table, and what counts in it. */
export function createRegistry(readings: Readings): { registry: Registry; count: Count } {
  const registry = new Registry();
  const adders = new Map<MetricKey, Adder>();
  for (const [key, row] of metricEntries) {
    adders.set(key, createMetric(row, registry, readings[key]));
  }
  const count: Count = (key, labels, value = 1) => {
    if (Number.isFinite(value)) adders.get(key)?.(labels, value);
  };
  return { registry, count };
}

/** What a process tells another of its metrics. */
export type MetricsSnapshot = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** The metrics of several processes in one registry. */
export function joinSnapshots(snapshots: readonly MetricsSnapshot[]): Registry {
  return AggregatorRegistry.aggregate([...snapshots]);
}

/** What processes have counted together, without what was so only at the moment. */
export async function countedIn(snapshots: readonly MetricsSnapshot[]): Promise<MetricsSnapshot> {
  const together = await joinSnapshots(snapshots).getMetricsAsJSON();
  // As text: to TypeScript the library's types are an enum, in truth they are their names.
  return together.filter(({ type }) => String(type) !== "gauge");
}

type Adder = (labels: Readonly<Record<string, string>>, value: number) => void;

function createMetric(
  row: MetricRow,
  registry: Registry,
  read: (() => readonly Reading[]) | undefined,
): Adder {
  const { name, help } = row;
  const aggregator: Aggregator = row.overProcesses ?? "sum";
  const labelNames = [...row.labels];
  const shared = { name, help, labelNames, aggregator, registers: [registry] };
  if (row.kind === "histogram") {
    const histogram = new Histogram({ ...shared, buckets: [...(row.buckets ?? [])] });
    return (labels, value) => histogram.observe(labels, value);
  }
  const create = row.kind === "counter" ? Counter : Gauge;
  const metric: Counter | Gauge = new create({
    ...shared,
    ...(read && {
      collect(): void {
        metric.reset();
        for (const { labels, value } of read()) metric.inc(labels, value);
      },
    }),
  });
  const least = row.kind === "counter" ? 0 : Number.NEGATIVE_INFINITY;
  return (labels, value) => {
    if (value >= least) metric.inc(labels, value);
  };
}
