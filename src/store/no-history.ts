import type { HistoryStore } from "../protocol/stores.ts";

/** A history that keeps nothing and in which nothing is found. */
export const noHistory: HistoryStore = {
  add: () => Promise.resolve(),
  addAudio: () => {},
  dropAudio: () => {},
  list: () => Promise.resolve({ turns: [], hasMore: false }),
  find: () => Promise.resolve(undefined),
  async *audio() {},
  delete: () => Promise.resolve(false),
  prune: () => Promise.resolve(0),
};
