import fc from "fast-check";
import { expect, it } from "vitest";
import type { CharacterTimings } from "../../protocol/alignment.ts";
import { rewrite } from "../../text/rewrite.ts";
import { estimateTimings } from "./estimated-timings.ts";

const sampleRateHz = 16_000;

/** Sound and silence in turn, each so many ms long. */
function soundOf(...lengthsMs: readonly number[]): Int16Array<ArrayBuffer> {
  const lengths = lengthsMs.map((ms) => (ms * sampleRateHz) / 1000);
  const samples = new Int16Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  lengths.forEach((length, index) => {
    for (const end = at + length; at < end; at += 1) {
      samples[at] = index % 2 === 0 ? Math.round(8000 * Math.sin(at / 8)) : 0;
    }
  });
  return samples;
}

/** When the text's stretches end that a vertical bar stands behind, in ms. */
function endsMs(marked: string, { chars, endsAtSample }: CharacterTimings): number[] {
  const parts = marked.split("|").slice(0, -1);
  let at = 0;
  expect(chars.join("").trimEnd()).toBe(parts.join("") + (marked.split("|").at(-1) ?? ""));
  return parts.map((part) => {
    at += Array.from(part).length;
    return ((endsAtSample[at - 1] ?? 0) * 1000) / sampleRateHz;
  });
}

function estimate(marked: string, samples: Int16Array): number[] {
  const text = marked.replaceAll("|", "");
  return endsMs(marked, estimateTimings(text, samples, sampleRateHz).original);
}

it("puts the pause in a sound where the mark is", () => {
  expect(estimate("Yes,| |I will go now.", soundOf(500, 300, 1000))).toEqual([500, 800]);
});

it("tells the longer part before a pause from the shorter one", () => {
  const longFirst = soundOf(1400, 200, 550);
  expect(estimate("Whoever comes along here| |now it is", longFirst)).toEqual([1400, 1600]);
});

it("hears where a hiss ends and a vowel begins, without a pause between", () => {
  const hiss = Int16Array.from({ length: 3200 }, (_, at) => (at % 2 === 0 ? 900 : -900));
  const vowels = soundOf(700);
  const samples = new Int16Array(hiss.length + vowels.length);
  samples.set(hiss);
  samples.set(vowels, hiss.length);
  const [changed = 0] = estimate("sss| oao", samples);
  expect(Math.abs(changed - 200)).toBeLessThanOrEqual(10);
});

it("takes no longer for each character of a long text than for one of a short one", () => {
  const text = "word ".repeat(2000);
  const samples = soundOf(600_000);
  const startedMs = performance.now();
  expect(estimateTimings(text, samples, sampleRateHz).original.chars).toHaveLength(10_000);
  expect(performance.now() - startedMs).toBeLessThan(5000);
});

it("takes a pause that fits nothing for a part of a word", () => {
  expect(estimate("abracadabra", soundOf(400, 60, 400))).toEqual([]);
  const { endsAtSample } = estimateTimings(
    "abracadabra",
    soundOf(400, 60, 400),
    sampleRateHz,
  ).original;
  expect(endsAtSample.at(-1)).toBe(860 * 16);
});

it("pauses without white space where the script has none", () => {
  expect(estimate("你好世界|。|你好", soundOf(800, 400, 400))).toEqual([800, 1200]);
});

it("counts leading silence to the first character and trailing silence to the last space", () => {
  const silentFirst = soundOf(0, 200, 500, 300);
  const { original, normalized } = estimateTimings("Hi.", silentFirst, sampleRateHz);
  expect(original.chars.join("")).toBe("Hi. ");
  expect(endsMs("Hi.|", original)).toEqual([700]);
  expect(normalized.chars.join("")).toBe(" Hi. ");
  expect(normalized.endsAtSample[0]).toBe(200 * 16);
});

it("gives tags no time and their words that of what was spoken instead", () => {
  const text = "<p>Say <sub alias='World Wide Web'>WWW</sub>, now</p>";
  const spoken = rewrite(text, "ssml");
  const { original, normalized } = estimateTimings(
    text,
    soundOf(1200, 300, 400),
    sampleRateHz,
    spoken,
  );
  const [tag, www, comma, end] = endsMs(
    "<p>|Say <sub alias='World Wide Web'>WWW|</sub>, |now|</p>",
    original,
  );
  expect([tag, www, comma, end]).toEqual([0, 1200, 1500, 1900]);
  expect(normalized.chars.join("")).toBe(" Say World Wide Web, now ");
});

it("silence is shared out, and no audio at all is no time", () => {
  const silent = estimateTimings("🎉", soundOf(0, 20), sampleRateHz).original;
  expect(silent.endsAtSample.at(-1)).toBe(320);
  expect(estimateTimings("", new Int16Array(0), sampleRateHz).original.endsAtSample).toEqual(
    Uint32Array.of(0),
  );
});

it("has one rising end per character and ends with the audio, whatever the text", () => {
  const unit = fc.oneof(
    fc.constantFrom(...Array.from(" \t.,,!?—<b></b>aeiouhst42…。")),
    fc.string({ unit: "binary" }),
  );
  const texts = fc.array(unit, { maxLength: 60 }).map((parts) => parts.join(""));
  const lengths = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 20 });
  fc.assert(
    fc.property(texts, lengths, fc.boolean(), (text, tens, isMarkup) => {
      const samples = soundOf(...tens.map((ten) => ten * 10));
      const spoken = isMarkup ? rewrite(text, "ssml") : undefined;
      const { original, normalized } = estimateTimings(text, samples, sampleRateHz, spoken);
      expect(original.chars.join("")).toBe(text.endsWith(" ") ? text : `${text} `);
      for (const { chars, endsAtSample } of [original, normalized]) {
        expect(endsAtSample.length).toBe(chars.length);
        expect(endsAtSample.at(-1)).toBe(samples.length);
        expect(endsAtSample).toEqual(endsAtSample.toSorted());
      }
    }),
  );
});
