import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type ConformanceTest, formatReport, statementOf, withoutResults } from "./report.ts";
import { statements } from "./statements.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const listSchema = z.array(z.object({ name: z.string(), file: z.string() }));

/** All tests of the suite, as vitest itself collects them. */
async function listTests(): Promise<ConformanceTest[]> {
  const vitest = join(
    dirname(createRequire(import.meta.url).resolve("vitest/package.json")),
    "vitest.mjs",
  );
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [vitest, "list", "test/conformance", "--exclude", "**/statements.test.ts", "--json"],
    { cwd: root, maxBuffer: 16_000_000 },
  );
  return listSchema.parse(JSON.parse(stdout.slice(stdout.indexOf("[")))).map(({ name, file }) => ({
    file: relative(root, file).split(sep).join("/"),
    name: name.slice(name.lastIndexOf(" > ") + 3),
    result: "passed",
  }));
}

const idsOf = (count: number, prefix = ""): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

describe("the statements", () => {
  it("have the numbers of the checklists, all of them", () => {
    expect(statements.map(({ id }) => id)).toEqual([...idsOf(150), ...idsOf(53, "W")]);
  });

  it("all have a test, and no test names another number", async () => {
    const files = (await readdir(here)).filter((name) => name.endsWith(".test.ts"));
    const sources = await Promise.all(files.map((name) => readFile(join(here, name), "utf8")));
    const tested = new Set(
      sources.flatMap((source) =>
        Array.from(source.matchAll(/["`]\[(W?\d+)\] (?:must|should) /g), ([, id]) => id),
      ),
    );
    expect(tested).toEqual(new Set(statements.map(({ id }) => id)));
  });

  it("and their tests are those that docs/conformance.md lists", async () => {
    const tests = await listTests();
    expect(tests.filter((test) => statementOf(test) === undefined)).toEqual([]);
    const page = await readFile(join(root, "docs", "conformance.md"), "utf8");
    expect(withoutResults(page), "docs/conformance.md is stale: npm run docs:conformance").toBe(
      withoutResults(formatReport(tests)),
    );
  });
});
