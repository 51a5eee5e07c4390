#!/usr/bin/env -S node --max-semi-space-size=4
import { Command, CommanderError } from "commander";
import { fliteVoices } from "../engine/flite/flite.ts";
import { SettingError, type SettingName, settingRows } from "../settings.ts";
import { version } from "../version.ts";
import { UsageError } from "./errors.ts";
import { serve } from "./serve.ts";
import type { SpeakOptions } from "./speak.ts";
import { listVoices } from "./voices.ts";

const program = new Command("syrinx")
  .description("Self-hosted realtime speech server.")
  .version(version)
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
    // A primary process, which does not speak, can do without it.
    const { speak } = await import("./speak.ts");
    await speak({ ...options, text, apiKey: process.env["SYRINX_API_KEY"] });
  });

program
  .command("voices")
  .description("list the voices")
  .option("--json", "as JSON")
  .action(({ json }: { json?: boolean }) => listVoices(json === true));

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
