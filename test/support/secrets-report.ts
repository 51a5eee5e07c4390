import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const watch = fileURLToPath(new URL("secrets-watch.mjs", import.meta.url));

/** Has every process of the run look for secrets in what it writes; the run fails when one is found. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "syrinx-secrets-"));
  const report = join(folder, "report.txt");
  writeFileSync(report, "");
  process.env["SECRETS_REPORT"] = report;
  process.env["NODE_OPTIONS"] = `${process.env["NODE_OPTIONS"] ?? ""} --import=${watch}`.trim();
  return () => {
    const found = readFileSync(report, "utf8").split("\n").filter(Boolean);
    rmSync(folder, { recursive: true, force: true });
    if (found.length === 0) return;
    throw new Error(`Keys or tokens were written ${found.length} times:\n${found.join("\n")}`);
  };
}
