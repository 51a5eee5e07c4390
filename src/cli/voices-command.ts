import type { Command } from "commander";
import type { AddOptions } from "./add-voice.ts";
import type { TestOptions } from "./try-voice.ts";
import type { VoicesOptions } from "./voices.ts";

const dataDir = ["--data-dir <folder>", "folder whose voices/ is meant (./data)"] as const;
const server = ["--server <url>", "a running server, which is asked instead"] as const;
const refreshed = ["--server <url>", "a running server, which is told of it at once"] as const;
const json = ["--json", "as JSON"] as const;

/** Gives the program its commands about voices. */
export function addVoicesCommands(program: Command): void {
  const voices = program
    .command("voices")
    .description("list the voices; add, try and remove some")
    .enablePositionalOptions()
    .option(...json)
    .option(...dataDir)
    .option(...server)
    .action(async (options: VoicesOptions) => (await import("./voices.ts")).listVoices(options));

  voices
    .command("list")
    .description("list the voices of all engines")
    .option(...json)
    .option(...dataDir)
    .option(...server)
    .action(async (options: VoicesOptions) => (await import("./voices.ts")).listVoices(options));

  voices
    .command("show")
    .description("all that is known of a voice")
    .argument("<voice>", "its name, id or slug")
    .option(...json)
    .option(...dataDir)
    .option(...server)
    .action(async (voice: string, options: VoicesOptions) =>
      (await import("./voices.ts")).showVoice(voice, options),
    );

  voices
    .command("catalogue")
    .description("list public voices that can be added by name")
    .option(...json)
    .action(async (options: { json?: boolean }) =>
      (await import("./add-voice.ts")).listPublicVoices(options),
    );

  voices
    .command("add")
    .description("check a voice and put it among the others")
    .argument(
      "<source>",
      "a name of the catalogue, a folder, an archive (tar, tar.gz, tar.bz2, zip), an .onnx with its .onnx.json, a voice.json, or the address of one",
    )
    .option("--name <name>", "what it is called; made from the source if absent")
    .option("--replace", "let one go that is called so")
    .option("--sha256 <hash>", "what a download must be")
    .option(...dataDir)
    .option(...refreshed)
    .action(async (source: string, options: AddOptions) =>
      (await import("./add-voice.ts")).add(source, options),
    );

  voices
    .command("remove")
    .description("remove the folder of a voice, without asking")
    .argument("<voice>", "its name, id or slug")
    .option(...dataDir)
    .option(...refreshed)
    .action(async (voice: string, options: AddOptions) =>
      (await import("./add-voice.ts")).remove(voice, options),
    );

  voices
    .command("test")
    .description("let a voice speak a sentence, cold and warm, and say how fast it was")
    .argument("<voice>", "its name, id or slug")
    .option("--text <text>", "what it says")
    .option("--out <file>", "a WAV file for it")
    .option(...json)
    .option(...dataDir)
    .option(...server)
    .action(async (voice: string, options: TestOptions) =>
      (await import("./try-voice.ts")).testVoice(voice, options),
    );
}
