import type { Markup } from "../protocol/markup.ts";
import type { TextNormalization } from "../protocol/normalization.ts";
import type { PronunciationRule } from "../protocol/pronunciation.ts";
import { isEnglish } from "./language.ts";
import { rewrite, type Rewriting } from "./rewrite.ts";
import { writeOut } from "./write-out.ts";

/** What an engine makes of a text by itself. */
export interface FrontEnd {
  /** What its voice speaks, in BCP 47. */
  readonly language: string;
  /** `words`: it can read nothing else; `nothing`: it knows what figures and abbreviations mean. */
  readonly needs: "words" | "nothing";
}

/** A text as it was sent, and how it is to be read. */
export interface WrittenText {
  readonly text: string;
  readonly markup: Markup;
  readonly pronunciations?: readonly PronunciationRule[] | undefined;
  /** `auto` unless given. */
  readonly normalization?: TextNormalization | undefined;
}

/**
 * What an engine is to speak instead of a text, for engines that read letters of any script: no
 * markup, pronunciation rules carried out, and figures written out where they need it or were asked
 * to be. Nothing if that is the text itself. White space stays as it is.
 */
export function normalizeFor(frontEnd: FrontEnd, written: WrittenText): Rewriting | undefined {
  const { text, markup, pronunciations, normalization = "auto" } = written;
  const rewriting = rewrite(text, markup, pronunciations);
  return isWrittenOut(frontEnd, normalization)
    ? writeOut(text, rewriting, frontEnd.language)
    : rewriting;
}

function isWrittenOut({ language, needs }: FrontEnd, normalization: TextNormalization): boolean {
  if (normalization === "off" || !isEnglish(language)) return false;
  return normalization === "on" || needs === "words";
}
