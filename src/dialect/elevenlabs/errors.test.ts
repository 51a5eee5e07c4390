import { describe, expect, it } from "vitest";
import { type ErrorCode, problemRow, problems } from "../../protocol/problems.ts";
import { formatClose, formatRefusal, formatSocketError } from "./errors.ts";

const codes = Object.keys(problems) as ErrorCode[];

describe.each(codes)("%s", (code) => {
  const problem = { code, details: {} };

  it("has the same code in its error frame and its Close frame, and a reason that fits", () => {
    const { code: closeCode, reason } = formatClose(problem);
    const frame = formatSocketError(problem);
    expect(Object.keys(frame)).toEqual(["message", "error", "code"]);
    expect(closeCode).toBe(frame.code);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(frame.message.startsWith(reason)).toBe(true);
  });

  it("is closed with a registered code, a temporary one with 1008 only where the vendor does", () => {
    expect([1001, 1002, 1008, 1009, 1011, 1013]).toContain(problemRow(code).closeCode);
  });

  it("is refused with its status", () => {
    expect(formatRefusal(problem, "id").status).toBe(problemRow(code).httpStatus);
  });
});
