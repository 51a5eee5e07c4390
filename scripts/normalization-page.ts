import { readFileSync } from "node:fs";
import {
  plainReadings,
  type ReadingRow,
  readings,
  writtenOut,
} from "../test/normalization/rows.ts";
import { notice, table } from "./markdown.ts";

/** What tables cannot know. */
const guide = readFileSync(new URL("normalization-guide.md", import.meta.url), "utf8");

/** What texts are read as: the rows that are tested. */
export function normalizationPage(): string {
  const sections = readings.map(({ name, rows }) => `### ${name}\n\n${readingTable(rows)}`);
  return `${notice}

${guide}
## What is said

For a voice that can read words only. "ay" is the letter A, which such a voice would take for the article.

${sections.join("\n\n")}

## What is given to voices that read by themselves

With \`on\`.

${readingTable(writtenOut)}

## What is said with \`off\`

By a voice that can read words only.

${readingTable(plainReadings)}
`;
}

const readingTable = (rows: readonly ReadingRow[]): string =>
  table(
    ["written", "spoken"],
    rows.map(([written, spoken]) => [code(written), spoken]),
  );

// Two or more spaces would be one, and asterisks emphasis.
const code = (text: string): string => `\`${text}\``;
