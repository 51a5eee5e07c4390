import type { UrlReport } from "../../why/check-url.ts";
import type { FindingLevel, UrlFinding } from "../../why/url/finding.ts";
import type { ReportRow } from "./report-row.ts";
import type { Verdict } from "./verdict.ts";

/** All that was found out about an address. Nothing in it is a credential. */
export interface WhyUrlReport {
  readonly address: Pick<UrlReport, "shown" | "vendor" | "route" | "isHosted">;
  readonly findings: readonly UrlFinding[];
  /** Undefined where nobody was asked. */
  readonly rows: readonly ReportRow[] | undefined;
  readonly verdict: Verdict;
}

/** The report for programs. */
export function reportAsJson({ address, findings, rows, verdict }: WhyUrlReport): object {
  return {
    url: address.shown ?? null,
    vendor: address.vendor ?? null,
    route: address.route ?? null,
    hosted: address.isHosted,
    findings: findings.map((each) => ({ ...each, cause: each.cause ?? null })),
    tried: rows ?? null,
    verdict: {
      works: verdict.works ?? null,
      explained: verdict.isExplained,
      cause: verdict.cause ?? null,
      what: verdict.what,
      why: verdict.why ?? null,
      change: verdict.change,
    },
  };
}

const vendorNames = { elevenlabs: "ElevenLabs", waves: "Waves" } as const;
const levelWords: Readonly<Record<FindingLevel, string>> = {
  error: "wrong",
  warning: "doubtful",
  note: "note",
};

/** The report for people. */
export function reportAsText({ address, findings, rows, verdict }: WhyUrlReport): string {
  const { shown = "", vendor, route } = address;
  const kind = vendor && route ? ` (${vendorNames[vendor]}, ${route})` : "";
  return [
    [`${shown}${kind}`],
    describeFindings(findings),
    rows && rows.length > 0 ? describeRows(rows) : [],
    describeVerdict(verdict),
  ]
    .filter((part) => part.length > 0)
    .map((part) => `${part.join("\n")}\n`)
    .join("\n");
}

function describeFindings(findings: readonly UrlFinding[]): string[] {
  if (findings.length === 0) return ["The address: nothing to find fault with."];
  return findings.map(
    ({ level, where, problem, advice }) => `${levelWords[level]}  ${where}: ${problem} ${advice}`,
  );
}

/** Marks what is not as documented. */
const differenceMark = "!=";

function describeRows(rows: readonly ReportRow[]): string[] {
  const table = [
    ["", "WHAT", "DOCUMENTED", "SEEN"],
    ...rows.map(({ what, documented, seen, differs }) => [
      differs ? differenceMark : "",
      what,
      documented,
      seen,
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function describeVerdict({ what, cause, why, change }: Verdict): string[] {
  return [
    what,
    ...(why === undefined ? [] : [`Why: ${why}${cause === undefined ? "" : ` (${cause})`}`]),
    ...change.map((advice) => `Change: ${advice}`),
  ];
}
