import { sections, statements } from "./statements.ts";

/** One test of the suite; its name begins with the number of the statement it shows, in brackets. */
export interface ConformanceTest {
  /** Path from the root of the repository, with `/`. */
  readonly file: string;
  readonly name: string;
  readonly result: "passed" | "failed" | "skipped";
}

/** The number of the statement a test shows; undefined for tests of something else. */
export function statementOf({ name }: Pick<ConformanceTest, "name">): string | undefined {
  return /^\[(W?\d+)\] /.exec(name)?.[1];
}

/** Tests under one name count as one, which has passed only if all of them have. */
export function mergeTests(tests: readonly ConformanceTest[]): ConformanceTest[] {
  const merged = new Map<string, ConformanceTest>();
  for (const test of tests) {
    if (statementOf(test) === undefined) continue;
    const key = `${test.file} ${test.name}`;
    const earlier = merged.get(key);
    if (!earlier || earlier.result === "passed") merged.set(key, test);
  }
  return [...merged.values()].toSorted(
    (a, b) => compare(a.file, b.file) || compare(a.name, b.name),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const intro = `# Conformance with the protocols of ElevenLabs and Waves

What clients of these protocols rely on, one numbered statement each, and the tests that show it.
Where the profiles differ (see [compatibility.md](compatibility.md)), a test named "observed" shows the
other one. A skipped test needs a program that the machine of this run did not have.

This page is written by \`scripts/generate-conformance.ts\`, and a test fails when it is stale.
`;

/** docs/conformance.md for these tests. */
export function formatReport(tests: readonly ConformanceTest[]): string {
  const merged = mergeTests(tests);
  const tables = Object.entries(sections).map(([section, title]) => {
    const rows = statements
      .filter((statement) => statement.section === section)
      .flatMap(({ id, text, level }) => {
        const shown = merged.filter((test) => statementOf(test) === id);
        if (shown.length === 0) return [formatRow([id, text, level, "", "no test"])];
        return shown.map(({ file, name, result }, index) =>
          formatRow([
            ...(index === 0 ? [id, text, level] : ["", "", ""]),
            `${file.replace(/^test\/conformance\//, "")}: ${name}`,
            result,
          ]),
        );
      });
    const head = ["No.", "The server must or should", "Level", "Test", "Result"];
    return [`## ${title}`, "", formatRow(head), formatRow(head.map(() => "---")), ...rows, ""].join(
      "\n",
    );
  });
  return `${intro}\n${tables.join("\n")}`;
}

const formatRow = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(" | ")} |`;

const escapeCell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** The report without its results, which differ between machines. */
export const withoutResults = (report: string): string =>
  report.replaceAll(/ \| (?:passed|failed|skipped|Result) \|$/gm, " |");
