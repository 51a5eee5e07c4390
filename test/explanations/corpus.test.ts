import { describe, expect, it } from "vitest";
import { type Diagnosis, diagnoseLog } from "../../src/why/diagnose.ts";
import type { Confidence } from "../../src/why/finding.ts";
import { readTraces } from "../../src/why/read-traces.ts";
import {
  readLabels,
  readTraceFile,
  setOf,
  type TraceLabel,
  type TraceSet,
  traceFiles,
  traceSets,
} from "./labelled-traces.ts";
import { formatScore, judge, type Score, scoreOf, type Verdict } from "./score.ts";

const leastTraces = 460;
const leastRightFirst = 0.95;
const mostCertainlyWrong = 0.01;

const explain = (set: TraceSet): Verdict[] =>
  readLabels(set).map((label) =>
    judge(label, diagnoseLog(readTraces(readTraceFile(set, label.file)))),
  );

describe("the corpus", () => {
  it.each(traceSets)("labels each trace of %s once", (set) => {
    const labelled = readLabels(set).map(({ file }) => file);
    expect(labelled.toSorted()).toEqual(traceFiles(set).toSorted());
  });

  it.each(traceSets)("has in %s what belongs there by its name", (set) => {
    expect(traceFiles(set).filter((file) => setOf(file) !== set)).toEqual([]);
  });

  it("has not become smaller", () => {
    expect(traceSets.flatMap(traceFiles).length).toBeGreaterThanOrEqual(leastTraces);
  });

  it("comes from real clients that ran into faults, half of it at least", () => {
    const labels = traceSets.flatMap(readLabels);
    const runs = labels.filter(({ origin }) => origin === "run");
    expect(2 * runs.length).toBeGreaterThanOrEqual(labels.length);
  });

  it.each(traceSets)("has no key in %s that could be a real one", (set) => {
    const realKeys = /\bsk_[0-9a-f]{32,}|\bsk-[\w-]{20,}|\beyJ[\w-]{20,}\./;
    const withKeys = traceFiles(set).filter((file) =>
      realKeys.test(readTraceFile(set, file).toString("utf8")),
    );
    expect(withKeys).toEqual([]);
  });
});

describe("a verdict", () => {
  const label: TraceLabel = {
    file: "a.log",
    cause: "input_timeout",
    alsoRight: ["wrong_vendor_parameter"],
    origin: "report",
    source: "https://example.com",
    framework: "ws",
    vendor: "elevenlabs",
    note: "made up",
  };
  const unknown: TraceLabel = { ...label, cause: null, alsoRight: [] };
  const saying = (
    cause: "input_timeout" | "wrong_vendor_parameter" | "client_lost",
    confidence: Confidence,
  ): Diagnosis => ({
    causes: [{ cause, confidence, sentence: "", evidence: [], change: "" }],
    missing: [],
  });
  const nothing: Diagnosis = { causes: [], missing: ["the close code"] };

  it.each<[string, TraceLabel, Diagnosis, boolean, boolean]>([
    ["the right cause", label, saying("input_timeout", "likely"), true, false],
    ["another right cause", label, saying("wrong_vendor_parameter", "certain"), true, false],
    ["a wrong cause", label, saying("client_lost", "likely"), false, false],
    ["a wrong cause as certain", label, saying("client_lost", "certain"), false, true],
    ["nothing", label, nothing, false, false],
    ["nothing, of what cannot be known", unknown, nothing, true, false],
    [
      "a guess without a question, of what cannot be known",
      unknown,
      saying("client_lost", "likely"),
      false,
      false,
    ],
    [
      "something certain, of what cannot be known",
      unknown,
      saying("client_lost", "certain"),
      false,
      true,
    ],
  ])("on %s", (_name, known, diagnosis, isRight, isCertainlyWrong) => {
    expect(judge(known, diagnosis)).toMatchObject({ isRight, isCertainlyWrong });
  });

  it("counts in the score", () => {
    const verdicts = [
      judge(label, saying("input_timeout", "certain")),
      judge(label, saying("client_lost", "certain")),
      judge(label, saying("client_lost", "possible")),
      judge(unknown, nothing),
    ];
    expect(scoreOf(verdicts)).toEqual({ traces: 4, rightFirst: 0.5, certainlyWrong: 0.25 });
  });
});

describe("explanations of the corpus", () => {
  it("name the right cause first", () => {
    const verdicts = explain("tuning");
    const wrong = verdicts.filter(({ isRight }) => !isRight).map(({ text }) => `  ${text}`);
    report([formatScore("tuning", scoreOf(verdicts)), ...wrong]);
    expectWithinBounds(scoreOf(verdicts));
  });

  it("name the right cause first where nobody looked while the rules were made, too", () => {
    const heldOut = explain("held-out");
    const all = scoreOf([...explain("tuning"), ...heldOut]);
    // Which of them are wrong is not told, so that no rule can be made for them.
    report([formatScore("held-out", scoreOf(heldOut)), formatScore("all", all)]);
    expect(scoreOf(heldOut).certainlyWrong).toBeLessThanOrEqual(mostCertainlyWrong);
    expectWithinBounds(all);
  });
});

function expectWithinBounds({ rightFirst, certainlyWrong }: Score): void {
  expect(rightFirst).toBeGreaterThanOrEqual(leastRightFirst);
  expect(certainlyWrong).toBeLessThanOrEqual(mostCertainlyWrong);
}

function report(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
