/** The functions that Step Functions adds to JSONata, and those that need the local cloud's time and seed. */
import { createHash } from 'node:crypto';

export interface Source {
  /** Epoch milliseconds. */
  now: () => number;
  /** At least 0, under 1. */
  random: () => number;
}

const hashes: Record<string, string> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** The same seed gives the same number; AWS does not say which. */
const seeded = (seed: number): number => {
  let t = (seed + 0x6d2b79f5) | 0;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};

export const uuid = (random: () => number): string =>
  'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replaceAll('x', () => Math.floor(random() * 16).toString(16));

const partition = (items: unknown[], size: number): unknown[][] => {
  const step = Math.floor(size);
  if (step < 1) throw new Error(`$partition: expected a size of at least 1, found ${size}`);
  const parts: unknown[][] = [];
  for (let at = 0; at < items.length; at += step) parts.push(items.slice(at, at + step));
  return parts;
};

const range = (first: number, last: number, step: number): unknown => {
  const [from, to, by] = [Math.floor(first), Math.floor(last), Math.floor(step)];
  if (by === 0) throw new Error('$range: the step must not be 0');
  const count = Math.floor((to - from) / by) + 1;
  if (count > 1000) throw new Error(`$range: at most 1000 numbers, asked for ${count}`);
  // AWS answers with a JSONata sequence, which collapses: a range of one number is that number.
  return Object.assign(
    Array.from({ length: Math.max(0, count) }, (_, index) => from + index * by),
    { sequence: true },
  );
};

const hash = (text: string, algorithm = 'SHA-256'): string => {
  const name = hashes[algorithm];
  if (name === undefined)
    throw new Error(`$hash: expected one of ${Object.keys(hashes).join(', ')}, found '${algorithm}'`);
  return createHash(name).update(text).digest('hex');
};

/** By name, each with its JSONata signature. */
export const functions = (source: Source): [name: string, run: (...args: never[]) => unknown, signature: string][] => [
  ['partition', partition, '<an:a>'],
  ['range', range, '<nnn:a>'],
  ['hash', hash, '<ss?:s>'],
  ['random', (seed?: number) => (seed === undefined ? source.random() : seeded(Math.floor(seed))), '<n?:n>'],
  ['uuid', () => uuid(source.random), '<:s>'],
  ['parse', (text: string) => JSON.parse(text) as unknown, '<s:x>'],
  ['now', () => new Date(source.now()).toISOString(), '<:s>'],
  ['millis', () => source.now(), '<:n>'],
];
