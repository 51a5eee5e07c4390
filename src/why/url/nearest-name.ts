/** Longer ones are nobody's slip of the finger, and would take long to compare. */
const maxComparedChars = 64;

/**
 * How many characters must be put in, taken out, replaced, or swapped with their neighbour to make
 * one name of the other (optimal string alignment).
 */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

const at = (row: readonly number[], column: number): number =>
  row[column] ?? Number.POSITIVE_INFINITY;

/** A name without what spellings differ in: case, hyphens, underscores. */
export const bareName = (name: string): string => name.toLowerCase().replaceAll(/[-_.\s]/g, "");

/** The one of `names` that was probably meant; undefined where none is near. */
export function nearestName(asked: string, names: readonly string[]): string | undefined {
  if (asked.length > maxComparedChars) return undefined;
  const bare = bareName(asked);
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const distance = editDistance(bare, bareName(name));
    if (distance < least) [nearest, least] = [name, distance];
  }
  // One slip in four characters is another word.
  const allowed = Math.min(3, Math.floor(bare.length / 4));
  return least <= allowed ? nearest : undefined;
}
