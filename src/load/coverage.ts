/** How the characters of a text came back in the alignments of its audio. */
export interface Coverage {
  /** Characters of the text that are in no alignment. */
  readonly lost: number;
  /** Characters in alignments beyond those of the text: spoken twice, or never sent. */
  readonly repeated: number;
}

/**
 * Compares a text with the characters that were spoken of it, by the fewest characters that must
 * be taken out of one and put into the other. White space is left out: servers add and trim it.
 */
export function compareText(sent: string, spoken: readonly string[]): Coverage {
  const before = lettersOf(sent);
  const after = lettersOf(spoken.join(""));
  const changes = countChanges(before, after);
  const growth = after.length - before.length;
  return { lost: (changes - growth) / 2, repeated: (changes + growth) / 2 };
}

const lettersOf = (text: string): readonly string[] => Array.from(text.replaceAll(/\s+/gu, ""));

/**
 * How many single removals and insertions turn one sequence into the other, at least.
 * E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, section 4: `furthest` holds
 * how far into `a` one gets with so many changes on each diagonal (place in `a` - place in `b`).
 */
function countChanges(a: readonly string[], b: readonly string[]): number {
  const most = a.length + b.length;
  const furthest = new Int32Array(2 * most + 3);
  const middle = most + 1;
  for (let changes = 0; changes <= most; changes += 1) {
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      const left = furthest[middle + diagonal - 1] ?? 0;
      const right = furthest[middle + diagonal + 1] ?? 0;
      const insert = diagonal === -changes || (diagonal !== changes && left < right);
      let atA = insert ? right : left + 1;
      while (atA < a.length && atA - diagonal < b.length && a[atA] === b[atA - diagonal]) atA += 1;
      furthest[middle + diagonal] = atA;
      if (atA >= a.length && atA - diagonal >= b.length) return changes;
    }
  }
  return most;
}
