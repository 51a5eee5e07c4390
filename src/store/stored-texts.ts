import { toKeepable } from "./well-formed-text.ts";

/** JSON for a column, whose texts are kept as those of other columns are. */
export function formatStored(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => toKeepable(member));
}

/** A list of texts as it was kept; undefined if it is none. */
export function readTexts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((text) => typeof text === "string") ? value : undefined;
}
