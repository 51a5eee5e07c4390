import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { setOf, type TraceLabel, traceSets } from "../../test/explanations/labelled-traces.ts";

const folder = fileURLToPath(new URL("../../test/data/traces", import.meta.url));

/** A trace with what is known of it. */
export interface Labelled {
  readonly label: TraceLabel;
  readonly text: string;
}

/** Puts traces, and their labels, where their names belong; those that were there are replaced. */
export async function addToCorpus(traces: readonly Labelled[]): Promise<void> {
  for (const set of traceSets) {
    const added = traces.filter(({ label }) => setOf(label.file) === set);
    const path = `${folder}/${set}/labels.json`;
    const known = JSON.parse(await readFile(path, "utf8")) as TraceLabel[];
    const names = new Set(added.map(({ label }) => label.file));
    const labels = [
      ...known.filter(({ file }) => !names.has(file)),
      ...added.map(({ label }) => label),
    ].toSorted((one, other) => (one.file < other.file ? -1 : 1));
    await writeFile(path, `[\n${labels.map(formatLabel).join(",\n")}\n]\n`);
    for (const { label, text } of added) await writeFile(`${folder}/${set}/${label.file}`, text);
  }
}

/** One member on each line. */
function formatLabel(label: TraceLabel): string {
  const members = Object.entries(label).map(([name, value]) => {
    const shown = Array.isArray(value)
      ? `[${value.map((each) => JSON.stringify(each)).join(", ")}]`
      : JSON.stringify(value);
    return `    ${JSON.stringify(name)}: ${shown}`;
  });
  return `  {\n${members.join(",\n")}\n  }`;
}
