import type { Problem } from "../protocol/problems.ts";
import { type Change, changes } from "./changes-table.ts";
import { fillKnown, type WhyCauseId, whyCauseRow } from "./field-causes.ts";
import type { Framework, Vendor } from "./trace.ts";

/**
 * What to change for a cause: for that framework, else for that vendor's service, else for any, else
 * what the catalogue advises.
 */
export function changeFor(
  cause: WhyCauseId,
  framework: Framework | undefined,
  vendor: Vendor | undefined,
  details: Problem["details"] = {},
): string {
  const row: Change | undefined = changes[cause];
  const advice = whyCauseRow(cause).advice;
  if (framework === "syrinx") return fillKnown(advice, details);
  const change =
    (vendor === "waves" ? row?.waves : framework && row?.[framework]) ?? row?.any ?? advice;
  return fillKnown(change, details);
}
