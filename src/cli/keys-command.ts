import type { Command } from "commander";
import { scopes, usualScopes } from "../protocol/accounts.ts";
import { databaseFlags } from "./database-flags.ts";
import type { KeyOptions } from "./key-options.ts";
import type { KeysOptions } from "./keys.ts";

type Flag = readonly [flags: string, description: string];

const placeFlags: readonly Flag[] = [
  ...databaseFlags,
  ["--server <url>", "a running server, which is asked with SYRINX_API_KEY instead"],
  ["--json", "as JSON"],
];

const ruleFlags: readonly Flag[] = [
  ["--scopes <scopes>", `any of ${scopes.join(",")}`],
  ["--voices <voices>", "the only voices it may use: ids, slugs or names"],
  ["--models <models>", "the only models it may use: ids"],
  ["--quota <characters/period>", "characters per hour, day, month or never, such as 100000/month"],
  ["--max-concurrency <number>", "streams that may speak at the same time"],
  ["--requests-per-second <number>", "requests, and sockets that are opened"],
  ["--addresses <ranges>", "addresses from which it is good, such as 10.0.0.0/8,192.0.2.7"],
  ["--expires <time>", "when it ends, such as 30d or 2027-01-01"],
];

const key = ["<key>", "its id, or its name if no other has it"] as const;

/** Gives the program its commands about keys. */
export function addKeysCommands(program: Command): void {
  const keys = program
    .command("keys")
    .description("look after the keys of a server, running or not")
    .enablePositionalOptions();

  const add = (name: string, description: string, ...flags: readonly Flag[]): Command => {
    const command = keys.command(name).description(description);
    for (const flag of [...flags, ...placeFlags]) command.option(...flag);
    return command;
  };

  add(
    "create",
    `make a key; its secret alone goes to standard output. Without --scopes it is good for ${usualScopes.join(",")}`,
    ["--name <name>", "whose it is, for people"],
    ...ruleFlags,
  ).action(async (options: KeysOptions & KeyOptions) =>
    (await import("./keys.ts")).createKey(options),
  );

  add("list", "list all keys, with their limits").action(async (options: KeysOptions) =>
    (await import("./keys.ts")).listKeys(options),
  );

  add("show", "all that is known of a key, but not its secret")
    .argument(...key)
    .action(async (wanted: string, options: KeysOptions) =>
      (await import("./keys.ts")).showKey(wanted, options),
    );

  add(
    "update",
    "change what a key is good for; `unlimited` takes a limit away",
    ["--name <name>", "whose it is, for people"],
    ...ruleFlags,
  )
    .argument(...key)
    .action(async (wanted: string, options: KeysOptions & KeyOptions) =>
      (await import("./keys.ts")).updateKey(wanted, options),
    );

  add("rotate", "give a key a new secret; the one before is good for a while", [
    "--grace <time>",
    "how long, such as 12h; 0s for not at all (24h)",
  ])
    .argument(...key)
    .action(async (wanted: string, options: KeysOptions & { readonly grace?: string }) =>
      (await import("./keys.ts")).rotateKey(wanted, options),
    );

  add("revoke", "end a key for good, with its connections")
    .argument(...key)
    .action(async (wanted: string, options: KeysOptions) =>
      (await import("./keys.ts")).revokeKey(wanted, options),
    );
}
