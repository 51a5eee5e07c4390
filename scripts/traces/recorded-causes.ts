import { setTimeout as sleep } from "node:timers/promises";
import { type EndingRow, endings, isEnding, type CauseId } from "../../src/protocol/causes.ts";

/** A request with the server's key, for JSON. */
export type Ask = (method: string, path: string, body?: object) => Promise<Record<string, string>>;

const longestMs = 3000;
const pollMs = 100;

/**
 * What a server has recorded, as soon as one of the `wanted` is among it: causes of connections that
 * have ended, those in whose words clients are told of them, and what was refused meanwhile.
 */
export async function recordedCauses(
  ask: Ask,
  wanted: readonly string[],
): Promise<readonly string[]> {
  let found: readonly string[] = [];
  for (let waitedMs = 0; waitedMs < longestMs; waitedMs += pollMs) {
    found = await readCauses(ask);
    if (found.some((cause) => wanted.includes(cause))) break;
    await sleep(pollMs);
  }
  return found;
}

async function readCauses(ask: Ask): Promise<readonly string[]> {
  const { connections } = (await ask("GET", "/v1/connections")) as unknown as ConnectionList;
  const stories = connections.map(({ connection_id: id }) =>
    ask("GET", `/v1/connections/${id}/timeline`),
  );
  const refused = ((await Promise.all(stories)) as unknown as Story[]).flatMap(({ events }) =>
    events.filter(({ type }) => type === "refused").map(({ what = "" }) => what),
  );
  return [...connections.flatMap(({ cause }) => [cause, ...wordsOf(cause)]), ...refused];
}

/** The problem that a client is told of in the place of a cause. */
function wordsOf(cause: CauseId): readonly string[] {
  if (!isEnding(cause)) return [];
  const { toldAs }: EndingRow = endings[cause];
  return toldAs === undefined ? [] : [toldAs];
}

interface ConnectionList {
  readonly connections: readonly { readonly connection_id: string; readonly cause: CauseId }[];
}

interface Story {
  readonly events: readonly { readonly type: string; readonly what?: string }[];
}
