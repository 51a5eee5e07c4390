import { expect, it } from "vitest";
import type { DiagnosedCause } from "../why/diagnose.ts";
import { showDiagnosis } from "./show-diagnosis.ts";

const cause: DiagnosedCause = {
  cause: "input_timeout",
  confidence: "certain",
  sentence: "No message arrived.",
  evidence: [
    { line: 7, text: "closed 1008" },
    { line: undefined, text: "20.0 s after the client's last message" },
  ],
  change: "Send one.",
};

it("shows the cause, what it rests on, what to change, and what else it may be", () => {
  const other = { ...cause, cause: "client_lost", confidence: "possible" } as const;
  expect(showDiagnosis({ causes: [cause, other], missing: ["times"] }, false)).toBe(
    [
      "No message arrived.",
      "input_timeout: certain",
      "",
      "   7  closed 1008",
      "      20.0 s after the client's last message",
      "",
      "What to change:",
      "  Send one.",
      "",
      "It may also be:",
      "  client_lost (possible): No message arrived.",
      "",
      "To know more, add to the log:",
      "  - times",
      "",
    ].join("\n"),
  );
});

it("puts nothing first where the log does not tell", () => {
  const shown = showDiagnosis(
    { causes: [{ ...cause, confidence: "possible" }], missing: [] },
    false,
  );
  expect(shown).toMatch(/^This log does not tell why the connection ended\.\n/);
  expect(shown).toContain("  input_timeout: No message arrived.\n    Send one.\n");
  expect(showDiagnosis({ causes: [], missing: [] }, false)).toMatch(/^Nothing in this log tells/);
});

it("has colours where they are wanted only", () => {
  expect(showDiagnosis({ causes: [cause], missing: [] }, true)).toContain(
    "\u001b[1mNo message arrived.\u001b[22m",
  );
  expect(showDiagnosis({ causes: [cause], missing: ["times"] }, false)).not.toContain("\u001b");
});
