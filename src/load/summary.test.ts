import { describe, expect, it } from "vitest";
import { loadResult, turnResult } from "../../test/support/load-results.ts";
import type { Failure } from "./failure.ts";
import { summarize } from "./summary.ts";

describe("a summary", () => {
  it("counts turns as complete, failed or interrupted", () => {
    const failure: Failure = { kind: "timeout" };
    const turns = [turnResult({}), turnResult({ failure }), turnResult({ isInterrupted: true })];
    expect(summarize(loadResult(turns))).toMatchObject({
      completeTurns: 1,
      failedTurns: 1,
      interruptedTurns: 1,
    });
  });

  it("takes first audio of every turn in which something was heard", () => {
    const turns = [
      turnResult({ firstAudioMs: 100 }),
      turnResult({ firstAudioMs: 300, failure: { kind: "closed", code: "1011" } }),
      turnResult({ failure: { kind: "timeout" } }),
    ];
    expect(summarize(loadResult(turns)).firstAudioMs).toMatchObject({
      count: 2,
      min: 100,
      max: 300,
    });
  });

  it("has no distribution of what never happened", () => {
    const summary = summarize(loadResult([turnResult({ failure: { kind: "timeout" } })]));
    expect(summary).not.toHaveProperty("firstAudioMs");
    expect(summary).not.toHaveProperty("gapMs");
    expect(summary).not.toHaveProperty("rtf");
  });

  it("adds up underruns, characters and audio", () => {
    const turns = [
      turnResult({
        audioMs: 2500,
        underruns: [
          { startedAt: 1, gapMs: 20 },
          { startedAt: 2, gapMs: 40 },
        ],
        sentChars: 10,
        lostChars: 2,
        repeatedChars: 1,
      }),
      turnResult({ audioMs: 1500, sentChars: 5, lostChars: 0, repeatedChars: 3 }),
      turnResult({ sentChars: 7 }),
    ];
    expect(summarize(loadResult(turns, { elapsedMs: 2000 }))).toMatchObject({
      underruns: 2,
      underrunTurns: 1,
      gapMs: { min: 20, max: 40 },
      comparedChars: 15,
      lostChars: 2,
      repeatedChars: 4,
      audioSeconds: 4,
      audioSecondsPerSecond: 2,
    });
  });

  it.each([
    [799, false],
    [801, true],
  ])("of %i ms of CPU in a second calls the generator saturated: %s", (cpuMs, isSaturated) => {
    const summary = summarize(loadResult([turnResult({})], { elapsedMs: 1000, cpuMs }));
    expect(summary.isGeneratorSaturated).toBe(isSaturated);
  });

  it("of nothing is not a division by zero", () => {
    expect(summarize(loadResult([], { elapsedMs: 0, cpuMs: 0 }))).toMatchObject({
      audioSecondsPerSecond: 0,
      generatorCpuShare: 0,
      failures: [],
    });
  });
});

it("failures are counted by cause; reasons that differ in numbers alone are one", () => {
  const failures: Failure[] = [
    { kind: "closed", code: "1011", reason: "Broken, request 4af1." },
    { kind: "refused", code: "429 too_many", reason: "Too many." },
    { kind: "closed", code: "1011", reason: "Broken, request 77." },
    { kind: "closed", code: "1001", reason: "" },
    { kind: "closed", code: "1011", reason: "Going away." },
  ];
  const turns = failures.map((failure) => turnResult({ failure }));
  expect(summarize(loadResult(turns)).failures).toEqual([
    { cause: "closed with 1011", reason: "Broken, request 4af1.", turns: 2 },
    { cause: "HTTP 429 too_many", reason: "Too many.", turns: 1 },
    { cause: "closed with 1001", turns: 1 },
    { cause: "closed with 1011", reason: "Going away.", turns: 1 },
  ]);
});
