import type {
  ConnectionDesk,
  ConnectionRecord,
  ConnectionStore,
  OpenConnection,
} from "../protocol/connections.ts";
import { explain } from "./explanation.ts";
import { drawStory } from "./story-page.ts";

/** What is open in all processes of a server. */
export interface OpenConnections {
  live(): Promise<readonly OpenConnection[]>;
  find(id: string): Promise<ConnectionRecord | undefined>;
}

/** Answers questions about connections: from what is kept, and from what is open. */
export function createConnectionDesk(
  store: ConnectionStore,
  open: OpenConnections,
): ConnectionDesk {
  return {
    list: (query) => store.list(query),
    find: async (id) => (await open.find(id)) ?? store.find(id),
    live: () => open.live(),
    explain,
    draw: drawStory,
  };
}
