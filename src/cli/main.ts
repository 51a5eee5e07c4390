#!/usr/bin/env -S node --max-semi-space-size=4
import { Command, CommanderError } from "commander";
import { fliteVoices } from "../engine/flite/flite.ts";
import { SettingError, type SettingName, settingRows } from "../settings.ts";
import { version } from "../version.ts";
import type { BenchOptions } from "./bench-options.ts";
import { addDbCommands } from "./db-command.ts";
import { UsageError } from "./errors.ts";
import { addKeysCommands } from "./keys-command.ts";
import { serve } from "./serve.ts";
import type { SpeakOptions } from "./speak.ts";
import { addVoicesCommands } from "./voices-command.ts";
import { addWhyCommand } from "./why-command.ts";

// What only one command needs is loaded by it: a primary process would keep it in memory for nothing.
const program = new Command("syrinx")
  .description("Self-hosted realtime speech server.")
  .version(version)
  .enablePositionalOptions()
  .exitOverride()
  .configureOutput({ outputError: () => {} });

const serveCommand = program
  .command("serve")
  .description("run the server until SIGTERM or SIGINT")
  .option("--config <file>", "JSON file with settings (syrinx.config.json)");
for (const row of Object.values(settingRows)) {
  if (row.flag === undefined) continue;
  const fallback = row.fallback === undefined ? "" : ` (${row.fallback})`;
  serveCommand.option(`--${row.flag} <value>`, `${row.meaning}${fallback}`);
}
serveCommand.action(
  ({ config, ...flags }: { config?: string } & Partial<Record<SettingName, string>>) =>
    serve(flags, config),
);

program
  .command("speak")
  .description("speak a text into a file or to standard output")
  .argument("[text]", "the text, or - to read it from standard input")
  .option("--file <file>", "read the text from a file, of any length")
  .option("--voice <voice>", "a voice of `syrinx voices`", fliteVoices[0]?.slug)
  .option("--model <id>", "a model id, for servers where it matters")
  .option(
    "--format <format>",
    "such as mp3_44100_128, wav_24000, opus_48000_64; from --out if absent",
  )
  .option("--out <file>", "where the audio goes; - for standard output")
  .option("--server <url>", "a running server; without it the command runs its own")
  .action(async (text: string | undefined, options: Omit<SpeakOptions, "text" | "apiKey">) => {
    const { speak } = await import("./speak.ts");
    await speak({ ...options, text, apiKey: process.env["SYRINX_API_KEY"] });
  });

addVoicesCommands(program);
addKeysCommands(program);
addDbCommands(program);
addWhyCommand(program);

const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

program
  .command("bench")
  .description("put load on any server with ElevenLabs' sockets and report what it did")
  .option(
    "--url <url>",
    "a running server; again for one to compare it with; without it the command runs its own",
    collect,
  )
  .option("--api-key <key>", "its key (SYRINX_API_KEY); again, one for each --url", collect)
  .option("--streams <number>", "listeners at the same time", "10")
  .option("--pace <pace>", "paced: conversations; all-at-once: a burst", "paced")
  .option(
    "--socket <use>",
    "multi: one socket per stream; single: one per turn; by --pace if absent",
  )
  .option("--voice <voice>", "an id; Syrinx takes names as well", "JBFqnCBsd6RMkjVDRZzb")
  .option("--model <id>", "a model id")
  .option("--format <format>", "such as pcm_24000, opus_48000_64, ulaw_8000", "mp3_44100_128")
  .option("--duration <seconds>", "how long turns begin (60); all-at-once: one turn each if absent")
  .option("--rounds <number>", "how often each server is measured", "1")
  .option("--text-file <file>", "what is spoken, one turn in each line")
  .option("--query <name=value>", "a parameter of the sockets, such as auto_mode=true", collect)
  .option("--report <file>", "write a page with plots")
  .option("--json <file>", "write everything that was measured; - for standard output")
  .action(async (options: BenchOptions) => (await import("./bench.ts")).bench(options));

/** 0 good, 1 failed, 2 wrong usage. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof UsageError || error instanceof SettingError ? 2 : 1;
}

// Whoever reads our output may have had enough of it: then we are done.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const isHelp = error instanceof CommanderError && error.code.startsWith("commander.help");
  const advice = error instanceof CommanderError ? " See: syrinx --help." : "";
  if (process.exitCode !== 0 && !isHelp) {
    const line = message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ");
    process.stderr.write(`syrinx: ${line}${advice}\n`);
  }
}
