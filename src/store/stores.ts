import type { Clock } from "../clock.ts";
import type { Stores } from "../protocol/stores.ts";
import { writeBatch } from "./batch.ts";
import { SqlConnections } from "./connections.ts";
import type { Database } from "./database.ts";
import { SqlDictionaries } from "./dictionaries.ts";
import { SqlHistory } from "./history.ts";
import { deleteSoundWithoutTurn } from "./history-pruning.ts";
import { SqlKeys } from "./keys.ts";
import { SqlQuotas } from "./quotas.ts";
import { tellUnavailable } from "./tell-unavailable.ts";
import { SqlTokens } from "./tokens.ts";
import { SqlUsage } from "./usage.ts";
import { SqlVoiceSettings } from "./voice-settings.ts";
import { WriteBehind } from "./write-behind.ts";

export interface StoresOptions {
  readonly clock: Clock;
  /** Unix time in ms. */
  readonly wallClock: () => number;
  /** Told of what goes wrong while nobody waits for it. */
  readonly onFault: (error: unknown) => void;
}

/** The stores of a database. */
export interface OpenStores extends Stores {
  /** Writes at once what was added; resolves when it is kept. @throws {StoreFault} */
  flushed(): Promise<void>;
  /** Writes what is left. The database stays open. */
  close(): Promise<void>;
}

/** Stores over a database that is open. */
export function openStores(
  database: Database,
  { clock, wallClock, onFault }: StoresOptions,
): OpenStores {
  const write = writeBatch.bind(undefined, database);
  const behind = new WriteBehind({ clock, write, onFault });
  const cleaning = deleteSoundWithoutTurn(database, wallClock()).catch(onFault);
  const telling = <Store extends object>(store: Store): Store => tellUnavailable(store, onFault);
  return {
    history: telling(new SqlHistory(database, behind)),
    connections: telling(new SqlConnections(database, behind, onFault)),
    usage: telling(new SqlUsage(database, behind)),
    voiceSettings: telling(new SqlVoiceSettings(database)),
    dictionaries: telling(new SqlDictionaries(database, wallClock)),
    keys: telling(new SqlKeys(database, wallClock)),
    tokens: telling(new SqlTokens(database, wallClock)),
    quotas: telling(new SqlQuotas(database, wallClock)),
    flushed: () => behind.flushed(),
    async close() {
      await behind.close();
      await cleaning;
    },
  };
}
