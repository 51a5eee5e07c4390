import type { ConnectionStore } from "../protocol/connections.ts";

/** Keeps no stories, and finds none. */
export const noConnections: ConnectionStore = {
  add: () => {},
  list: () => Promise.resolve({ connections: [], next: undefined }),
  find: () => Promise.resolve(undefined),
  prune: () => Promise.resolve(0),
  forgetContent: () => Promise.resolve(),
};
