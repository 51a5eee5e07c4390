import type { Command } from "commander";
import type { WhyOptions } from "./why.ts";

/** Gives the program its command that explains why connections end. */
export function addWhyCommand(program: Command): void {
  program
    .command("why")
    .description("say why a connection ended, and what to change")
    .argument("[connection]", "the trace id of a connection of a Syrinx server")
    .option(
      "--server <url>",
      "the server that the connection was made to, asked with SYRINX_API_KEY",
      "http://127.0.0.1:8080",
    )
    .option(
      "--log <file>",
      "a log of LiveKit, Pipecat, Bolna, Vocode, a WebSocket library or a browser, or a HAR file; - for standard input",
    )
    .option(
      "--url <url>",
      "the address of a speech socket: look at it, and try what the server does",
    )
    .option("--key-env <name>", "the environment variable that holds its key")
    .option("--patience <seconds>", "how long everything may take (30)")
    .option("--voice <id>", "a voice, for Waves' sockets, whose address names none (meher)")
    .option("--dry-run", "only look at the address")
    .option("--reproduce <cause>", "bring a cause about on a server of its own, and explain it")
    .option("--json", "as JSON")
    .action(async (connection: string | undefined, options: WhyOptions) =>
      (await import("./why.ts")).why(connection, options),
    );
}
