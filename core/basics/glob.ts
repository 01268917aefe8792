/** Patterns for tags and names: `*` is any run of characters, `?` any one, everything else itself. */

/**
 * Does the whole text match? Walks with one point to come back to, so it takes pattern × text steps at worst; a regular expression
 * made of many stars would take for ever.
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
