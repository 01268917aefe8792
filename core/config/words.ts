/** Joins lists as people write them. */

/** `a, b or c` */
export const oneOf = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
