import * as fc from "fast-check";
import { expect, it } from "vitest";
import { compareText } from "./coverage.ts";

it.each<[string, string, string, number, number]>([
  ["the same", "Hello there.", "Hello there.", 0, 0],
  ["white space that was added or trimmed", " Hello  there.", "Hello there. ", 0, 0],
  ["nothing spoken", "Hello.", "", 6, 0],
  ["nothing sent", "", "Hi", 0, 2],
  ["a lost word", "one two three", "one three", 3, 0],
  ["a word spoken twice", "one two three", "one two two three", 0, 3],
  ["the end cut off", "one two three", "one tw", 6, 0],
  ["a changed letter", "one", "onf", 1, 1],
  ["a piece at another place", "abcdefXY", "XYabcdef", 2, 2],
  ["letters beyond the first plane, each one character", "a👍🏽b", "ab", 2, 0],
])("finds %s", (_what, sent, spoken, lost, repeated) => {
  expect(compareText(sent, Array.from(spoken))).toEqual({ lost, repeated });
});

it("takes several characters in one entry, as some servers send them", () => {
  expect(compareText("Hello", ["He", "llo"])).toEqual({ lost: 0, repeated: 0 });
});

const letters = fc.array(fc.constantFrom("a", "b", "c", " "), { maxLength: 60 });

it("counts exactly what was taken out, and exactly what was put in", () => {
  fc.assert(
    fc.property(letters, letters, letters, (before, middle, after) => {
      const size = middle.join("").replaceAll(" ", "").length;
      const whole = [...before, ...middle, ...after];
      const cut = [...before, ...after];
      expect(compareText(whole.join(""), cut)).toEqual({ lost: size, repeated: 0 });
      expect(compareText(cut.join(""), whole)).toEqual({ lost: 0, repeated: size });
    }),
  );
});
