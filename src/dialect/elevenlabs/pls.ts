import { XMLParser, XMLValidator } from "fast-xml-parser";
import { z } from "zod";
import { SpeechError } from "../../protocol/problems.ts";
import type { PhoneticAlphabet, PronunciationRule } from "../../protocol/pronunciation.ts";
import { dictionaryLimits } from "./dictionary-rules.ts";

/** Pronunciation Lexicon Specification (PLS) 1.0, W3C Recommendation of 14 October 2008. */
const namespace = "http://www.w3.org/2005/01/pronunciation-lexicon";
const { maxRules, maxStringChars, maxSpokenChars } = dictionaryLimits;

const alphabets: Readonly<Record<string, PhoneticAlphabet>> = {
  ipa: "ipa",
  "cmu-arpabet": "cmu-arpabet",
};

const lists: ReadonlySet<string> = new Set(["lexeme", "grapheme", "alias", "phoneme"]);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // The five of XML itself and numbered ones; a document cannot bring its own, see below.
  processEntities: true,
  htmlEntities: true,
  isArray: (name, path, _isLeaf, isAttribute) => !isAttribute && lists.has(name) && path !== name,
});

/** An element with its text: without attributes it is its text alone. */
const textElement = z.union([
  z.string().transform((text) => ({ text, attributes: {} })),
  z
    .looseObject({ "#text": z.string().default("") })
    .transform(({ "#text": text, ...attributes }) => ({ text, attributes })),
]);
type TextElement = { text: string; attributes: Readonly<Record<string, unknown>> };

const lexemeSchema = z.object({
  grapheme: z.array(textElement).default([]),
  alias: z.array(textElement).default([]),
  phoneme: z.array(textElement).default([]),
});

const documentSchema = z.looseObject({
  lexicon: z.looseObject({
    "@alphabet": z.string().optional(),
    lexeme: z.array(lexemeSchema).default([]),
  }),
});

/** The rules of a PLS file. @throws {SpeechError} invalid_lexicon */
export function parseLexicon(bytes: Uint8Array): PronunciationRule[] {
  const { lexicon } = parseDocument(decodeText(bytes));
  const byString = new Map<string, PronunciationRule>();
  lexicon.lexeme.forEach(({ grapheme, alias, phoneme }, index) => {
    const name = `lexeme ${index + 1}`;
    if (grapheme.length === 0) throw invalid(`${name} has no grapheme`);
    const [sounds] = preferredFirst(phoneme);
    const [spoken] = preferredFirst(alias);
    for (const each of grapheme) {
      const stringToReplace = within(each.text, maxStringChars, `the grapheme of ${name}`);
      // Of two lexemes for one string the first one is preferred (section 4.9).
      if (byString.has(stringToReplace)) continue;
      byString.set(
        stringToReplace,
        sounds
          ? {
              type: "phoneme",
              stringToReplace,
              phoneme: within(sounds.text, maxSpokenChars, `the phoneme of ${name}`),
              alphabet: alphabetOf(sounds.attributes["@alphabet"] ?? lexicon["@alphabet"]),
            }
          : {
              type: "alias",
              stringToReplace,
              alias: within(spoken?.text ?? "", maxSpokenChars, `the alias or phoneme of ${name}`),
            },
      );
    }
  });
  if (byString.size === 0) throw invalid("it has no lexemes");
  if (byString.size > maxRules) throw invalid(`it has more than ${maxRules} rules`);
  return [...byString.values()];
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalid("it is not UTF-8");
  }
}

/** @throws {SpeechError} invalid_lexicon */
function parseDocument(text: string): z.infer<typeof documentSchema> {
  // Entities that a document declares can make a short text endless, or read files.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw invalid("it has a document type declaration");
  const validity = XMLValidator.validate(text);
  if (validity !== true) throw invalid(`its XML is broken in line ${validity.err.line}`);
  let document: unknown;
  try {
    document = parser.parse(text);
  } catch {
    throw invalid("its XML is broken");
  }
  const parsed = documentSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const root = z.object({ lexicon: z.unknown() }).safeParse(document);
  if (root.data?.lexicon === undefined) throw invalid("its root is not a lexicon");
  throw invalid(
    root.data.lexicon === "" ? "it has no lexemes" : "its lexemes are not as PLS has them",
  );
}

const preferredFirst = (elements: readonly TextElement[]): TextElement[] =>
  elements.toSorted((a, b) => Number(isPreferred(b)) - Number(isPreferred(a)));

const isPreferred = ({ attributes }: TextElement): boolean => attributes["@prefer"] === "true";

/** @throws {SpeechError} invalid_lexicon */
function within(text: string, maxChars: number, what: string): string {
  const tidy = text.trim().replaceAll(/\s+/g, " ");
  if (tidy === "") throw invalid(`${what} is missing or empty`);
  if (tidy.length > maxChars) throw invalid(`${what} has more than ${maxChars} characters`);
  return tidy;
}

/** @throws {SpeechError} invalid_lexicon */
function alphabetOf(name: unknown): PhoneticAlphabet {
  const alphabet = Object.hasOwn(alphabets, String(name)) ? alphabets[String(name)] : undefined;
  if (alphabet) return alphabet;
  throw invalid(name === undefined ? "its phonemes name no alphabet" : "its alphabet is unknown");
}

const invalid = (reason: string): SpeechError => new SpeechError("invalid_lexicon", { reason });

/** The rules as a PLS file. */
export function formatLexicon(rules: readonly PronunciationRule[]): string {
  const lexemes = rules.map((rule) =>
    [
      "  <lexeme>",
      `    <grapheme>${escape(rule.stringToReplace)}</grapheme>`,
      rule.type === "alias"
        ? `    <alias>${escape(rule.alias)}</alias>`
        : `    <phoneme alphabet="${rule.alphabet}">${escape(rule.phoneme)}</phoneme>`,
      "  </lexeme>\n",
    ].join("\n"),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="${namespace}" alphabet="ipa" xml:lang="en-US">
${lexemes.join("")}</lexicon>
`;
}

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** What XML 1.0 cannot hold at all becomes a replacement character. */
const escape = (text: string): string =>
  text
    .replaceAll(/[&<>]/g, (char) => escapes[char] ?? char)
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\u{fffd}");
