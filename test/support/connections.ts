import { type CauseId, causeRow } from "../../src/protocol/causes.ts";
import type { ConnectionEnd, ConnectionSubject } from "../../src/protocol/observer.ts";

/** A connection that nobody has made. */
export const subjectOfSocket = (changes: Partial<ConnectionSubject> = {}): ConnectionSubject => ({
  transport: "socket",
  method: "GET",
  dialect: "tests",
  route: "/",
  url: "/",
  traceId: "0".repeat(32),
  credential: "none",
  header: () => undefined,
  ...changes,
});

/** The end of a connection by a cause. */
export const endBy = (id: CauseId): ConnectionEnd => ({
  cause: { id, details: {} },
  by: "server",
  code: causeRow(id).closeCode,
  reason: "",
});
