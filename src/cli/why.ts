import { UsageError } from "./errors.ts";

export interface WhyOptions {
  readonly server: string;
  /** A file, or `-` for standard input. */
  readonly log?: string;
  readonly url?: string;
  readonly keyEnv?: string;
  readonly patience?: string;
  readonly voice?: string;
  readonly dryRun?: boolean;
  readonly reproduce?: string;
  readonly json?: boolean;
}

/**
 * Says why a connection ended: one that a server remembers, those of a log, one that is tried now, or
 * one of a cause that is brought about. What only one of them needs is loaded by it.
 */
export async function why(connection: string | undefined, options: WhyOptions): Promise<void> {
  const { server, log, url, reproduce, json = false, ...probing } = options;
  const [idle] = Object.keys(probing);
  if (idle !== undefined && url === undefined) {
    throw new UsageError(`${flagOf(idle)} belongs to --url ADDRESS, which was not given.`);
  }
  const asked = [connection, log, url, reproduce].filter((each) => each !== undefined);
  if (asked.length !== 1) {
    throw new UsageError(
      "Say what to explain: the id of a connection, --log FILE, --url ADDRESS or --reproduce CAUSE.",
    );
  }
  if (connection !== undefined) {
    const { whyConnection } = await import("./why-connection.ts");
    await whyConnection(connection, { server, json });
  } else if (log !== undefined) {
    const { whyLog } = await import("./why-log.ts");
    await whyLog({ log, json });
  } else if (url !== undefined) {
    const { whyUrl } = await import("./why-url.ts");
    await whyUrl({ url, json, ...probing });
  } else if (reproduce !== undefined) {
    const { whyReproduce } = await import("./why-reproduce.ts");
    await whyReproduce(reproduce, { json });
  }
}

const flagOf = (option: string): string =>
  `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
