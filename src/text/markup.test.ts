import { expect, it } from "vitest";
import { bindTags, cutAtBreaks, silenceTags, unbindTags } from "./markup.ts";

it("breaks are cut out with their length, 3 s at most", () => {
  expect(
    cutAtBreaks('One <break time="0.5s"/> two <break time="250ms" /><break time="9s"/>'),
  ).toEqual([
    { text: "One " },
    { text: '<break time="0.5s"/> ', breakMs: 500 },
    { text: "two " },
    { text: '<break time="250ms" />', breakMs: 250 },
    { text: '<break time="9s"/>', breakMs: 3000 },
  ]);
});

it("text without a break stays whole, whatever else looks like one", () => {
  for (const text of ["", "a < b > c", '<break time="soon"/>', "<break"]) {
    expect(
      cutAtBreaks(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
    expect(cutAtBreaks(text).every(({ breakMs }) => breakMs === undefined)).toBe(true);
  }
});

it("tags are bound into one word and unbound again", () => {
  const text = 'Say <phoneme alphabet="ipa" ph="x y">tomato</phoneme> now';
  expect(bindTags(text).split(" ")).toHaveLength(3);
  expect(unbindTags(bindTags(text))).toBe(text);
});

it("tags lose their sound and keep their length; comparisons keep theirs", () => {
  const text = "<speak>3 < 4</speak>";
  expect(silenceTags(text)).toHaveLength(text.length);
  expect(silenceTags(text).replaceAll("\u{200b}", "")).toBe("3 < 4");
});
