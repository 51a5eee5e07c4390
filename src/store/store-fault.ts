/** What went wrong behind the stores. Its message can be logged: nothing of a turn is in it. */
export class StoreFault extends Error {
  override readonly name = "StoreFault";
  /** What the database calls it, such as `SQLITE_FULL` or `57P03`; its own words may quote a row. */
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

/** What a database calls its error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

/** Codes of errors that come again however often the same rows are written. */
const dataCodes = [
  // PostgreSQL's classes of data exceptions and of violated constraints.
  /^2[23]...$/,
  /^SQLITE_(?:CONSTRAINT|MISMATCH|TOOBIG|RANGE)/,
];

/** Whether trying again is no use. */
export function isLasting(error: unknown): boolean {
  if (error instanceof TypeError) return true;
  const code = codeOf(error);
  return code !== undefined && dataCodes.some((pattern) => pattern.test(code));
}
