/** Values with something wrong in them: events and inputs that somebody has changed, answers that lack a part. */

export type Random = () => number;
export const pick = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;

const junk = [null, '', 'x', 0, -1, 1e9, true, [], {}, [null], { a: 1 }, '2026-13-45T99:99', '\u0000', '__proto__'];

/** The same value with one part of it gone or replaced, wherever. */
export const damaged = (value: unknown, random: Random): unknown => {
  if (typeof value !== 'object' || value === null || random() < 0.1) return pick(random, junk);
  const keys = Object.keys(value);
  if (keys.length === 0) return pick(random, junk);
  const key = pick(random, keys);
  const copy = structuredClone(value) as Record<string, unknown>;
  if (random() < 0.4) {
    if (Array.isArray(copy)) copy.splice(Number(key), 1);
    else delete copy[key];
  } else copy[key] = damaged(copy[key], random);
  return copy;
};

/** The same answer with one part of it gone, wherever. */
export const lacking = (value: unknown, random: Random): unknown => {
  if (typeof value !== 'object' || value === null || value instanceof Date) return undefined;
  const key = pick(random, Object.keys(value));
  if (key === undefined) return undefined;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  const part = random() < 0.5 ? undefined : lacking(copy[key], random);
  if (part !== undefined) copy[key] = part;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key];
  return copy;
};
