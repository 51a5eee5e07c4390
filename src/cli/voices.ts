import { fliteVoices } from "../engine/flite/flite.ts";

/** Prints the voices, one line each, or as JSON. */
export function listVoices(asJson: boolean): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify(fliteVoices, null, 2)}\n`);
    return;
  }
  const rows = [
    ["VOICE", "ID", "LANGUAGE", "SEX", "ENGINE", "DESCRIPTION"],
    ...fliteVoices.map((voice) => [
      voice.slug,
      voice.id,
      voice.language,
      voice.sex,
      voice.engine,
      voice.description,
    ]),
  ];
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows) {
    const line = row.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join("  ");
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}
