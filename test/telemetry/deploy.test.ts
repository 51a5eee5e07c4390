import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import { causeIds } from "../../src/protocol/causes.ts";
import { metricEntries } from "../../src/telemetry/metric-table.ts";
import { type Exposition, readMetrics } from "../support/prometheus-text.ts";
import { startServer, type TestServer } from "../support/server.ts";

const run = promisify(execFile);
const pathOf = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

interface Panel {
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number };
  readonly targets?: readonly { readonly expr: string }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly query: string }[] };
}

const alerts = readFileSync(pathOf("deploy/prometheus-alerts.yml"), "utf8");
const dashboard = JSON.parse(
  readFileSync(pathOf("deploy/grafana-dashboard.json"), "utf8"),
) as Dashboard;
const page = readFileSync(pathOf("docs/metrics.md"), "utf8");
const expressions = {
  "the alerts": alerts,
  "the dashboard": [
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...dashboard.templating.list.map(({ query }) => query),
  ].join("\n"),
  "docs/metrics.md": page,
};

/** The metrics that a text names, as they are called in queries. */
const metricsIn = (text: string): string[] => [
  ...new Set(text.match(/\b(?:syrinx|process|nodejs)_[a-z_]+[a-z]\b(?!\.)/g) ?? []),
];

/** Each use of a metric with matchers: the metric, the label and what it is compared with. */
function matchersIn(text: string): { metric: string; label: string; value: string }[] {
  return [...text.matchAll(/\b((?:syrinx|nodejs)_[a-z_]+)\{([^}]*)\}/g)].flatMap(
    ([, metric = "", matchers = ""]) =>
      [...matchers.matchAll(/([a-z_]+)(?:=~|!~|!=|=)"([^"]*)"/g)].map(
        ([, label = "", value = ""]) => ({ metric, label, value }),
      ),
  );
}

const withoutSuffix = (name: string): string => name.replace(/_(?:bucket|sum|count)$/, "");

let server: TestServer;
let answer: Exposition;
beforeAll(async () => {
  server = await startServer({ engines: [createToneEngine()] });
  answer = await readMetrics(server.url);
});
afterAll(() => server.close());

describe.each(Object.entries(expressions))("%s", (_where, text) => {
  it("names no metric that /metrics does not have", () => {
    expect(metricsIn(text).length).toBeGreaterThan(5);
    const isThere = (name: string): boolean =>
      answer.kinds.has(name) || answer.kinds.get(withoutSuffix(name)) === "histogram";
    expect(metricsIn(text).filter((name) => !isThere(name))).toEqual([]);
  });

  it("splits metrics by labels that they have, and by causes that there are", () => {
    const rows = new Map(metricEntries.map(([, row]) => [row.name, row]));
    const causes: readonly string[] = causeIds;
    for (const { metric, label, value } of matchersIn(text)) {
      if (label === "instance") continue;
      expect(rows.get(metric)?.labels ?? rows.get(withoutSuffix(metric))?.labels).toContain(label);
      if (label === "cause") for (const cause of value.split("|")) expect(causes).toContain(cause);
    }
  });
});

describe("the metrics", () => {
  it("are all on the dashboard or in an alert", () => {
    const used = [...metricsIn(alerts), ...metricsIn(expressions["the dashboard"])];
    const known = new Set(used.flatMap((name) => [name, withoutSuffix(name)]));
    expect(metricEntries.map(([, { name }]) => name).filter((name) => !known.has(name))).toEqual(
      [],
    );
  });
});

describe("the dashboard", () => {
  it("fills rows of 24 columns with panels that have a query each", () => {
    const panels = dashboard.panels.filter(({ type }) => type !== "row");
    const widths = new Map<number, number>();
    expect(panels.filter(({ targets = [] }) => targets.length === 0)).toEqual([]);
    for (const { gridPos } of panels) {
      widths.set(gridPos.y, (widths.get(gridPos.y) ?? 0) + gridPos.w);
    }
    expect(new Set(widths.values())).toEqual(new Set([24]));
  });
});

describe("the alerts", () => {
  it("each say what happened and what to do", () => {
    const count = (pattern: RegExp): number => alerts.match(pattern)?.length ?? 0;
    expect(count(/^ {6}- alert: Syrinx\w+$/gm)).toBe(11);
    for (const part of [/^ {8}expr: /gm, /^ {10}summary: .{20,}/gm, /^ {10}action: .{20,}/gm]) {
      expect(count(part)).toBe(11);
    }
  });
});

const hasPromtool = await run("promtool", ["--version"]).then(
  () => true,
  () => false,
);

// It comes with Debian's package prometheus, and with Prometheus itself.
describe.skipIf(!hasPromtool)("promtool", () => {
  it("takes the alerts", async () => {
    const { stdout } = await run("promtool", [
      "check",
      "rules",
      pathOf("deploy/prometheus-alerts.yml"),
    ]);
    expect(stdout).toContain("SUCCESS: 11 rules found");
  });

  it("sees every alert fire on a server in trouble, and none on one that does well", async () => {
    const { stdout } = await run("promtool", [
      "test",
      "rules",
      pathOf("test/telemetry/alerts.test.yml"),
    ]);
    expect(stdout).toContain("SUCCESS");
  });

  it("takes what /metrics answers", async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const checking = run("promtool", ["check", "metrics"]);
    checking.child.stdin?.end(text);
    await expect(checking).resolves.toBeDefined();
  });
});
