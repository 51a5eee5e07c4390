import { z } from "zod";
import { type RecordedCauseId, causeRow } from "../../protocol/causes.ts";
import { type Bench, openBench } from "./bench.ts";
import { Impatience, until } from "./patience.ts";
import { reproductions } from "./reproductions.ts";

const listSchema = z.looseObject({
  connections: z.array(z.looseObject({ connection_id: z.string() })),
});
const timelineSchema = z.looseObject({
  events: z.array(z.looseObject({ type: z.string(), what: z.string().optional() })),
});

/**
 * Brings a cause about and, while the server can still be asked, hands over the id of the connection
 * whose record shows it: undefined if none does.
 */
export async function reproduce<Result>(
  cause: RecordedCauseId,
  look: (bench: Bench, connectionId: string | undefined) => Promise<Result>,
): Promise<Result> {
  const { run, ...options } = reproductions[cause];
  const bench = await openBench(options);
  try {
    await run(bench);
    return await look(bench, await findConnection(cause, bench));
  } finally {
    await bench.close();
  }
}

/** A record may come a moment later than what the client sees. */
async function findConnection(cause: RecordedCauseId, bench: Bench): Promise<string | undefined> {
  try {
    return await until("there is a record", () => lookFor(cause, bench));
  } catch (error) {
    if (error instanceof Impatience) return undefined;
    throw error;
  }
}

async function lookFor(
  cause: RecordedCauseId,
  { look, lastConnectionId }: Bench,
): Promise<string | undefined> {
  if (cause === "still_open") return lastConnectionId;
  if (causeRow(cause).subject === "context") {
    const { text } = await look(`/v1/connections/${lastConnectionId}/timeline`);
    const { events } = timelineSchema.parse(JSON.parse(text));
    const hasEnded = events.some(({ type, what }) => type === "context_ended" && what === cause);
    return hasEnded ? lastConnectionId : undefined;
  }
  const { text } = await look(`/v1/connections?cause=${cause}`);
  return listSchema.parse(JSON.parse(text)).connections[0]?.connection_id;
}
