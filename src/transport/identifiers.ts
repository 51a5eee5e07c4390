import { randomBytes } from "node:crypto";

const alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Names a request to the client: 20 letters and digits. */
export function createRequestId(): string {
  return Array.from(randomBytes(20), (byte) => alphanumerics[byte % alphanumerics.length]).join("");
}

/** The characters of turn ids in the order of their codes. */
const ordered = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const timeDigits = 8;

/**
 * Names a turn: 20 letters and digits that sort by time, since the first 8 count the milliseconds
 * since 1970 in base 62.
 */
export function createTurnId(nowMs: number): string {
  let time = "";
  let rest = Math.max(0, Math.floor(nowMs));
  for (let digit = 0; digit < timeDigits; digit += 1) {
    time = `${ordered[rest % ordered.length]}${time}`;
    rest = Math.floor(rest / ordered.length);
  }
  const random = Array.from(randomBytes(20 - timeDigits), (byte) => ordered[byte % ordered.length]);
  return `${time}${random.join("")}`;
}

/** Names a connection in the log and to the client: 32 hexadecimal digits. */
export function createTraceId(): string {
  return randomBytes(16).toString("hex");
}
