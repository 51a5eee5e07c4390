import { describe, expect, it } from "vitest";
import { RuleCache, type VersionRules } from "./rule-cache.ts";

const version = (versionId: string, chars: number): VersionRules => ({
  dictionaryId: "dictionary",
  versionId,
  rules: [],
  chars,
});

describe("the rule cache", () => {
  it("keeps what fits, and of that what was used last", () => {
    const cache = new RuleCache(100);
    const [a, b, c] = [version("a", 40), version("b", 40), version("c", 40)];
    cache.put(a);
    cache.put(b);
    expect(cache.get("a")).toBe(a);
    cache.put(c);
    expect(["a", "b", "c"].map((id) => cache.get(id))).toEqual([a, undefined, c]);
  });

  it("does not count twice what is put twice", () => {
    const cache = new RuleCache(100);
    cache.put(version("a", 40));
    for (let round = 0; round < 5; round += 1) cache.put(version("b", 60));
    expect(cache.get("a")).toBeDefined();
    expect(cache.get("b")).toBeDefined();
  });

  it("keeps nothing that does not fit at all, and goes on", () => {
    const cache = new RuleCache(100);
    cache.put(version("a", 40));
    cache.put(version("huge", 101));
    expect(cache.get("huge")).toBeUndefined();
    cache.put(version("b", 100));
    expect(cache.get("b")).toBeDefined();
  });
});
