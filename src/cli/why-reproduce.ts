import { type RecordedCauseId, recordedCauseIds } from "../protocol/causes.ts";
import { fieldCauses } from "../why/field-causes.ts";
import { CommandError, UsageError } from "./errors.ts";
import { reproduce } from "./reproduce/reproduce.ts";
import { reproductions } from "./reproduce/reproductions.ts";
import { formatStory } from "./why-connection.ts";

export interface WhyReproduceOptions {
  readonly json?: boolean;
}

/**
 * Brings a cause about on a server of its own, and prints what was done, what the client saw, and
 * what `syrinx why` says of the connection.
 * @throws {UsageError} for what is no cause; {CommandError} when it is not explained
 */
export async function whyReproduce(
  cause: string,
  { json = false }: WhyReproduceOptions = {},
): Promise<void> {
  if (Object.hasOwn(fieldCauses, cause)) {
    throw new UsageError(
      `${cause} is a cause of other servers and networks; this one cannot bring it about.`,
    );
  }
  if (!isCause(cause)) {
    throw new UsageError(`There is no such cause; there are: ${recordedCauseIds.join(", ")}.`);
  }
  const { does } = reproductions[cause];
  const output = await reproduce(cause, async ({ look, seen }, connectionId) => {
    if (connectionId === undefined) {
      throw new CommandError(`The cause ${cause} was not explained: no connection shows it.`);
    }
    const answer: unknown = JSON.parse((await look(`/v1/connections/${connectionId}`)).text);
    if (json) {
      return JSON.stringify(
        { cause, done: does, client_saw: seen, connection: answer },
        undefined,
        2,
      );
    }
    const saw = seen.length === 0 ? ["nothing"] : seen;
    return [does, "", "The client saw:", ...saw.map(indent), "", formatStory(answer)].join("\n");
  });
  process.stdout.write(`${output.trimEnd()}\n`);
}

const isCause = (text: string): text is RecordedCauseId =>
  recordedCauseIds.some((id) => id === text);

const indent = (line: string): string => `  ${line}`;
