/** Lists every value of a service for people, and marks which ones are defaults. */

import { formatDuration } from '../basics/duration.ts';
import { formatRate, formatSeconds } from '../basics/format.ts';
import { formatValue, pathText, valueAt } from './problems.ts';
import type { Service } from './service.ts';

export interface DescribedValue {
  /** `checks.errorRate.atMost` */
  path: string;
  /** As a person writes it: `5 minutes`, `1 %`. */
  value: string;
  isDefault: boolean;
}

const rates = new Set<PropertyKey>(['atMost', 'falseAlarms', 'falsePasses', 'plus']);
const durations = new Set<PropertyKey>(['within', 'readyWithin', 'warmUp', 'period', 'settling']);

/** Every value of `service`, in its order. `written` is what the team wrote for it, of any shape. */
export const describeDefaults = (written: unknown, { name: _, ...service }: Service): DescribedValue[] =>
  leaves(service, []).map(([keys, value]) => ({
    path: pathText(keys),
    value: spelt(keys, value),
    isDefault: valueAt(written, keys) === undefined,
  }));

type Leaf = [keys: PropertyKey[], value: unknown];

/** A strategy is shown as one value, and so is a list of plain values. */
const leaves = (value: unknown, keys: PropertyKey[]): Leaf[] => {
  if (typeof value !== 'object' || value === null || keys.at(-1) === 'strategy') return [[keys, value]];
  if (!Array.isArray(value)) return Object.entries(value).flatMap(([key, inside]) => leaves(inside, [...keys, key]));
  const plain = value.every((item) => typeof item !== 'object');
  return plain ? [[keys, value]] : value.flatMap((item, index) => leaves(item, [...keys, index]));
};

const spelt = (keys: readonly PropertyKey[], value: unknown): string => {
  const [of, key] = [keys.at(-2), keys.at(-1)];
  if (of === 'slower' && key === 'plus') return formatSeconds(value as number);
  if (key === 'strategy') return stepsText((value as Service['strategy']).steps);
  if (key !== undefined && rates.has(key)) return formatRate(value as number);
  if (key !== undefined && durations.has(key)) return formatDuration(value as number);
  if (key === 'burst' && value === null) return "measured from the old version's last three hours";
  if (key === 'growth' && value === null) return 'withWeight from ten instances on, else upfront';
  if (of === 'metrics' && key === 'durations' && value === null) return 'answer times are not compared';
  if (value === null || (Array.isArray(value) && value.length === 0)) return 'none';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : formatValue(value);
};

/** `5 % for 5 minutes, 100 % for 15 minutes` */
const stepsText = (steps: Service['strategy']['steps']): string =>
  steps
    .map(({ weight, bake, atLeast }) => {
      const least = atLeast === undefined ? '' : `${formatDuration(atLeast)} to `;
      return `${weight} % for ${least}${formatDuration(bake)}`;
    })
    .join(', ');
