/** What a client made up is repeated to it, but not at any length. */
export function shorten(value: string): string {
  const characters = Array.from(value);
  return characters.length > 64 ? `${characters.slice(0, 64).join("")}…` : value;
}

/** The longest beginning of `text` that takes at most `maxBytes` in UTF-8, in whole characters. */
export function cutToBytes(text: string, maxBytes: number): string {
  let kept = "";
  let bytes = 0;
  for (const char of text) {
    bytes += Buffer.byteLength(char);
    if (bytes > maxBytes) break;
    kept += char;
  }
  return kept;
}
