import { randomBytes } from "node:crypto";

/** Names a record: 20 letters and digits that nobody can guess. */
export function createId(): string {
  return randomBytes(10).toString("hex");
}
