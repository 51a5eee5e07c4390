import type { PronunciationRule } from "../protocol/pronunciation.ts";

/** The rules of one version of a dictionary. */
export interface VersionRules {
  readonly dictionaryId: string;
  readonly versionId: string;
  readonly rules: readonly PronunciationRule[];
  /** What they count for in the limit of all dictionaries. */
  readonly chars: number;
}

/**
 * The rules that were used last, up to `maxChars` characters. Versions never change, whoever made
 * them, so what is here is right.
 */
export class RuleCache {
  readonly #maxChars: number;
  /** By the id of the version; the one that was not used for longest comes first. */
  readonly #versions = new Map<string, VersionRules>();
  #chars = 0;

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  get(versionId: string): VersionRules | undefined {
    const version = this.#versions.get(versionId);
    if (version) {
      this.#versions.delete(versionId);
      this.#versions.set(versionId, version);
    }
    return version;
  }

  put(version: VersionRules): void {
    this.#drop(version.versionId);
    this.#versions.set(version.versionId, version);
    this.#chars += version.chars;
    for (const oldest of this.#versions.keys()) {
      if (this.#chars <= this.#maxChars) return;
      this.#drop(oldest);
    }
  }

  #drop(versionId: string): void {
    this.#chars -= this.#versions.get(versionId)?.chars ?? 0;
    this.#versions.delete(versionId);
  }
}
