/**
 * The known word that a mistyped one most likely meant, regardless of case, for "did you mean": the fewest edits to turn
 * it into some part of the known word, because people forget prefixes; then the first.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of known) {
    const edits = editsIntoPartOf(name.toLowerCase(), word.toLowerCase());
    if (!best || edits < best.edits) best = { name, edits };
  }
  return best?.name;
}

/** Insertions, deletions and replacements; the row of zeros and the least of the last row leave out both ends for free. */
function editsIntoPartOf(whole: string, word: string): number {
  let row = Array.from({ length: whole.length + 1 }, () => 0);
  for (const [i, left] of [...word].entries()) {
    const next = [i + 1];
    for (const [j, right] of [...whole].entries()) {
      const replaced = (row[j] ?? 0) + (left === right ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return Math.min(...row);
}
