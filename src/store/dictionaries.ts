import { randomBytes } from "node:crypto";
import { SpeechError } from "../protocol/problems.ts";
import type { DictionaryLocator, PronunciationRule } from "../protocol/pronunciation.ts";
import type {
  Dictionary,
  DictionaryPage,
  DictionaryQuery,
  DictionaryStore,
  DictionaryVersion,
  ResolvedDictionaries,
} from "../protocol/stores.ts";

interface Entry {
  dictionary: Dictionary;
  /** By id, oldest first. */
  readonly versions: Map<string, DictionaryVersion>;
}

/** What a rule takes besides its characters. */
const ruleChars = 100;
const defaultMaxChars = 20_000_000;

/**
 * Dictionaries with all their versions, in memory. Old versions stay usable, so nothing is ever
 * dropped: what no longer fits into `maxChars` characters is refused.
 */
export class MemoryDictionaries implements DictionaryStore {
  readonly #wallClock: () => number;
  readonly #maxChars: number;
  readonly #entries = new Map<string, Entry>();
  #chars = 0;

  /** `wallClock` gives Unix time in ms. */
  constructor(wallClock: () => number, maxChars: number = defaultMaxChars) {
    this.#wallClock = wallClock;
    this.#maxChars = maxChars;
  }

  // Not `async`, nor any other here: what is done at once cannot be overtaken.
  create({
    name,
    description,
    rules,
  }: Parameters<DictionaryStore["create"]>[0]): Promise<Dictionary> {
    return settle(() => {
      const latest = this.#createVersion(rules);
      const dictionary: Dictionary = {
        id: createId(),
        name,
        description,
        createdAtUnix: latest.createdAtUnix,
        archivedAtUnix: undefined,
        latest,
      };
      this.#entries.set(dictionary.id, { dictionary, versions: new Map([[latest.id, latest]]) });
      return dictionary;
    });
  }

  revise(
    id: string,
    change: (rules: readonly PronunciationRule[]) => readonly PronunciationRule[],
  ): Promise<Dictionary | undefined> {
    return settle(() => {
      const entry = this.#entries.get(id);
      if (!entry) return undefined;
      const latest = this.#createVersion(change(entry.dictionary.latest.rules));
      entry.versions.set(latest.id, latest);
      entry.dictionary = { ...entry.dictionary, latest };
      return entry.dictionary;
    });
  }

  update(
    id: string,
    change: { readonly name: string | undefined; readonly archived: boolean | undefined },
  ): Promise<Dictionary | undefined> {
    return settle(() => {
      const entry = this.#entries.get(id);
      if (!entry) return undefined;
      const { name = entry.dictionary.name, archived } = change;
      const archivedAtUnix = entry.dictionary.archivedAtUnix;
      entry.dictionary = {
        ...entry.dictionary,
        name,
        archivedAtUnix: {
          undefined: archivedAtUnix,
          true: archivedAtUnix ?? this.#nowUnix(),
          false: undefined,
        }[`${archived}`],
      };
      return entry.dictionary;
    });
  }

  find(id: string): Promise<Dictionary | undefined> {
    return Promise.resolve(this.#entries.get(id)?.dictionary);
  }

  findVersion(id: string, versionId: string): Promise<DictionaryVersion | undefined> {
    return Promise.resolve(this.#entries.get(id)?.versions.get(versionId));
  }

  list(query: DictionaryQuery): Promise<DictionaryPage | undefined> {
    const all = Array.from(this.#entries.values(), ({ dictionary }) => dictionary);
    if (query.sort === "name") all.sort((a, b) => a.name.localeCompare(b.name, "en"));
    if (query.descending) all.reverse();
    const from = all.findIndex(({ id }) => id === query.afterId) + 1;
    if (query.afterId !== undefined && from === 0) return Promise.resolve(undefined);
    const found = all
      .slice(from)
      .filter(({ archivedAtUnix }) => query.withArchived || archivedAtUnix === undefined);
    const dictionaries = found.slice(0, query.pageSize);
    return Promise.resolve({ dictionaries, hasMore: dictionaries.length < found.length });
  }

  resolve(locators: readonly DictionaryLocator[]): Promise<ResolvedDictionaries> {
    const rules: PronunciationRule[] = [];
    const found: DictionaryLocator[] = [];
    const missing: DictionaryLocator[] = [];
    for (const locator of locators) {
      const entry = this.#entries.get(locator.dictionaryId);
      const versionId = locator.versionId ?? entry?.dictionary.latest.id ?? "";
      const version = entry?.versions.get(versionId);
      if (version) {
        found.push({ dictionaryId: locator.dictionaryId, versionId });
        for (const rule of version.rules) rules.push(rule);
      } else {
        missing.push(locator);
      }
    }
    return Promise.resolve({ rules, found, missing });
  }

  /** @throws {SpeechError} dictionaries_full */
  #createVersion(rules: readonly PronunciationRule[]): DictionaryVersion {
    const chars = this.#chars + ruleChars + rules.reduce((sum, rule) => sum + sizeOf(rule), 0);
    if (chars > this.#maxChars) {
      throw new SpeechError("dictionaries_full", { limit: this.#maxChars, ruleChars });
    }
    this.#chars = chars;
    return { id: createId(), createdAtUnix: this.#nowUnix(), rules: [...rules] };
  }

  #nowUnix(): number {
    return Math.floor(this.#wallClock() / 1000);
  }
}

const sizeOf = (rule: PronunciationRule): number =>
  ruleChars +
  rule.stringToReplace.length +
  (rule.type === "alias" ? rule.alias : rule.phoneme).length;

/** 20 letters and digits. */
const createId = (): string => randomBytes(10).toString("hex");

/** What `act` gives or throws, as a promise; it is carried out at once. */
const settle = <Value>(act: () => Value): Promise<Value> =>
  new Promise((resolve) => resolve(act()));
