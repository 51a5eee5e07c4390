import type { Command } from "commander";
import type { WhyLogOptions } from "./why-log.ts";

/** Gives the program its command that explains why connections end. */
export function addWhyCommand(program: Command): void {
  program
    .command("why")
    .description("say why a connection of any speech client ended, and what to change")
    .requiredOption(
      "--log <file>",
      "a log of LiveKit, Pipecat, Bolna, Vocode, a WebSocket library or a browser, a HAR file, or - for standard input",
    )
    .option("--json", "as JSON")
    .action(async (options: WhyLogOptions) => (await import("./why-log.ts")).whyLog(options));
}
