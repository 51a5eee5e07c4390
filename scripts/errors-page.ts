import { formatRefusal, formatSocketError } from "../src/dialect/elevenlabs/errors.ts";
import * as waves from "../src/dialect/waves/errors.ts";
import { type EndingId, type EndingRow, endings } from "../src/protocol/causes.ts";
import { type ErrorCode, problemRow, problems } from "../src/protocol/problems.ts";
import { notice, table } from "./markdown.ts";

const link = (id: ErrorCode | EndingId): string => `[${id}](why/${id}.md)`;

/** Everything that can go wrong or come to its end, in both protocols' words. */
export function errorsPage(): string {
  return `# Errors and ends

${notice}

Everything that can go wrong, every way in which something ends, and what to do about it. Each has a page of its own in
[why/](why/README.md), with what clients print for it and how to see it happen; \`syrinx why <id>\` says which
of them a connection met ([connections.md](connections.md)).

Over HTTP the answer is
\`{"detail":{"type","code","message","status","request_id","param"?}}\`; a body of the wrong shape is
answered with 422 and a list, as the vendor's validator does. On a socket an error frame
\`{"message","error","code","trace_id"}\` comes first and the Close frame repeats its code and, as far as 123 bytes
go, its message. \`x-trace-id\` in the response headers names the request in the server's log and records.
The vendor's frames do not say whether it is worth trying again; with \`ext=1\` they do, in \`retryable\`
([extensions.md](extensions.md)).

On the routes of Waves a body is \`{"error","message","code","errors","request_id"}\`, and an error frame has the
same \`code\` in \`error\`. The column gives it, with the HTTP status and the close code where they differ.

\`{...}\` stands for what the problem is about. "Again" says whether the same request can succeed later.

${table(
  [
    "code",
    "HTTP",
    "`detail.status`",
    "close",
    "`error`",
    "Waves",
    "again",
    "what and why",
    "what to do",
  ],
  (Object.keys(problems) as ErrorCode[]).map(problemCells),
)}

## Ends that no error tells

The client of a connection that ends in one of these ways is told nothing, is told less, or has ended it. They are the
\`cause\` in records of connections and in the server's log, beside the codes above.

${table(
  ["cause", "kind", "of a", "close", "told as", "again", "what and why", "what to do"],
  (Object.entries(endings) as [EndingId, EndingRow][]).map(endingCells),
)}

A socket that ended as it should is closed with 1000 and no reason. Broken UTF-8 in a text frame is
closed with 1007 by the WebSocket layer, before any frame.
`;
}

function problemCells(code: ErrorCode): string[] {
  const { httpStatus, closeCode, retryable, sentence, advice } = problemRow(code);
  const { error } = formatSocketError({ code, details: {} });
  const { body } = formatRefusal({ code, details: {} }, "");
  const { detail } = body as { detail: { status?: string } };
  return [
    link(code),
    String(httpStatus),
    detail.status === undefined ? "" : `\`${detail.status}\``,
    String(closeCode),
    `\`${error}\``,
    describeWaves(code),
    retryable ? "yes" : "no",
    sentence,
    advice,
  ];
}

/** How Waves spells a row. */
function describeWaves(code: ErrorCode): string {
  const { httpStatus, closeCode } = problemRow(code);
  const { status, body } = waves.formatRefusal({ code, details: {} }, "");
  const { code: spelled, error_code } = body as { code?: string; error_code?: string };
  const close = waves.formatClose({ code, details: {} }).code;
  return [
    `\`${spelled ?? error_code}\``,
    status === httpStatus ? "" : String(status),
    close === closeCode ? "" : `close ${close}`,
  ]
    .filter(Boolean)
    .join(", ");
}

function endingCells([id, row]: [EndingId, EndingRow]): string[] {
  const { kind, subject, toldAs, closeCode, retryable, sentence, advice } = row;
  return [
    link(id),
    kind,
    subject,
    closeCode === undefined ? "" : String(closeCode),
    toldAs === undefined ? "" : link(toldAs),
    retryable ? "yes" : "no",
    sentence,
    advice,
  ];
}
