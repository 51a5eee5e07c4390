import { databaseRows } from "../test/support/databases.ts";
import { killWriters } from "../test/support/store-kills.ts";

/* Kills processes that write to the store, and says whether anything was lost: KILLS of them, or 500. */

const kills = Number(process.env["KILLS"] ?? 500);

for (const row of databaseRows) {
  // What is in memory does not outlive its process.
  if (row.skip || row.kind === "memory") continue;
  const opened = await row.open();
  try {
    const { acknowledged, kept } = await killWriters(opened.place, kills, (count) => {
      if (count.kills % 50 === 0) process.stdout.write(`${row.name}: ${count.kills} kills\n`);
    });
    process.stdout.write(
      `${row.name}: ${kills} kills, ${acknowledged} turns acknowledged, ${kept} kept, none lost, none by halves\n`,
    );
  } finally {
    await opened.close();
  }
}
