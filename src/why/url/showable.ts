/** What keys, tokens and the like look like, wherever they stand. */
const secretShape =
  /(?<![a-z])sk[_-]|sutkn|bearer|basic\s|eyJ|(?=[A-Za-z+/=_-]*\d)[A-Za-z0-9+/=_-]{25,}/i;
const maxShownChars = 48;

/**
 * What a caller wrote, as it may be shown: undefined unless it is short, plain, and nothing like a
 * key. A key can stand in any place, so that whatever is quoted from an address passes here.
 */
export function showable(text: string): string | undefined {
  const isPlain = text.length <= maxShownChars && /^[\w .,:+@/-]*$/.test(text);
  return isPlain && !secretShape.test(text) && !secretShape.test(text.replaceAll(" ", ""))
    ? text
    : undefined;
}

/** In quotation marks, or a word for it. */
export function quoted(text: string, otherwise = "what stands there"): string {
  const shown = showable(text);
  return shown === undefined ? otherwise : `'${shown}'`;
}
