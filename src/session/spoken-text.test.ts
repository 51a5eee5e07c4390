import { expect, it } from "vitest";
import { SpokenText } from "./spoken-text.ts";

/** Every character of `text` takes ten samples. */
const evenly = (text: string) => {
  const chars = Array.from(text);
  return { chars, endsAtSample: Uint32Array.from(chars, (_, index) => (index + 1) * 10) };
};

function speak(...texts: readonly string[]): SpokenText {
  const spoken = new SpokenText();
  let start = 0;
  for (const text of texts) {
    spoken.add(text, start, evenly(text));
    start += Array.from(text).length * 10;
  }
  return spoken;
}

it.each([
  [0, "", "abc def"],
  [1, "a", "bc def"],
  [10, "a", "bc def"],
  [11, "ab", "c def"],
  [40, "abc ", "def"],
  [41, "abc d", "ef"],
  [70, "abc def", ""],
  [1000, "abc def", ""],
])("after %i samples '%s' was heard and '%s' was not", (sample, heard, rest) => {
  expect(speak("abc ", "def").splitAt(sample)).toEqual({ spoken: heard, rest });
});

it("a character of two code units is heard whole or not at all", () => {
  expect(speak("a\u{1f600}b").splitAt(15)).toEqual({ spoken: "a\u{1f600}", rest: "b" });
});

it("a space that was added to the alignment belongs to no text", () => {
  const spoken = new SpokenText();
  spoken.add("ab", 0, evenly("ab "));
  expect(spoken.splitAt(30)).toEqual({ spoken: "ab", rest: "" });
});
