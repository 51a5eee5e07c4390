import { UsageError } from "./errors.ts";
import { whyConnection } from "./why-connection.ts";
import { whyLog } from "./why-log.ts";

export interface WhyOptions {
  readonly server?: string;
  /** A file, or `-` for standard input. */
  readonly log?: string;
  readonly json?: boolean;
}

/** Says why a connection ended: one that a server remembers, or those of a log. */
export async function why(
  connection: string | undefined,
  { server, log, json = false }: WhyOptions,
): Promise<void> {
  if (connection !== undefined && log === undefined) {
    if (server === undefined)
      throw new UsageError("Name the server of the connection: --server URL.");
    await whyConnection(connection, { server, json });
  } else if (log !== undefined && connection === undefined && server === undefined) {
    await whyLog({ log, json });
  } else {
    throw new UsageError(
      "Say what to explain: --log FILE, or the id of a connection with --server URL.",
    );
  }
}
