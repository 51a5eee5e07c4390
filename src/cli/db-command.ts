import type { Command } from "commander";
import { databaseFlags } from "./database-flags.ts";
import type { DatabaseOptions } from "./records.ts";

/** Gives the program its commands about the database. */
export function addDbCommands(program: Command): void {
  const db = program
    .command("db")
    .description("care for the database of keys, usage and history")
    .enablePositionalOptions();

  const add = (name: string, description: string): Command => {
    const command = db.command(name).description(description);
    for (const flag of databaseFlags) command.option(...flag);
    return command;
  };

  add("backup", "copy the database into a file, also while a server uses it")
    .argument("<file>", "where the copy goes")
    .option("--force", "let a file go that is there")
    .action(async (file: string, options: DatabaseOptions & { readonly force?: boolean }) =>
      (await import("./db.ts")).backUpDatabase(file, options),
    );

  add("check", "say whether the database is whole, and how much there is in it").action(
    async (options: DatabaseOptions) => (await import("./db.ts")).check(options),
  );

  add("prune", "delete what need not be kept any longer, and give its room back").action(
    async (options: DatabaseOptions) => (await import("./db.ts")).prune(options),
  );
}
