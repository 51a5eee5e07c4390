import { type Clock, systemClock } from "../../src/clock.ts";
import type { TurnRecord } from "../../src/protocol/records.ts";
import { neutralSettings } from "../../src/protocol/voice.ts";
import { writeBatch } from "../../src/store/batch.ts";
import { SqlConnections } from "../../src/store/connections.ts";
import type { Database } from "../../src/store/database.ts";
import { SqlHistory } from "../../src/store/history.ts";
import { SqlUsage } from "../../src/store/usage.ts";
import { WriteBehind } from "../../src/store/write-behind.ts";

/** What is written behind into one database. */
export interface RecordStores {
  readonly history: SqlHistory;
  readonly usage: SqlUsage;
  readonly connections: SqlConnections;
  readonly behind: WriteBehind;
  /** All that went wrong meanwhile. */
  readonly faults: Error[];
}

export function openRecordStores(database: Database, clock: Clock = systemClock): RecordStores {
  const faults: Error[] = [];
  const onFault = (fault: unknown): void => void faults.push(fault as Error);
  const behind = new WriteBehind({ clock, write: (batch) => writeBatch(database, batch), onFault });
  const history = new SqlHistory(database, behind);
  const usage = new SqlUsage(database, behind);
  const connections = new SqlConnections(database, behind, onFault);
  return { history, usage, connections, behind, faults };
}

/** A turn of which nothing matters but what is given. */
export const turnOf = (id: string, more: Partial<TurnRecord> = {}): TurnRecord => ({
  id,
  requestId: `request-of-${id}`,
  keyId: "key-a",
  source: "TTS",
  voiceId: "voice-a",
  voiceName: "Voice A",
  modelId: "model-a",
  text: `Text of ${id}.`,
  markup: "none",
  normalization: "auto",
  characters: 20,
  cost: 10,
  settings: neutralSettings,
  dictionaries: [{ dictionaryId: "dictionary", versionId: "version" }],
  startedAtUnix: 1_700_000_000,
  audioMs: 1234.5,
  audioFormat: undefined,
  ...more,
});

/** All bytes that are still to come. */
export async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
