/** Fills the "${name}" placeholders of the state machine and of triggers.json, so that AWS and the local cloud read the same files. */

/** A deep copy of `document` with every string that is exactly one placeholder replaced. Throws on a name that `values` lacks. */
export const bind = <T>(document: T, values: Readonly<Record<string, string>>): T => {
  const filled = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const name = /^\$\{([\w-]+)\}$/.exec(value)?.[1];
      if (name === undefined) return value;
      const bound = values[name];
      if (bound === undefined)
        throw new Error(`nothing is bound to \${${name}}; there are ${Object.keys(values).join(', ')}`);
      return bound;
    }
    if (Array.isArray(value)) return value.map(filled);
    if (value !== null && typeof value === 'object')
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item)]));
    return value;
  };
  return filled(document) as T;
};

/** Names of all placeholders in a document, each once. */
export const placeholders = (document: unknown): string[] => [
  ...new Set([...JSON.stringify(document).matchAll(/"\$\{([\w-]+)\}"/g)].map(([, name]) => name as string)),
];
