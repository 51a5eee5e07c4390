import { describe, expect, it } from "vitest";
import { type ErrorCode, type Problem, problems } from "../../protocol/problems.ts";
import { formatClose, formatRefusal, formatSocketError } from "./errors.ts";

describe.each(Object.keys(problems) as ErrorCode[])("%s", (code) => {
  const problem: Problem = { code, details: {} };

  it("has one message and one code, in every place a client looks", () => {
    const frame = formatSocketError(problem) as Record<string, unknown>;
    const { message, code: spelled } = frame;
    expect(message).toMatch(/./);
    expect(frame["error"]).toMatchObject({ message, code: spelled });
    expect(frame["errors"]).toMatchObject([{ message }]);
  });

  it("closes with a code that may be sent, and a reason that fits", () => {
    const { code: closeCode, reason } = formatClose(problem);
    expect([1000, 1001, 1002, 1008, 1009, 1011, 1013]).toContain(closeCode);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });

  it("is refused with a string in error, and one in message", () => {
    const { status, body } = formatRefusal(problem, "id");
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).toMatchObject({ error: expect.any(String), message: expect.any(String) });
  });
});

it("a socket that ended as it should is closed without a reason", () => {
  expect(formatClose(undefined)).toEqual({ code: 1000, reason: "" });
});
