import type { KeyDesk } from "../../protocol/accounts.ts";
import type { ConnectionDesk } from "../../protocol/connections.ts";
import type { HttpRoute } from "../../protocol/dialect.ts";
import type { EngineDirectory } from "../../protocol/engines.ts";
import type { Stores } from "../../protocol/stores.ts";
import type { Catalogue } from "../../protocol/voice.ts";
import type { Profile } from "./compatibility.ts";
import type { ElevenLabsSettings } from "./speech-request.ts";

/** A route that needs the scope of its group. */
export type ScopelessRoute = Omit<HttpRoute, "scope">;

/** What the dialect works with. */
export interface ElevenLabsParts {
  readonly profile: Profile;
  readonly catalogue: Catalogue;
  readonly engines: EngineDirectory;
  readonly settings: ElevenLabsSettings;
  readonly stores: Stores;
  readonly keys: KeyDesk;
  readonly connections: ConnectionDesk;
  /** Of all protocols: keys and tokens may be good for some only. */
  readonly keyModelIds: readonly string[];
  /** Unix time in ms. */
  readonly wallClock: () => number;
  /** Since when there is this server. */
  readonly startedAtUnix: number;
}
