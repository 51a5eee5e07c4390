import { describe, expect, it } from "vitest";
import { describe as describeProblem, type ErrorCode, problems } from "../../protocol/problems.ts";
import { readTraces } from "../read-traces.ts";
import { diagnoseLog } from "../diagnose.ts";

/** Problems that are told in the words of another, or that no speech client is told. */
const others: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "method_not_allowed",
  "invalid_body",
  "malformed_request",
  "form_expected",
]);
const codes = (Object.keys(problems) as ErrorCode[]).filter((code) => !others.has(code));
const details = {
  limit: 4,
  seconds: 30,
  scope: "tts",
  voiceId: "abc",
  modelId: "m",
  format: "x",
  allowed: "y",
  parameter: "seed",
  reason: "it is no JSON",
  required: 9,
  remaining: 1,
  length: 9000,
  expected: "a number",
  id: "k1",
  versionId: "v1",
  action: "do that",
  ruleChars: 9,
  retryAfterSeconds: 2,
};

describe("this server's own words", () => {
  it.each(codes)("name %s", (code) => {
    const { httpStatus, closeCode } = problems[code];
    const sentence = describeProblem({ code, details });
    const logs = [
      `elevenlabs tts closed ${closeCode} ${sentence.slice(0, 110)}`,
      `wss://h/v1/text-to-speech/v/stream-input Unexpected server response: ${httpStatus}\nbody: {"detail":{"message":"${sentence}"}}`,
    ];
    for (const log of logs) {
      expect(diagnoseLog(readTraces(log)).causes[0]?.cause).toBe(code);
    }
  });
});
