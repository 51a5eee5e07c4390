/** Writes rows in columns, the first of them the headings. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows) {
    const line = row.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join("  ");
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

/** Writes names and what they stand for, one in a line; nothing for what is not known. */
export function printFacts(facts: Readonly<Record<string, string | undefined>>): void {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  const width = Math.max(...known.map(([name]) => name.length));
  for (const [name, value] of known) {
    process.stdout.write(`${name.padEnd(width)}  ${value}\n`);
  }
}

export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
};

/** A size as people read it. */
export const formatBytes = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${Math.round(bytes / 1e6)} MB`;
