/** The kinds of characters that the grammar of a tag tells apart. */
type CharClass =
  | "<"
  | ">"
  | "/"
  | "="
  | '"'
  | "'"
  | "!"
  | "?"
  | "-"
  | "space"
  | "letter"
  | "digit"
  | "other";

type TagState =
  | "begun"
  | "name"
  | "inside"
  | "attribute"
  | "after attribute"
  | "before value"
  | "double quoted"
  | "single quoted"
  | "after value"
  | "empty end"
  | "closing"
  | "closing name"
  | "after closing name"
  | "instruction"
  | "instruction end"
  | "declaration"
  | "declaration dash"
  | "comment"
  | "comment dash"
  | "comment dashes"
  | "whole";

/** Where a character leads; `any` stands for all that are not named. No entry: this is no tag. */
type Row = Partial<Record<CharClass | "any", TagState>>;

const nameChars = (state: TagState): Row => ({ letter: state, digit: state, "-": state });

/** The grammar of one tag after its `<`, much of XML's: attributes are quoted and hold no `<`. */
const grammar: Readonly<Record<TagState, Row>> = {
  begun: { letter: "name", "/": "closing", "?": "instruction", "!": "declaration" },
  name: { ...nameChars("name"), space: "inside", "/": "empty end", ">": "whole" },
  inside: { letter: "attribute", space: "inside", "/": "empty end", ">": "whole" },
  attribute: { ...nameChars("attribute"), space: "after attribute", "=": "before value" },
  "after attribute": { space: "after attribute", "=": "before value" },
  "before value": { space: "before value", '"': "double quoted", "'": "single quoted" },
  "double quoted": { '"': "after value", any: "double quoted" },
  "single quoted": { "'": "after value", any: "single quoted" },
  "after value": { space: "inside", "/": "empty end", ">": "whole" },
  "empty end": { ">": "whole" },
  closing: { letter: "closing name" },
  "closing name": { ...nameChars("closing name"), space: "after closing name", ">": "whole" },
  "after closing name": { space: "after closing name", ">": "whole" },
  instruction: { "?": "instruction end", any: "instruction" },
  "instruction end": { ">": "whole", "?": "instruction end", any: "instruction" },
  declaration: { "-": "declaration dash" },
  "declaration dash": { "-": "comment" },
  comment: { "-": "comment dash", any: "comment" },
  "comment dash": { "-": "comment dashes", any: "comment" },
  "comment dashes": { ">": "whole", "-": "comment dashes", any: "comment" },
  whole: {},
};

function classOf(char: string): CharClass {
  if (/[A-Za-z_:]/.test(char)) return "letter";
  if (/[<>/="'!?-]/.test(char)) return char as CharClass;
  if (/\s/.test(char)) return "space";
  return /[\d.]/.test(char) ? "digit" : "other";
}

function step(state: TagState, char: string): TagState | undefined {
  const row = grammar[state];
  const kind = classOf(char);
  // What cannot stand in a tag at all begins the next one.
  return row[kind] ?? (kind === "<" ? undefined : row.any);
}

/** Elements whose text is spoken in another way than it is written, and so must stay whole. */
const wholeElements: ReadonlySet<string> = new Set(["phoneme", "say-as", "sub"]);

/** What is longer than this is no markup: nobody waits for its end. */
export const maxAtomChars = 1_000;

/** Where reading stands: in the first tag, in the text of an element, in the tag that ends it. */
type Phase = "tag" | "content" | "end tag";

/**
 * Reads one atom of markup, character by character from its `<`: a tag, or an element that must
 * stay whole, whose text holds no other tag.
 */
export class AtomReader {
  #state: TagState = "begun";
  #phase: Phase = "tag";
  #name = "";
  #endName = "";
  #empty = false;
  #chars = 1;

  get phase(): Phase {
    return this.#phase;
  }

  /** Takes the next character: `whole` if the atom ends with it, `broken` if it is none after all. */
  take(char: string): "more" | "whole" | "broken" {
    this.#chars += 1;
    if (this.#chars > maxAtomChars) return "broken";
    if (this.#phase === "content") {
      if (char === "<") this.#phase = "end tag";
      return "more";
    }
    const next = step(this.#state, char);
    if (next === undefined || (this.#phase === "end tag" && next === "name")) return "broken";
    if (next === "name") this.#name += char;
    if (next === "closing name") this.#endName += char;
    if (next === "empty end") this.#empty = true;
    this.#state = next;
    return next === "whole" ? this.#wholeTag() : "more";
  }

  #wholeTag(): "more" | "whole" | "broken" {
    const name = this.#name.toLowerCase();
    if (this.#phase === "end tag") {
      return this.#endName.toLowerCase() === name ? "whole" : "broken";
    }
    if (!wholeElements.has(name) || this.#empty) {
      return wholeElements.has(this.#endName.toLowerCase()) ? "broken" : "whole";
    }
    this.#phase = "content";
    this.#state = "begun";
    return "more";
  }
}

/** One tag, taken apart. */
export interface Tag {
  /** In lower case; empty for a comment and the like. */
  readonly name: string;
  readonly closing: boolean;
  /** Names in lower case, values with their entities read. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Takes a well-formed tag apart. */
export function parseTag(tag: string): Tag {
  const [, slash = "", name = ""] = /^<(\/?)([\w:.-]*)/.exec(tag) ?? [];
  const attributes = new Map<string, string>();
  for (const match of tag.matchAll(/\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    const [, attribute = "", double, single] = match;
    attributes.set(attribute.toLowerCase(), readEntities(double ?? single ?? ""));
  }
  return { name: name.toLowerCase(), closing: slash !== "", attributes };
}

const namedEntities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
};

/** The entities of XML: named ones, decimal and hexadecimal numbers. */
export const entityPattern: RegExp = /&(?:([a-z]{2,4})|#(\d{1,7})|#x([\da-f]{1,6}));/gi;

/** The character that an entity, matched by `entityPattern`, stands for, if there is one. */
export function entityCharacter(match: readonly string[]): string | undefined {
  const [, name, decimal, hexadecimal] = match;
  if (name !== undefined) return namedEntities[name.toLowerCase()];
  const point = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
  const isCharacter = point > 0 && point <= 0x10_ffff && (point < 0xd800 || point > 0xdfff);
  return isCharacter ? String.fromCodePoint(point) : undefined;
}

/** The text with its entities replaced by their characters. */
export function readEntities(text: string): string {
  return text.replaceAll(
    entityPattern,
    (whole: string, ...groups: string[]) => entityCharacter([whole, ...groups]) ?? whole,
  );
}
