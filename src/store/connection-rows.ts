import type { Selectable } from "kysely";
import { causeIds, type CauseId } from "../protocol/causes.ts";
import {
  type ConnectionRecord,
  type ConnectionSummary,
  flagOf,
  partsOf,
  type StoryEvent,
  storyEventTypes,
} from "../protocol/connections.ts";
import { asObject, DamagedRowError, readStored } from "./stored-json.ts";
import type { Tables } from "./tables.ts";

/** A connection as its table has it. */
export type ConnectionRow = Selectable<Tables["connections"]>;
/** The same without its story. */
export type ConnectionSummaryRow = Omit<ConnectionRow, "events" | "content" | "bytes">;

/** What has no column of its own. */
type Facts = Omit<
  ConnectionSummary,
  "id" | "keyId" | "voiceId" | "openedAtMs" | "cause" | "dialect"
> & { readonly details: ConnectionSummary["cause"]["details"] };

/** An event as it is kept: its time, type, context, word, flags of its parts, and values. */
type EventRow = readonly [
  number,
  string,
  string | null,
  string | null,
  number,
  Readonly<Record<string, number>>,
];

export function toConnectionRow(record: ConnectionRecord): ConnectionRow {
  const { id, keyId, voiceId, openedAtMs, cause, dialect, events } = record;
  const factsJson = JSON.stringify(factsOf(record));
  const eventsJson = JSON.stringify(events.map(toEventRow));
  const contents = events.flatMap(({ content }, place) =>
    content === undefined ? [] : [[place, content] as const],
  );
  const contentJson = contents.length === 0 ? null : JSON.stringify(contents);
  return {
    id,
    key_id: keyId ?? null,
    voice_id: voiceId ?? null,
    dialect,
    cause: cause.id,
    opened_at_ms: Math.round(openedAtMs),
    facts: factsJson,
    events: eventsJson,
    content: contentJson,
    bytes: Buffer.byteLength(factsJson + eventsJson + (contentJson ?? "")),
  };
}

/** Named one by one, and not as what is left of a record: making that is slow, and every connection ends here. */
function factsOf(record: ConnectionRecord): Facts {
  return {
    transport: record.transport,
    method: record.method,
    route: record.route,
    url: record.url,
    userAgent: record.userAgent,
    credential: record.credential,
    modelId: record.modelId,
    durationMs: record.durationMs,
    endedBy: record.endedBy,
    closeCode: record.closeCode,
    closeReason: record.closeReason,
    counts: record.counts,
    details: record.cause.details,
  };
}

/** @throws {DamagedRowError} */
export function toConnectionSummary(row: ConnectionSummaryRow): ConnectionSummary {
  const { details, ...facts } = readStored({ table, column: "facts" }, row.facts, readFacts);
  return {
    ...facts,
    id: row.id,
    keyId: row.key_id ?? undefined,
    voiceId: row.voice_id ?? undefined,
    modelId: facts.modelId,
    closeCode: facts.closeCode,
    dialect: row.dialect,
    openedAtMs: row.opened_at_ms,
    cause: { id: readCause(row.cause), details },
  };
}

/** @throws {DamagedRowError} */
export function toConnectionRecord(row: ConnectionRow): ConnectionRecord {
  const events = readStored({ table, column: "events" }, row.events, readEvents);
  const contents = new Map(
    row.content === null ? [] : readStored({ table, column: "content" }, row.content, readContents),
  );
  return {
    ...toConnectionSummary(row),
    events: events.map((event, place) => {
      const content = contents.get(place);
      return content === undefined ? event : { ...event, content };
    }),
  };
}

const table = "connections";

function toEventRow({ atMs, type, context, word, parts, values }: StoryEvent): EventRow {
  const flags = parts.reduce((sum, part) => sum + flagOf(part), 0);
  return [round(atMs), type, context ?? null, word ?? null, flags, roundAll(values)];
}

/** Thousandths of a millisecond say nothing, and take room. */
const round = (value: number): number => Math.round(value * 1000) / 1000;

function roundAll(values: Readonly<Record<string, number>>): Record<string, number> {
  const rounded: Record<string, number> = {};
  for (const name in values) rounded[name] = round(values[name] ?? 0);
  return rounded;
}

function readEvents(value: unknown): StoryEvent[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const events = value.map(readEvent);
  return events.every((event) => event !== undefined) ? events : undefined;
}

function readEvent(value: unknown): StoryEvent | undefined {
  if (!Array.isArray(value)) return undefined;
  const [atMs, typeName, context, word, flags, values] = value as readonly unknown[];
  const type = storyEventTypes.find((known) => known === typeName);
  const named = asObject(values);
  if (typeof atMs !== "number" || !type || typeof flags !== "number" || !named) return undefined;
  return {
    atMs,
    type,
    context: typeof context === "string" ? context : undefined,
    word: typeof word === "string" ? word : undefined,
    values: named as Readonly<Record<string, number>>,
    parts: partsOf(flags),
  };
}

function readContents(value: unknown): (readonly [number, string])[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const contents = value.map((pair: unknown) => {
    const [place, content] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    const isWhole = typeof place === "number" && typeof content === "string";
    return isWhole ? ([place, content] as const) : undefined;
  });
  return contents.every((content) => content !== undefined) ? contents : undefined;
}

/** What this program has written has these members; whoever else wrote it may have left some out. */
function readFacts(value: unknown): Facts | undefined {
  const facts = asObject(value);
  const isWhole =
    facts !== undefined &&
    typeof facts["durationMs"] === "number" &&
    typeof facts["url"] === "string" &&
    asObject(facts["counts"]) !== undefined &&
    asObject(facts["details"]) !== undefined;
  return isWhole ? (facts as unknown as Facts) : undefined;
}

/** Whether this version knows the cause: a newer one may have written the row. */
export const isKnown = ({ cause }: Pick<ConnectionRow, "cause">): boolean =>
  causeIds.some((known) => known === cause);

function readCause(name: string): CauseId {
  const cause = causeIds.find((known) => known === name);
  if (cause === undefined) throw new DamagedRowError(table, "cause");
  return cause;
}
