import { expect, it } from "vitest";
import type { Voice } from "../protocol/voice.ts";
import { createDirectory } from "./directory.ts";
import type { Engine } from "./synthesizer.ts";
import { createToneEngine } from "./tone.ts";

/** An engine whose voices are what its refresh finds. */
function createEngine(name: string, slugs: readonly string[][]): Engine {
  const tone = createToneEngine();
  let refreshes = 0;
  return {
    ...tone,
    name,
    get voices(): readonly Voice[] {
      return (slugs[refreshes] ?? []).map((slug) => ({
        ...(tone.voices[0] as Voice),
        id: `${name}-${slug}`,
        slug,
        engine: name,
      }));
    },
    refresh() {
      refreshes += 1;
      return Promise.resolve([]);
    },
  };
}

it("tells which voices came and went", async () => {
  let told: readonly Voice[] = [];
  const engine = createEngine("one", [
    ["a", "b"],
    ["b", "c"],
  ]);
  const directory = createDirectory([engine], (voices) => (told = voices));
  const { added, removed, faults } = await directory.refresh();
  expect(added.map(({ slug }) => slug)).toEqual(["c"]);
  expect(removed.map(({ slug }) => slug)).toEqual(["a"]);
  expect(faults).toEqual([]);
  expect(told.map(({ slug }) => slug)).toEqual(["b", "c"]);
});

it("a voice called like one of another engine is a fault, not a voice that cannot be asked for", async () => {
  let told: readonly Voice[] = [];
  const engines = [createEngine("one", [[], ["same"]]), createEngine("two", [[], ["same", "own"]])];
  const { faults } = await createDirectory(engines, (voices) => (told = voices)).refresh();
  expect(told.map(({ id }) => id)).toEqual(["one-same", "two-own"]);
  expect(faults).toMatchObject([{ name: "same" }]);
});
