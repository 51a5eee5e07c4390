/** When a job came and when what it gives is wanted, in ms of one clock. */
export interface Wanted {
  readonly askedAt: number;
  /** When its listener has nothing left to hear; `Infinity` when nobody listens yet. */
  readonly dueAt: number;
}

/** However urgent the others are: this long after it came a job is due. */
export const latestMs = 10_000;

/** Which job goes first: `deadline` asks who runs dry first, `arrival` who came first. */
export type Scheduling = "deadline" | "arrival";

/** Negative when `one` goes before `other`. Of two that are equal the one that came first goes first. */
export type Order = (one: Wanted, other: Wanted) => number;

export const orders: Readonly<Record<Scheduling, Order>> = {
  deadline: (one, other) => dueBy(one) - dueBy(other),
  arrival: (one, other) => one.askedAt - other.askedAt,
};

/** Whether somebody waited for it in silence from the beginning. */
export const isAwaited = ({ askedAt, dueAt }: Wanted): boolean => dueAt <= askedAt;

/** Where a job belongs in a queue that is in order. */
export function placeIn<Job extends Wanted>(queue: readonly Job[], job: Job, order: Order): number {
  const before = queue.findIndex((other) => order(job, other) < 0);
  return before < 0 ? queue.length : before;
}

const dueBy = ({ askedAt, dueAt }: Wanted): number => Math.min(dueAt, askedAt + latestMs);
