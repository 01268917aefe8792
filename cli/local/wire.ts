/** How SDK inputs and answers travel between two processes: JSON in which dates stay dates. */

/** JSON.stringify turns a date into text before a replacer sees it; the holder still has the date itself. */
export const encode = (value: unknown): string =>
  JSON.stringify(value ?? null, function (this: Record<string, unknown>, key, item: unknown) {
    const original = this[key];
    return original instanceof Date ? { $date: original.getTime() } : item;
  });

export const decode = (text: string): unknown =>
  JSON.parse(text, (_, item: unknown) =>
    typeof item === 'object' && item !== null && '$date' in item ? new Date(item.$date as number) : item,
  );
