/**
 * Runs the conformance suite and writes docs/conformance.md. Fails when a statement has no test or
 * a test fails; the page is written all the same, and shows which.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import {
  type ConformanceTest,
  formatReport,
  mergeTests,
  statementOf,
} from "../test/conformance/report.ts";
import { statements } from "../test/conformance/statements.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const runSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(z.object({ title: z.string(), status: z.string() })),
    }),
  ),
});

async function runSuite(): Promise<ConformanceTest[]> {
  const folder = await mkdtemp(join(tmpdir(), "syrinx-conformance-"));
  const outputFile = join(folder, "run.json");
  const vitest = join(
    dirname(createRequire(import.meta.url).resolve("vitest/package.json")),
    "vitest.mjs",
  );
  try {
    spawnSync(
      process.execPath,
      [
        ...[vitest, "run", "test/conformance", "--exclude", "**/statements.test.ts"],
        ...["--reporter", "default", "--reporter", "json", `--outputFile.json=${outputFile}`],
      ],
      { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
    );
    const run = runSchema.parse(JSON.parse(await readFile(outputFile, "utf8")));
    return run.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ title, status }) => ({
        file: relative(root, name).split(sep).join("/"),
        name: title,
        result: status === "passed" ? status : status === "failed" ? status : "skipped",
      })),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const tests = await runSuite();
await writeFile(join(root, "docs", "conformance.md"), formatReport(tests));

const merged = mergeTests(tests);
const problems = statements.flatMap(({ id }) => {
  const shown = merged.filter((test) => statementOf(test) === id);
  if (!shown.some(({ result }) => result !== "skipped")) return [`${id}: no test has run`];
  return shown
    .filter(({ result }) => result === "failed")
    .map(({ file, name }) => `${id}: ${file}: ${name}`);
});
for (const problem of problems) console.error(problem);
console.log(`${statements.length} statements, ${merged.length} tests, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
