import type { Dictionary, DictionaryPage } from "../../protocol/stores.ts";
import { formatRule } from "./dictionary-rules.ts";

/** Whoever has a key owns everything here. */
export const ownerId = "owner";
const permission = "admin";

/** A dictionary without its rules. */
export function formatDictionary(dictionary: Dictionary): Readonly<Record<string, unknown>> {
  return {
    id: dictionary.id,
    latest_version_id: dictionary.latest.id,
    latest_version_rules_num: dictionary.latest.rules.length,
    name: dictionary.name,
    permission_on_resource: permission,
    created_by: ownerId,
    creation_time_unix: dictionary.createdAtUnix,
    archived_time_unix: dictionary.archivedAtUnix ?? null,
    description: dictionary.description ?? null,
  };
}

export function formatDictionaryWithRules(dictionary: Dictionary): unknown {
  return { ...formatDictionary(dictionary), rules: dictionary.latest.rules.map(formatRule) };
}

/** The answer to a dictionary that was just made. */
export function formatNewDictionary(dictionary: Dictionary): unknown {
  return {
    id: dictionary.id,
    name: dictionary.name,
    created_by: ownerId,
    creation_time_unix: dictionary.createdAtUnix,
    version_id: dictionary.latest.id,
    version_rules_num: dictionary.latest.rules.length,
    description: dictionary.description ?? null,
    permission_on_resource: permission,
  };
}

/** The answer to a version that was just made. */
export function formatNewVersion({ id, latest }: Dictionary): unknown {
  return { id, version_id: latest.id, version_rules_num: latest.rules.length };
}

export function formatDictionaryPage({ dictionaries, hasMore }: DictionaryPage): unknown {
  return {
    pronunciation_dictionaries: dictionaries.map(formatDictionary),
    next_cursor: hasMore ? (dictionaries.at(-1)?.id ?? null) : null,
    has_more: hasMore,
  };
}
