import { z } from "zod";
import { CommandError, UsageError } from "./errors.ts";
import { openServer } from "./server-api.ts";

export interface WhyConnectionOptions {
  readonly server: string;
  readonly json?: boolean;
}

/** Waves' frames name it with a prefix. */
const traceId = /^(?:ws_)?[0-9a-f]{32}$/;

const storySchema = z.looseObject({
  connection_id: z.string(),
  cause: z.string(),
  explanation: z.string(),
  evidence: z.array(z.string()),
  advice: z.string(),
  retryable: z.boolean(),
});
type Story = z.infer<typeof storySchema>;

/** Says why a connection of a Syrinx server ended, by the trace id that its client was given. */
export async function whyConnection(
  id: string,
  { server, json = false }: WhyConnectionOptions,
): Promise<void> {
  if (!traceId.test(id)) {
    throw new UsageError(
      "A connection is asked for by its trace id: 32 hexadecimal digits, from the header x-trace-id or an error frame.",
    );
  }
  const response = await openServer(server).request("GET", `/v1/connections/${id}`);
  const answer: unknown = await response.json().catch(() => undefined);
  const text = formatStory(answer);
  process.stdout.write(json ? `${JSON.stringify(answer, undefined, 2)}\n` : text);
}

/** What a server answers about a connection, for people to read. @throws {CommandError} if it is none of that */
export function formatStory(answer: unknown): string {
  const story = storySchema.safeParse(answer);
  if (!story.success) throw new CommandError("The server's answer is none of a Syrinx server.");
  return format(story.data);
}

/** Names that a client has chosen may hold what moves a terminal's cursor, or ends a line. */
const onOneLine = (line: string): string => line.replaceAll(/[\p{Cc}\p{Cf}]/gu, " ");

function format({ cause, explanation, evidence, advice, retryable }: Story): string {
  const lines = [
    onOneLine(explanation),
    "",
    ...evidence.map((line) => `  ${onOneLine(line)}`),
    "",
    onOneLine(advice),
    `(${onOneLine(cause)}; the same again ${retryable ? "may" : "will not"} succeed)`,
  ];
  return `${lines.join("\n")}\n`;
}
