/** The command was called wrongly: exit code 2. The message is one line: what, why, what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command could not do its work: exit code 1. The message is one line. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
