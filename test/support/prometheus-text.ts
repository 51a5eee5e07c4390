/** What `/metrics` says: the value of each series, and the kind of each metric. */
export interface Exposition {
  /** By the series as it is written, such as `name{label="value"}`. */
  readonly values: ReadonlyMap<string, number>;
  readonly kinds: ReadonlyMap<string, string>;
}

const name = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const label = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"`;
const seriesPattern = new RegExp(
  String.raw`^(${name}(?:\{${label}(?:,${label})*\})?) ([+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf|NaN))$`,
);
const commentPattern = new RegExp(`^# (HELP|TYPE) (${name}) (.+)$`);

/**
 * Reads the text format 0.0.4 of Prometheus, as strictly as its documentation is.
 * @throws {SyntaxError} naming the line that is not in it
 */
export function parseExposition(text: string): Exposition {
  const values = new Map<string, number>();
  const kinds = new Map<string, string>();
  if (!text.endsWith("\n")) throw new SyntaxError("the last line must end in a line feed");
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, comment, about = "", rest = ""] = commentPattern.exec(line) ?? [];
    const [, series = "", value] = seriesPattern.exec(line) ?? [];
    if (comment === "TYPE") {
      if (kinds.has(about)) throw new SyntaxError(`second kind: ${line}`);
      if (!/^(?:counter|gauge|histogram)$/.test(rest)) throw new SyntaxError(`no kind: ${line}`);
      kinds.set(about, rest);
    } else if (comment !== "HELP") {
      if (value === undefined) throw new SyntaxError(`no sample: ${line}`);
      if (values.has(series)) throw new SyntaxError(`second value: ${line}`);
      values.set(series, Number(value.replace("Inf", "Infinity")));
    }
  }
  return { values, kinds };
}

/** Reads the metrics of a server. */
export async function readMetrics(
  url: string,
  headers: Record<string, string> = {},
): Promise<Exposition> {
  const response = await fetch(`${url}/metrics`, { headers });
  if (response.status !== 200) throw new Error(`/metrics answered ${response.status}`);
  return parseExposition(await response.text());
}

/** The values of a metric's series, without those that are zero. */
export function seriesOf({ values }: Exposition, metric: string): Record<string, number> {
  return Object.fromEntries(
    [...values]
      .filter(([series, value]) => series.startsWith(`${metric}{`) && value !== 0)
      .map(([series, value]) => [series.slice(metric.length), value]),
  );
}
