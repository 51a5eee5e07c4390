import type { Command } from "commander";
import type { WhyOptions } from "./why.ts";

/** Gives the program its command that explains why connections end. */
export function addWhyCommand(program: Command): void {
  program
    .command("why")
    .description("say why a connection ended, and what to change")
    .argument("[connection]", "the trace id of a connection of a Syrinx server, with --server")
    .option("--server <url>", "the server that the connection was made to")
    .option(
      "--log <file>",
      "a log of LiveKit, Pipecat, Bolna, Vocode, a WebSocket library or a browser, or a HAR file; - for standard input",
    )
    .option("--json", "as JSON")
    .action(async (connection: string | undefined, options: WhyOptions) =>
      (await import("./why.ts")).why(connection, options),
    );
}
