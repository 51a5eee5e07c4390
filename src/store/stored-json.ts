/** A row that this program has not written so: the disk, or somebody, has changed it. */
export class DamagedRowError extends Error {
  override readonly name = "DamagedRowError";

  constructor(table: string, column: string) {
    super(
      `A row of the table ${table} is damaged: its ${column} is not what it should be. Delete it, or restore a backup.`,
    );
  }
}

/** Where a value comes from. */
export interface StoredIn {
  readonly table: string;
  readonly column: string;
}

/**
 * What was kept as JSON; `read` gives undefined for what it does not know.
 * @throws {DamagedRowError}
 */
export function readStored<Value>(
  { table, column }: StoredIn,
  json: string,
  read: (value: unknown) => Value | undefined,
): Value {
  const value = read(parse(json));
  if (value === undefined) throw new DamagedRowError(table, column);
  return value;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** An object whose members are not known yet; undefined for anything else. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
