import { describe, expect, it } from "vitest";
import { roundOf, turnResult } from "../../test/support/load-results.ts";
import type { Round } from "./compare.ts";
import { formatHtml } from "./report-html.ts";
import { type BenchDescription, formatJson } from "./report-json.ts";
import { alignColumns, formatNumber, formatReport } from "./report-table.ts";

const description: BenchDescription = {
  startedAtUnixMs: Date.UTC(2026, 0, 2),
  pace: "paced",
  socketUse: "multi",
  streams: 2,
  durationSeconds: 60,
  rounds: 1,
  voice: 'v"><script>alert(1)</script>',
  format: "pcm_24000",
  node: "v20",
  cpu: "a <fast> one",
  cores: 2,
};

const spoken = turnResult({
  stream: 1,
  firstAudioMs: 120.4567,
  audioMs: 900,
  rtf: 0.5,
  playedFrom: 50,
  playedTo: 990,
  underruns: [{ startedAt: 500, gapMs: 40 }],
  sentChars: 10,
  lostChars: 1,
  repeatedChars: 0,
});
const failed = turnResult({
  failure: { kind: "error", code: "<b>bad</b>", reason: "Too <i>many</i> & more." },
});
const rounds: readonly Round[] = [
  roundOf(0, 0, [spoken, failed], { streams: 2 }),
  roundOf(0, 1, [spoken], { streams: 2, cpuMs: 900, isInterrupted: true }),
];
const names = ["http://a.test", "http://b.test/<x>"];

it.each<[number, string]>([
  [0, "0"],
  [42, "42"],
  [0.12345, "0.123"],
  [1.2345, "1.23"],
  [12.345, "12.3"],
  [1234.5, "1235"],
])("writes %f as %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

it("aligns columns without spaces at the ends", () => {
  expect(
    alignColumns([
      ["a", "b", "c"],
      ["long", "", ""],
      ["", "x"],
    ]),
  ).toBe("a     b  c\nlong\n      x");
});

describe("the table", () => {
  it("shows figures side by side with their ratio, and the failures by cause", () => {
    const lines = formatReport(rounds, names).split("\n");
    expect(lines[0]).toMatch(/^figure +http:\/\/a\.test +http:\/\/b\.test\/<x> +ratio$/);
    expect(lines).toContainEqual(expect.stringMatching(/^first audio p95 +120 ms +120 ms +1 x$/));
    expect(lines).toContainEqual(expect.stringMatching(/^failed turns +1 +0 +0 x$/));
    expect(lines).toContainEqual(
      expect.stringMatching(/^1 +http:\/\/a\.test +error <b>bad<\/b> +Too <i>many<\/i> & more\.$/),
    );
  });

  it("says when the generator was too busy, and when the run was interrupted", () => {
    const text = formatReport(rounds, names);
    expect(text).toMatch(/generator itself was saturated \(90 % of a core\)/);
    expect(text).toMatch(/interrupted/);
    expect(formatReport(rounds.slice(0, 1), names.slice(0, 1))).not.toMatch(
      /saturated|interrupted/,
    );
  });

  it("says when there was no alignment to compare", () => {
    const silent = [roundOf(0, 0, [turnResult({ audioMs: 10 })])];
    expect(formatReport(silent, ["a"])).toMatch(/lost characters +-\n[^]*No alignment came/);
  });

  it("shows median and spread of several rounds", () => {
    const more = [...rounds.slice(0, 1), roundOf(1, 0, [turnResult({ firstAudioMs: 300 })])];
    expect(formatReport(more, ["a"])).toMatch(/first audio p50 +210 ms \(120\.\.300\)\n/);
  });
});

describe("the JSON document", () => {
  const document = JSON.parse(formatJson(description, rounds, names)) as Record<string, unknown>;

  it("has what was measured, how, and the figures", () => {
    expect(document).toMatchObject({
      schema: "syrinx-bench",
      schemaVersion: 1,
      pace: "paced",
      streams: 2,
      isInterrupted: true,
      targets: [
        {
          url: "http://a.test",
          figures: { firstAudioP95Ms: { median: 120.457, min: 120.457, max: 120.457 } },
          rounds: [{ round: 0, summary: { completeTurns: 1, failedTurns: 1 } }],
        },
        { url: "http://b.test/<x>", figures: { firstAudioP95Ms: { ratio: 1 } } },
      ],
    });
  });

  it("has every turn, with units in the names", () => {
    expect(document).toHaveProperty("targets.0.rounds.0.turns.0", {
      stream: 1,
      turn: 0,
      isInterrupted: false,
      firstAudioMs: 120.457,
      audioMs: 900,
      rtf: 0.5,
      sentChars: 10,
      lostChars: 1,
      repeatedChars: 0,
      frames: 0,
      receivedBytes: 0,
      startedAtMs: 0,
      endedAtMs: 100,
      playedFromMs: 50,
      playedToMs: 990,
      underruns: [{ startedAtMs: 500, gapMs: 40 }],
    });
  });
});

describe("the page", () => {
  const page = formatHtml(description, rounds, names);

  it("needs nothing from elsewhere and runs no script", () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import|\bon\w+=/i);
    expect(page).toContain("default-src 'none'");
  });

  it("shows what came from outside as text", () => {
    expect(page).not.toMatch(/<b>|<i>m|<x>|<fast>/);
    expect(page).toContain("Too &#60;i&#62;many&#60;/i&#62; &#38; more.");
    expect(page).toContain("&#60;script&#62;");
  });

  it("has the figures and a plot each for latencies, underruns and streams", () => {
    expect(page).toContain("first audio p95");
    expect(page.match(/<svg /g)).toHaveLength(4);
    expect(page).toMatch(/aria-label="First audio by percentile"/);
    expect(page).toMatch(/<path class="gap" d="M[^"]+"/);
    expect(page).toMatch(/<path class="failed" d="M[^"]+"/);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("of a run in which nothing was heard says so", () => {
    const silent = formatHtml(description, [roundOf(0, 0, [failed])], ["a"]);
    expect(silent).toMatch(/Nothing to show\.[^]*There was none\./);
    expect(silent).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("of many streams shows as many as can be told apart", () => {
    const turns = Array.from({ length: 1000 }, (_, stream) => turnResult({ ...spoken, stream }));
    const many = formatHtml(description, [roundOf(0, 0, turns, { streams: 1000 })], ["a"]);
    expect(many).toContain("the first 400; 600 more are not shown");
    expect(many.match(/<path class="playing" d="([^"]*)"/)?.[1]?.match(/M/g)).toHaveLength(400);
  });
});
