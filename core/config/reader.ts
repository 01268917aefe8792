/** Readers of persisted JSON: they return valid values unchanged, fill in what is missing, and report problems. Not in zod, which costs a cold function 50 ms. */
import { formatValue, type Problem } from './problems.ts';

/** Returns the value with its defaults, and adds its problems to `problems`. */
export type Reader<T> = (value: unknown, path: string, problems: Problem[]) => T;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrong = (expected: string, value: unknown, path: string, problems: Problem[]): never => {
  problems.push({ path, expected, found: formatValue(value) });
  // The value is never used: the caller throws if there are problems.
  return value as never;
};

const basic =
  <T>(expected: string, is: (value: unknown) => boolean): Reader<T> =>
  (value, path, problems) =>
    is(value) ? (value as T) : wrong(expected, value, path, problems);

export const text = basic<string>('a text', (value) => typeof value === 'string');
export const number = basic<number>('a number', Number.isFinite);
export const flag = basic<boolean>('true or false', (value) => typeof value === 'boolean');
export const exactly = <const Value extends string | number>(only: Value): Reader<Value> =>
  basic(formatValue(only), (value) => value === only);
export const choice = <const Word extends string>(...words: readonly Word[]): Reader<Word> =>
  basic(`one of ${words.map(formatValue).join(', ')}`, (value) => (words as readonly unknown[]).includes(value));

/** `whole`: no fractions. */
export const within = (expected: string, least: number, most: number, kind?: 'whole'): Reader<number> =>
  basic(
    expected,
    (value) =>
      typeof value === 'number' && value >= least && value <= most && (kind !== 'whole' || Number.isInteger(value)),
  );
export const shaped = (expected: string, pattern: RegExp): Reader<string> =>
  basic(expected, (value) => typeof value === 'string' && pattern.test(value));

export const nullable =
  <T>(reader: Reader<T>): Reader<T | null> =>
  (value, path, problems) =>
    value === null ? null : reader(value, path, problems);

/** `instead`: the value to use where none is written. */
export const otherwise =
  <T>(reader: Reader<T>, instead: T): Reader<T> =>
  (value, path, problems) =>
    value === undefined ? instead : reader(value, path, problems);

/** Uses `instead` for a wrong value, too: text that only people read must not stop anything. */
export const leniently =
  <T>(reader: Reader<T>, instead: T): Reader<T> =>
  (value, path) => {
    const problems: Problem[] = [];
    const read = reader(value, path, problems);
    return problems.length === 0 ? read : instead;
  };

export const optional = <T>(reader: Reader<T>): Reader<T | undefined> => otherwise<T | undefined>(reader, undefined);

export const list =
  <T>(reader: Reader<T>): Reader<T[]> =>
  (value, path, problems) => {
    if (!Array.isArray(value)) return wrong('a list', value, path, problems);
    const items = value.map((item, index) => reader(item, `${path}[${index}]`, problems));
    return items.some((item, index) => item !== value[index]) ? items : value;
  };

const at = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/** An object with any keys, whose values are all of one kind. */
export const under =
  <T>(reader: Reader<T>): Reader<Record<string, T>> =>
  (value, path, problems) => {
    if (!isObject(value)) return wrong('an object', value, path, problems);
    for (const [key, inside] of Object.entries(value)) reader(inside, at(path, key), problems);
    return value as Record<string, T>;
  };

/** An object with at least these keys. Keys that a newer version has added are kept and written back. */
export const part = <T extends object>(fields: { [Key in keyof T]-?: Reader<T[Key]> }): Reader<T> => {
  const readers = Object.entries<Reader<unknown>>(fields);
  return (value, path, problems) => {
    if (!isObject(value)) return wrong('an object', value, path, problems);
    let whole = value;
    for (const [key, reader] of readers) {
      const inside = reader(value[key], at(path, key), problems);
      if (inside !== value[key]) whole = { ...whole, [key]: inside };
    }
    return whole as T;
  };
};

/** An object of one of several kinds; the value of `key` says which. */
export const kinds = <T extends object, Key extends keyof T & string>(
  key: Key,
  readers: { [Word in T[Key] & string]: Reader<Extract<T, Record<Key, Word>>> },
): Reader<T> => {
  const known = new Map<unknown, Reader<T>>(Object.entries<Reader<T>>(readers));
  const word = choice(...Object.keys(readers));
  return (value, path, problems) => {
    if (!isObject(value)) return wrong('an object', value, path, problems);
    const reader = known.get(value[key]);
    return reader === undefined ? (word(value[key], at(path, key), problems) as never) : reader(value, path, problems);
  };
};
