import { systemClock } from "../../src/clock.ts";
import { openRecords, type Records } from "../../src/open-records.ts";

/** Records that are kept in memory; whatever goes wrong behind the caller's back is thrown. */
export function openMemoryRecords(wallClock: () => number = Date.now): Promise<Records> {
  return openRecords(
    { database: "memory", dataDir: "" },
    {
      clock: systemClock,
      wallClock,
      onFault: (error) => {
        throw error;
      },
    },
  );
}
