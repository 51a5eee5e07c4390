import { isDeepStrictEqual } from "node:util";
import type { PronunciationRule } from "../protocol/pronunciation.ts";
import type { Dictionary, DictionaryStore } from "../protocol/stores.ts";

/** Changes the rules of a dictionary without a function, which could not leave its process. */
export interface RuleReplacer {
  /**
   * Puts `rules` in the place of `seen`. "stale": the latest rules are others by now, and nothing
   * was changed.
   */
  replace(
    id: string,
    seen: readonly PronunciationRule[],
    rules: readonly PronunciationRule[],
  ): Promise<Dictionary | "stale" | undefined>;
}

class StaleRules extends Error {
  override readonly name = "StaleRules";
}

export function createRuleReplacer(store: DictionaryStore): RuleReplacer {
  return {
    async replace(id, seen, rules) {
      try {
        return await store.revise(id, (latest) => {
          if (isDeepStrictEqual(latest, seen)) return rules;
          throw new StaleRules();
        });
      } catch (error) {
        if (error instanceof StaleRules) return "stale";
        throw error;
      }
    },
  };
}

/** Dictionaries that are kept in another process. */
export function createSharedDictionaries(
  store: Omit<DictionaryStore, "revise">,
  replacer: RuleReplacer,
): DictionaryStore {
  return {
    create: (dictionary) => store.create(dictionary),
    update: (id, change) => store.update(id, change),
    find: (id) => store.find(id),
    findVersion: (id, versionId) => store.findVersion(id, versionId),
    list: (query) => store.list(query),
    resolve: (locators) => store.resolve(locators),
    async revise(id, change) {
      // Each time round somebody else's change was made.
      for (;;) {
        const before = await store.find(id);
        if (!before) return undefined;
        const { rules } = before.latest;
        const after = await replacer.replace(id, rules, change(rules));
        if (after !== "stale") return after;
      }
    },
  };
}
