/** Texts that a careless store would carry out, cut off or fail at. */
export const hostileTexts: readonly string[] = [
  "'; drop table keys; --",
  `" or ""="`,
  "\\'; delete from tokens where ''='",
  "$1 ?1 :a @b {0} %s",
  "%_%",
  "before \0 after",
  "\0",
  "half \ud800 pair",
  "\udc00\ud800",
  "null",
  '{"toString":null}',
  "__proto__",
  "e\u0301 \u{1f600} \u202e日本",
];

/** What is kept of a text: no database takes U+0000, nor half of a surrogate pair. */
export const asKept = (text: string): string => text.toWellFormed().replaceAll("\0", "\uFFFD");
