import { describe, expect, it } from "vitest";
import { databaseRows } from "../support/databases.ts";
import { killWriters } from "../support/store-kills.ts";

/** `npm run stress` does 500. */
const kills = { file: 30, postgres: 5, memory: 0 };

for (const row of databaseRows) {
  if (row.kind === "memory") continue;
  describe.skipIf(row.skip)(`a process that is killed while it writes: ${row.name}`, () => {
    it("has lost nothing that was acknowledged, and left nothing by halves", async () => {
      const opened = await row.open();
      try {
        const count = await killWriters(opened.place, kills[row.kind]);
        expect(count.acknowledged).toBeGreaterThan(kills[row.kind]);
        expect(count.kept).toBeGreaterThanOrEqual(count.acknowledged);
      } finally {
        await opened.close();
      }
    }, 300_000);
  });
}
