import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flagOf } from "../protocol/connections.ts";
import { Story, Words } from "./story.ts";

const kept = 512;
const keptFirst = 64;

describe("a story", () => {
  it("keeps what it is told, in order", () => {
    const story = new Story(new Words());
    story.note(1, "received", "a", flagOf("text") | flagOf("flush"), 30, 12);
    story.note(2, "sent", "a", "audio", 4000);
    story.note(3.5, "timer_fired", undefined, "inactivity message", 20_000, 1);
    expect(story.events()).toEqual([
      {
        atMs: 1,
        type: "received",
        context: "a",
        word: undefined,
        parts: ["text", "flush"],
        values: { sizeBytes: 30, characters: 12 },
      },
      {
        atMs: 2,
        type: "sent",
        context: "a",
        word: "audio",
        parts: [],
        values: { sizeBytes: 4000 },
      },
      {
        atMs: 3.5,
        type: "timer_fired",
        context: undefined,
        word: "inactivity message",
        parts: [],
        values: { limitMs: 20_000, lastResetAtMs: 1 },
      },
    ]);
    expect(story.leftOut).toBe(0);
  });

  it("keeps its beginning and its end when it is long", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), (count) => {
        const story = new Story(new Words());
        for (let at = 0; at < count; at += 1) story.note(at, "sent", undefined, "audio", at);
        const times = story.events().map(({ atMs }) => atMs);
        const all = Array.from({ length: count }, (_, at) => at);
        const expected =
          count <= kept ? all : [...all.slice(0, keptFirst), ...all.slice(keptFirst - kept)];
        expect(times).toEqual(expected);
        expect(story.leftOut).toBe(count - times.length);
      }),
    );
  });

  it("names the contexts of events that are kept, however many there were before", () => {
    const story = new Story(new Words());
    for (let at = 0; at < 5000; at += 1) {
      for (let time = 0; time < 6; time += 1) story.note(at, "sent", `turn ${at}`, "audio");
    }
    const names = story.events().map(({ atMs, context }) => [atMs, context]);
    expect(names).toEqual(names.map(([at]) => [at, `turn ${at}`]));
  });

  it("names no more contexts than it has room for, and none at length", () => {
    const story = new Story(new Words());
    for (let at = 0; at < 200; at += 1)
      story.note(at, "context_opened", `context ${at}`, undefined);
    story.note(200, "context_opened", "x".repeat(5000), undefined);
    const names = story.events().map(({ context }) => context);
    expect(names.slice(0, 128)).toEqual(Array.from({ length: 128 }, (_, at) => `context ${at}`));
    expect(new Set(names.slice(128))).toEqual(new Set([undefined]));
  });
});
