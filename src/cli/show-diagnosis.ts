import type { DiagnosedCause, Diagnosis } from "../why/diagnose.ts";
import type { Evidence } from "../why/trace.ts";

/** What begins and ends each style on a terminal (ECMA-48 section 8.3.117). */
const styles = { bold: [1, 22], dim: [2, 22], green: [32, 39], yellow: [33, 39] } as const;
type Paint = (style: keyof typeof styles, text: string) => string;

const colourful: Paint = (style, text) => {
  const [begin, end] = styles[style];
  return `\u001b[${begin}m${text}\u001b[${end}m`;
};
const plain: Paint = (_style, text) => text;

const sureness: Readonly<Record<DiagnosedCause["confidence"], string>> = {
  certain: "certain",
  likely: "likely, not certain",
  possible: "possible, no more",
};
const maxOthers = 4;

/** A diagnosis as people read it. */
export function showDiagnosis({ causes, missing }: Diagnosis, hasColours: boolean): string {
  const paint = hasColours ? colourful : plain;
  const [first, ...others] = causes;
  const lines =
    first === undefined
      ? ["Nothing in this log tells how a connection of a speech client ended."]
      : first.confidence === "possible"
        ? showGuesses(causes.slice(0, maxOthers), paint)
        : [...showCause(first, paint), ...showOthers(others.slice(0, maxOthers), paint)];
  return `${[...lines, ...showMissing(missing, paint)].join("\n")}\n`;
}

/** Where a log does not tell why, nothing is put first as if it did. */
function showGuesses(causes: readonly DiagnosedCause[], paint: Paint): string[] {
  const guesses = causes.flatMap(({ cause, sentence, change }) => [
    `  ${paint("bold", cause)}: ${sentence}`,
    `    ${change}`,
  ]);
  return [
    paint("bold", "This log does not tell why the connection ended."),
    "",
    ...showEvidence(causes[0]?.evidence ?? [], paint),
    "",
    paint("yellow", "It may be:"),
    ...guesses,
  ];
}

function showCause(
  { cause, confidence, sentence, evidence, change }: DiagnosedCause,
  paint: Paint,
): string[] {
  return [
    paint("bold", sentence),
    paint("dim", `${cause}: ${sureness[confidence]}`),
    "",
    ...showEvidence(evidence, paint),
    "",
    paint("green", "What to change:"),
    `  ${change}`,
  ];
}

function showEvidence(evidence: readonly Evidence[], paint: Paint): string[] {
  const numbers = evidence.map(({ line }) => (line === undefined ? "" : String(line)));
  const width = Math.max(2, ...numbers.map(({ length }) => length));
  return evidence.map(({ text }, index) => {
    const number = (numbers[index] ?? "").padStart(width);
    return `  ${paint("dim", number)}  ${text}`;
  });
}

function showOthers(others: readonly DiagnosedCause[], paint: Paint): string[] {
  if (others.length === 0) return [];
  const lines = others.map(
    ({ cause, confidence, sentence }) => `  ${cause} (${confidence}): ${sentence}`,
  );
  return ["", paint("yellow", "It may also be:"), ...lines];
}

function showMissing(missing: readonly string[], paint: Paint): string[] {
  if (missing.length === 0) return [];
  return [
    "",
    paint("yellow", "To know more, add to the log:"),
    ...missing.map((what) => `  - ${what}`),
  ];
}
