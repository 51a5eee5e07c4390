import { randomBytes, randomUUID } from "node:crypto";
import { turnIdCharacters, turnIdTime } from "../protocol/turn-ids.ts";

const alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Names a request to the client: 20 letters and digits. */
export function createRequestId(): string {
  return Array.from(randomBytes(20), (byte) => alphanumerics[byte % alphanumerics.length]).join("");
}

const turnIdLength = 20;

/** Names a turn: 20 letters and digits that sort by time. */
export function createTurnId(nowMs: number): string {
  const time = turnIdTime(nowMs);
  const random = Array.from(
    randomBytes(turnIdLength - time.length),
    (byte) => turnIdCharacters[byte % turnIdCharacters.length],
  );
  return `${time}${random.join("")}`;
}

/** Names a connection in the log and to the client: 32 hexadecimal digits. */
export function createTraceId(): string {
  // Random bytes of these are fetched for many at once.
  return randomUUID().replaceAll("-", "");
}
