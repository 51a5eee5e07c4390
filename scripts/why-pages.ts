import { formatClose, formatRefusal, formatSocketError } from "../src/dialect/elevenlabs/errors.ts";
import * as waves from "../src/dialect/waves/errors.ts";
import type { CauseKind, CauseRow, EndingRow } from "../src/protocol/causes.ts";
import type { ErrorCode } from "../src/protocol/problems.ts";
import { type WhyCauseId, whyCauseRow } from "../src/why/field-causes.ts";
import { table } from "./markdown.ts";
import {
  isEverTold,
  isFieldCause,
  isOnSockets,
  isOnWaves,
  isProblemCode,
  readWhyText,
  whyCauseIds,
} from "./why-causes.ts";
import { whyIndex } from "./why-index.ts";

/** The pages of docs/why/, by file name. */
export const whyPages: Readonly<Record<string, () => string>> = {
  "why/README.md": whyIndex,
  ...Object.fromEntries(whyCauseIds.map((id) => [`why/${id}.md`, () => causePage(id)])),
};

const notice = (id: WhyCauseId): string =>
  `<!-- Made by \`npm run docs\` from the catalogue and scripts/why/${id}.md; edits here are lost. -->`;

/** Why this ends connections, what it looks like, and what to change. */
function causePage(id: WhyCauseId): string {
  const row = whyCauseRow(id);
  return `# ${id}

${notice(id)}

**${row.sentence}**

${row.advice}

${table(["", ""], facts(id, row))}
${wire(id, row)}
${readWhyText(id)}

## Try it

${tryIt(id)}
`;
}

const kinds: Readonly<Record<CauseKind, string>> = {
  served: "nothing went wrong",
  client: "what the client did or wanted",
  limit: "a limit that somebody has set",
  network: "what lies between client and server",
  server: "a fault of the server",
};
const subjects: Readonly<Record<EndingRow["subject"], string>> = {
  connection: "a connection",
  context: "a context",
  request: "a request over HTTP",
};

function facts(id: WhyCauseId, row: CauseRow): string[][] {
  const { kind, subject, toldAs, closeCode, httpStatus, retryable } = row;
  const isClosed = closeCode !== undefined && (!isProblemCode(id) || isOnSockets(id));
  return [
    ["kind", `\`${kind}\`: ${kinds[kind]}`],
    ...(subject === "any" ? [] : [["ends", subjects[subject]]]),
    ...(isClosed ? [["close code", String(closeCode)]] : []),
    ...(httpStatus === undefined ? [] : [["HTTP status", String(httpStatus)]]),
    ...(toldAs === undefined ? [] : [["the client is told", `[${toldAs}](${toldAs}.md)`]]),
    ["the same again", retryable ? "may succeed" : "will not succeed"],
  ];
}

/** How this server tells it in both protocols. */
function wire(id: WhyCauseId, { toldAs }: Pick<EndingRow, "toldAs">): string {
  const code = toldAs ?? (isProblemCode(id) ? id : undefined);
  if (code === undefined || !isEverTold(code)) return "";
  const columns = isOnWaves(code) ? [ofElevenLabs(code), ofWaves(code)] : [ofElevenLabs(code)];
  const header = ["", "ElevenLabs", "Waves"].slice(0, columns.length + 1);
  const rows = ["HTTP", ...(isOnSockets(code) ? ["error frame", "Close frame"] : []), "says"];
  return `
On the wire of a Syrinx server, with \`{…}\` for what it is about:

${table(
  header,
  rows.map((name, at) => [name, ...columns.map((column) => column[at] ?? "")]),
)}
`;
}

/** The cells of a column: HTTP, the frames if there are any, the message. */
function ofElevenLabs(code: ErrorCode): string[] {
  const problem = { code, details: {} };
  const { status, body } = formatRefusal(problem, "");
  const { detail } = body as { detail: { status?: string; message?: string } };
  const { error, message } = formatSocketError(problem);
  const close = formatClose(problem);
  const named = detail.status === undefined ? "" : ` \`"status":"${detail.status}"\``;
  const frames = [`\`"error":"${error}"\``, `${close.code}, with the message as its reason`];
  return [
    `${status}${named}`,
    ...(isOnSockets(code) ? frames : []),
    isOnSockets(code) ? message : (detail.message ?? message),
  ];
}

function ofWaves(code: ErrorCode): string[] {
  const problem = { code, details: {} };
  const { status, body } = waves.formatRefusal(problem, "");
  const { code: name, error_code } = body as { code?: string; error_code?: string };
  const { code: error, message } = waves.formatSocketError(problem);
  const close = waves.formatClose(problem);
  const named = name === undefined ? `"error_code":"${error_code}"` : `"code":"${name}"`;
  const frames = [`\`"code":"${error}"\``, `${close.code} \`${close.reason}\`, if it closes`];
  return [`${status} \`${named}\``, ...(isOnSockets(code) ? frames : []), message];
}

function tryIt(id: WhyCauseId): string {
  if (isFieldCause(id)) {
    return `Records of a Syrinx server never name this cause, so \`--reproduce\` does not know it. In a log it is named by

\`\`\`sh
syrinx why --log client.log
\`\`\``;
  }
  return `\`\`\`sh
syrinx why --reproduce ${id}
\`\`\`

starts a server of its own on a free port, does what brings this about, and prints what the client saw and what the
server's record says of it.`;
}
