import { type Diagnosis, diagnoseLog } from "../why/diagnose.ts";
import { readTraces } from "../why/read-traces.ts";
import { readLog } from "./read-log.ts";
import { showDiagnosis } from "./show-diagnosis.ts";
import { formatBytes, printJson } from "./table.ts";

export interface WhyLogOptions {
  /** A file, or `-` for standard input. */
  readonly log: string;
  readonly json?: boolean;
}

/** Says why the connections of a log ended. The exit code is 1 where it cannot be told. */
export async function whyLog({ log, json = false }: WhyLogOptions): Promise<void> {
  const { bytes, skippedLines } = await readLog(log);
  const traces = readTraces(bytes);
  const diagnosis = numberedFrom(skippedLines, diagnoseLog(traces));
  if (json) printJson({ connections: traces.length, skipped_lines: skippedLines, ...diagnosis });
  else {
    if (skippedLines > 0) {
      process.stderr.write(
        `Only the last ${formatBytes(bytes.length)} were read; ${skippedLines} lines before them were not.\n`,
      );
    }
    process.stdout.write(showDiagnosis(diagnosis, hasColours(process.stdout)));
  }
  if (!isExplained(diagnosis)) process.exitCode = 1;
}

const isExplained = ({ causes }: Diagnosis): boolean =>
  causes[0] !== undefined && causes[0].confidence !== "possible";

const hasColours = (output: NodeJS.WriteStream): boolean =>
  output.isTTY && !process.env["NO_COLOR"];

/** Lines are counted from the beginning of the log, whatever of it was read. */
function numberedFrom(skippedLines: number, diagnosis: Diagnosis): Diagnosis {
  if (skippedLines === 0) return diagnosis;
  const causes = diagnosis.causes.map((cause) => ({
    ...cause,
    evidence: cause.evidence.map(({ line, text }) => ({
      line: line === undefined ? undefined : line + skippedLines,
      text,
    })),
  }));
  return { ...diagnosis, causes };
}
