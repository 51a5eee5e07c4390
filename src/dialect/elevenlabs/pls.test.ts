import { describe, expect, it } from "vitest";
import { formatLexicon, parseLexicon } from "./pls.ts";

const lexicon = (lexemes: string, attributes = 'alphabet="ipa"'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" ${attributes} xml:lang="en-US">
${lexemes}</lexicon>`;
const lexeme = (members: string): string => lexicon(`<lexeme>${members}</lexeme>`);
const parse = (text: string) => parseLexicon(new TextEncoder().encode(text));

describe("a PLS file", () => {
  it("gives each grapheme its alias or sounds", () => {
    const rules = parse(
      lexicon(`
        <lexeme xml:id="t">
          <grapheme>tomato</grapheme>
          <grapheme>Tomato</grapheme>
          <phoneme>təˈmeɪtoʊ</phoneme>
        </lexeme>
        <lexeme><grapheme>UN</grapheme><alias>United Nations</alias></lexeme>
        <lexeme><grapheme>live</grapheme><phoneme alphabet="cmu-arpabet">L AY1 V</phoneme></lexeme>`),
    );
    const sounds = { type: "phoneme", phoneme: "təˈmeɪtoʊ", alphabet: "ipa" };
    expect(rules).toEqual([
      { ...sounds, stringToReplace: "tomato" },
      { ...sounds, stringToReplace: "Tomato" },
      { type: "alias", stringToReplace: "UN", alias: "United Nations" },
      {
        type: "phoneme",
        stringToReplace: "live",
        phoneme: "L AY1 V",
        alphabet: "cmu-arpabet",
      },
    ]);
  });

  it("is read through prefixes, references, comments and CDATA", () => {
    const text = `<p:lexicon xmlns:p="http://www.w3.org/2005/01/pronunciation-lexicon">
      <p:lexeme><p:grapheme>A&amp;B &#x2c8;</p:grapheme><p:alias>a <!-- no --> &lt;b&gt;</p:alias></p:lexeme>
      <p:lexeme><p:grapheme><![CDATA[<&>]]></p:grapheme><p:alias>007</p:alias></p:lexeme>
    </p:lexicon>`;
    expect(parse(text)).toEqual([
      { type: "alias", stringToReplace: "A&B ˈ", alias: "a <b>" },
      { type: "alias", stringToReplace: "<&>", alias: "007" },
    ]);
  });

  it("may begin with a byte order mark", () => {
    expect(parse(`\u{feff}${lexeme("<grapheme>a</grapheme><alias>b</alias>")}`)).toHaveLength(1);
  });

  it("says the preferred sounds, else the first", () => {
    const preferred = `<grapheme>a</grapheme><phoneme>x</phoneme><phoneme prefer="true">y</phoneme>`;
    expect(parse(lexeme(preferred))).toMatchObject([{ phoneme: "y" }]);
    const plain = "<grapheme>a</grapheme><phoneme>x</phoneme><phoneme>y</phoneme>";
    expect(parse(lexeme(plain))).toMatchObject([{ phoneme: "x" }]);
  });

  it("says of two lexemes for one string the first", () => {
    const both = ["x", "y"].map(
      (alias) => `<lexeme><grapheme>a</grapheme><alias>${alias}</alias></lexeme>`,
    );
    expect(parse(lexicon(both.join("")))).toMatchObject([{ alias: "x" }]);
  });

  it("cannot reach an object's prototype", () => {
    const text = lexeme("<grapheme>__proto__</grapheme><alias>x</alias><polluted>1</polluted>");
    expect(parse(text)).toMatchObject([{ stringToReplace: "__proto__" }]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

const many = (count: number): string =>
  Array.from(
    { length: count },
    (_, index) => `<lexeme><grapheme>${index}</grapheme><alias>x</alias></lexeme>`,
  ).join("");

describe("no PLS file, because", () => {
  it.each([
    ["its XML is broken in line 1", ""],
    ["its XML is broken in line 1", "hello"],
    ["its XML is broken in line 1", "<lexicon><lexeme></lexicon>"],
    ["its root is not a lexicon", "<speak>hello</speak>"],
    ["it has no lexemes", lexicon("")],
    ["it has no lexemes", "<lexicon/>"],
    ["its lexemes are not as PLS has them", lexicon("<lexeme/>")],
    ["lexeme 1 has no grapheme", lexeme("<alias>x</alias>")],
    ["the grapheme of lexeme 1 is missing or empty", lexeme("<grapheme/><alias>x</alias>")],
    ["the alias or phoneme of lexeme 1 is missing or empty", lexeme("<grapheme>x</grapheme>")],
    [
      "the grapheme of lexeme 1 has more than 200 characters",
      lexeme(`<grapheme>${"a".repeat(201)}</grapheme><alias>x</alias>`),
    ],
    [
      "the alias or phoneme of lexeme 1 has more than 500 characters",
      lexeme(`<grapheme>x</grapheme><alias>${"a".repeat(501)}</alias>`),
    ],
    [
      "its phonemes name no alphabet",
      lexicon("<lexeme><grapheme>x</grapheme><phoneme>y</phoneme></lexeme>", ""),
    ],
    [
      "its alphabet is unknown",
      lexeme('<grapheme>x</grapheme><phoneme alphabet="constructor">y</phoneme>'),
    ],
    [
      "it has a document type declaration",
      `<!DOCTYPE lexicon [<!ENTITY a "${"a".repeat(50)}"><!ENTITY b "&a;&a;&a;">]>${lexeme("<grapheme>&b;</grapheme><alias>x</alias>")}`,
    ],
    [
      "it has a document type declaration",
      `<!DOCTYPE lexicon [<!ENTITY a SYSTEM "file:///etc/passwd">]>${lexeme("<grapheme>&a;</grapheme><alias>x</alias>")}`,
    ],
    ["it has more than 5000 rules", lexicon(many(5001))],
    ["its XML is broken", lexicon("<lexeme>".repeat(5000) + "</lexeme>".repeat(5000))],
  ])("%s", (reason, text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ problem: { code: "invalid_lexicon", details: { reason } } }),
    );
  });

  it("its bytes are not UTF-8", () => {
    expect(() => parseLexicon(Uint8Array.of(0xff, 0xfe, 0x3c, 0))).toThrow("it is not UTF-8");
  });
});

it("rules written as PLS are read as they were, as far as XML can hold them", () => {
  const rules = [
    { type: "alias", stringToReplace: "R&D <x>", alias: 'research "and" development' },
    { type: "phoneme", stringToReplace: "nginx", phoneme: "ˈɛndʒɪn", alphabet: "ipa" },
    { type: "phoneme", stringToReplace: "SQL", phoneme: "S IY1", alphabet: "cmu-arpabet" },
  ] as const;
  expect(parse(formatLexicon(rules))).toEqual(rules);
  const odd = { type: "alias", stringToReplace: "a\0b", alias: "x\ud800" } as const;
  expect(parse(formatLexicon([odd]))).toMatchObject([
    { stringToReplace: "a\u{fffd}b", alias: "x\u{fffd}" },
  ]);
});
