/** The "did you mean" suggestion for a mistyped key, service or command. */

/** The number of edits between two words. An edit adds, drops or changes a letter, or swaps two neighbours. `distance('imgae', 'image')` is 1. */
export const distance = (from: string, to: string): number => {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const edits = Math.min(
        (last[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (last[column - 1] as number) + (same ? 0 : 1),
      );
      current.push(swapped ? Math.min(edits, (beforeLast[column - 2] as number) + 1) : edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] as number;
};

/** The candidate that `word` most likely means: at most a third of its letters differ, ignoring case. Undefined if none is that close. */
export const nearest = (word: string, candidates: readonly string[]): string | undefined => {
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const allowed = Math.max(1, Math.floor(candidate.length / 3));
    if (Math.abs(candidate.length - word.length) > allowed) continue;
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits <= allowed && (best === undefined || edits < best.edits)) best = { candidate, edits };
  }
  return best?.candidate;
};
