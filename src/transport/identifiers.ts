import { randomBytes } from "node:crypto";

const alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Names a request to the client: 20 letters and digits. */
export function createRequestId(): string {
  return Array.from(randomBytes(20), (byte) => alphanumerics[byte % alphanumerics.length]).join("");
}

/** Names a connection in the log and to the client: 32 hexadecimal digits. */
export function createTraceId(): string {
  return randomBytes(16).toString("hex");
}
