import { expect, it } from "vitest";
import { MemoryUsage } from "./usage.ts";

const hour = 3600;

it("drops the oldest hours when there are too many rows, but not from the total", async () => {
  const usage = new MemoryUsage(2);
  for (const at of [2, 0, 1]) {
    const amounts = { requests: 1, characters: 1, cost: 1, audioMs: 1 };
    await usage.add({ atUnix: at * hour, voiceId: "v", modelId: "m", ...amounts });
  }
  const [series] = await usage.series({ edgesUnix: [0, hour, 2 * hour, 3 * hour], by: "all" });
  expect(series?.buckets.map(({ requests }) => requests)).toEqual([0, 1, 1]);
  expect((await usage.total()).requests).toBe(3);
});
