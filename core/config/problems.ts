/** Turns zod's issues into problems: the path, what was expected and what was found. */
import type * as z from 'zod';
import { nearest } from './suggest.ts';

export interface Problem {
  /** `checkout.slots.green`, `checkout.rules[0]`. Empty: the whole value. */
  path: string;
  /** "a whole number from 1 to 100" */
  expected: string;
  /** The value, shortened; `nothing` if there is none. */
  found: string;
}

/** `checkout.rules[0]: expected …, found …` */
export const problemText = ({ path, expected, found }: Problem): string =>
  `${path === '' ? '' : `${path}: `}expected ${expected}, found ${found}`;

type Key = PropertyKey;

/** `['checkout', 'rules', 0]` → `checkout.rules[0]` */
export const pathText = (keys: readonly Key[]): string =>
  keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`;
    return path === '' ? String(key) : `${path}.${String(key)}`;
  }, '');

/** A value as JSON on one line, at most 80 characters; `nothing` if there is none. */
export const formatValue = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'function' ? 'a function' : (jsonOf(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};

const jsonOf = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value);
  } catch {
    return `a value that is no JSON (${typeof value})`;
  }
};

/** The value at a path; undefined if there is none. Inherited properties do not count. */
export const valueAt = (value: unknown, keys: readonly Key[]): unknown =>
  keys.reduce<unknown>(
    (inside, key) =>
      typeof inside === 'object' && inside !== null && Object.hasOwn(inside, key)
        ? (inside as Record<Key, unknown>)[key]
        : undefined,
    value,
  );

/**
 * The issues of one service as problems. A schema gives its expectation as the issue's message, and a strict object the list of its keys.
 * A mistyped required key is reported once, not as one missing and one unknown key.
 */
export const problemsOfIssues = (name: string, written: unknown, issues: readonly z.core.$ZodIssue[]): Problem[] => {
  const mistyped = new Set<string>();
  const unknown = issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [];
    const known = issue.message.split(', ');
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      const path = [name, ...issue.path];
      if (meant !== undefined) mistyped.add(pathText([...path, meant]));
      const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
      const found = `the key ${formatValue(key)}`;
      return { path: pathText([...path, key]), expected: `one of the keys ${issue.message}${hint}`, found };
    });
  });
  const others = issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return [];
    const value = valueAt(written, issue.path);
    const path = pathText([name, ...issue.path]);
    if (value === undefined && mistyped.has(path)) return [];
    return [{ path, expected: issue.message, found: formatValue(value) }];
  });
  return [...others, ...unknown];
};
