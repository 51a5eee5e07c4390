/** Flags that say where the database is, for commands that use it themselves. */
export const databaseFlags: readonly (readonly [flags: string, description: string])[] = [
  ["--data-dir <folder>", "folder of the database, if it is SQLite (./data)"],
  ["--database <url>", "postgres:// address of the database (SYRINX_DATABASE_URL)"],
  ["--config <file>", "JSON file with settings that say so (syrinx.config.json)"],
];
