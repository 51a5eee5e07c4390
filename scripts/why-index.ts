import { readFileSync } from "node:fs";
import type { CauseKind } from "../src/protocol/causes.ts";
import { type WhyCauseId, whyCauseRow } from "../src/why/field-causes.ts";
import { notice, table } from "./markdown.ts";
import { isFieldCause, isOnSockets, isProblemCode, whyCauseIds } from "./why-causes.ts";
import { closeCodeRows, type CodeRow, statusRows } from "./why-codes.ts";

/** What tables cannot know. */
const guide = readFileSync(new URL("why-guide.md", import.meta.url), "utf8");

const link = (id: WhyCauseId): string => `[${id}](${id}.md)`;
const links = (ids: readonly WhyCauseId[]): string => ids.map(link).join(", ");

/** How to ask why, and where each code and each cause leads. */
export function whyIndex(): string {
  return `# Why did it close?

${notice}

${guide
  .trim()
  .replace(
    "{closes}",
    table(["code", "what it says", "look at", "then at"], closeCodeRows.map(codeCells)),
  )
  .replace(
    "{statuses}",
    table(["status", "what it says", "look at", "then at"], statusRows.map(codeCells)),
  )
  .replace("{kinds}", kindRows.map(kindSection).join("\n\n"))}
`;
}

function codeCells(row: CodeRow): string[] {
  const { code, says, first } = row;
  const others = whyCauseIds.filter((id) => hasCode(id, row) && !first.includes(id));
  return [`**${code}**`, says, links(first), links(others)];
}

/** Whether a cause is told with a code: a status, or the code of a Close frame. */
function hasCode(id: WhyCauseId, { closeCode, httpStatus }: CodeRow): boolean {
  const row = whyCauseRow(id);
  if (httpStatus !== undefined) return row.httpStatus === httpStatus;
  if (closeCode === undefined || row.closeCode !== closeCode) return false;
  return !isProblemCode(id) || isOnSockets(id);
}

interface KindRow {
  readonly kind: CauseKind;
  readonly heading: string;
}

const kindRows: readonly KindRow[] = [
  { kind: "served", heading: "Nothing went wrong" },
  { kind: "client", heading: "The client" },
  { kind: "limit", heading: "Limits and timers" },
  { kind: "network", heading: "What lies between" },
  { kind: "server", heading: "The server" },
];

function kindSection({ kind, heading }: KindRow): string {
  const ids = whyCauseIds.filter((id) => whyCauseRow(id).kind === kind);
  const rows = ids.map((id) => [
    link(id),
    whyCauseRow(id).sentence,
    isFieldCause(id) ? "others' services" : "",
  ]);
  return `### ${heading}

${table(["cause", "what happened", "seen at"], rows)}`;
}
