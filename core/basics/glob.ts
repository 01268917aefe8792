/** Patterns for tags and names: `*` matches any text, `?` one character, everything else itself. */

/**
 * Does the whole text match? It remembers only the last `*`, so the worst case is pattern × text steps. A regular expression with many
 * stars could take exponential time.
 */
export const globMatches = (pattern: string, text: string): boolean => {
  let at = 0;
  let inText = 0;
  let star = -1;
  let resume = 0;
  while (inText < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      resume = inText;
    } else if (pattern[at] === '?' || pattern[at] === text[inText]) {
      at++;
      inText++;
    } else if (star >= 0) {
      at = star + 1;
      inText = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
};
