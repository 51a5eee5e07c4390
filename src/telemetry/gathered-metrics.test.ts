import { describe, expect, it } from "vitest";
import { GatheredMetrics } from "./gathered-metrics.ts";
import { createRegistry, joinSnapshots, type MetricsSnapshot } from "./prometheus.ts";

const speaker = { dialect: "waves", engine: "tone", voice: "tone" };

/** A process that has begun `contexts` contexts, of which one is open, and made as much audio. */
const counted = (contexts: number): Promise<MetricsSnapshot> => {
  const { registry, count } = createRegistry({});
  count("contexts", { dialect: "waves" });
  count("characters", speaker, contexts);
  for (let context = 0; context < contexts; context += 1) count("firstAudio", speaker, 0.02);
  return registry.getMetricsAsJSON();
};

const pageOf = async (gathered: GatheredMetrics): Promise<string[]> =>
  (await joinSnapshots(await gathered.all()).metrics()).split("\n");
const valueOf = async (gathered: GatheredMetrics, name: string): Promise<number> =>
  Number(
    (await pageOf(gathered))
      .find((line) => line.startsWith(`${name}{`))
      ?.split(" ")
      .at(-1),
  );

describe("GatheredMetrics", () => {
  it("adds up what processes have counted by now", async () => {
    const gathered = new GatheredMetrics();
    const [one, other] = [{}, {}];
    gathered.note(one, await counted(1));
    gathered.note(other, await counted(10));
    gathered.note(one, await counted(2));
    expect(await valueOf(gathered, "syrinx_characters_total")).toBe(12);
    expect(await valueOf(gathered, "syrinx_contexts_open")).toBe(2);
  });

  it("keeps what processes have counted that are gone, and nothing that they only had", async () => {
    const gathered = new GatheredMetrics();
    const left = {};
    for (const process of [{}, {}, {}]) {
      gathered.note(process, await counted(5));
      gathered.forget(process);
    }
    gathered.note(left, await counted(1));
    expect(await valueOf(gathered, "syrinx_characters_total")).toBe(16);
    expect(await valueOf(gathered, "syrinx_first_audio_seconds_count")).toBe(16);
    expect(await valueOf(gathered, "syrinx_contexts_open")).toBe(1);
  });

  it("loses nothing of a process that ends while it is read", async () => {
    const gathered = new GatheredMetrics();
    const process = {};
    gathered.note(process, await counted(5));
    const reading = valueOf(gathered, "syrinx_characters_total");
    gathered.forget(process);
    expect(await reading).toBe(5);
  });

  it("takes no late answer of a process that is gone", async () => {
    const gathered = new GatheredMetrics();
    const process = {};
    gathered.note(process, await counted(5));
    gathered.forget(process);
    gathered.note(process, await counted(6));
    expect(await valueOf(gathered, "syrinx_characters_total")).toBe(5);
  });
});
