/** The kinds of values in a configuration: each checks a value, names what it expects, and has the texts for the reference. */
import * as z from 'zod';
import { formatDuration, parseDuration } from '../basics/duration.ts';

/** What `npm run docs` reads from a schema: type, unit and limits of a value; meaning, example and default of a key. */
export interface Described {
  type?: string;
  unit?: string;
  limits?: string;
  description?: string;
  /** The example as written after the key. */
  example?: string;
  /** What happens without the key, where no default value says it. */
  otherwise?: string;
}

const described = <Schema extends z.ZodType>(schema: Schema, about: Described): Schema => schema.meta({ ...about });

/** A key of the configuration with its meaning. */
export const key = <Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  example: string,
  otherwise?: string,
): Schema => described(schema, { description, example, ...(otherwise !== undefined && { otherwise }) });

/** An object with exactly these keys. The message for an unknown key is the list of known ones. */
export const strict = <Shape extends z.core.$ZodLooseShape>(expected: string, shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : expected),
  });

export const text = (expected: string, pattern: RegExp) =>
  described(z.string({ error: expected }).regex(pattern, { error: expected }), { type: 'text', limits: expected });

export const list = <Item extends z.ZodType>(expected: string, item: Item, least = 0) =>
  described(z.array(item, { error: expected }).min(least, { error: expected }), { type: 'list', limits: expected });

export const whole = (expected: string, from: number, to: number) =>
  described(z.int({ error: expected }).min(from, { error: expected }).max(to, { error: expected }), {
    type: 'whole number',
    limits: `${from} to ${to}`,
  });

/** A number with a decimal point. */
export const decimal = (expected: string, from: number, to = Number.POSITIVE_INFINITY) =>
  described(z.number({ error: expected }).min(from, expected).max(to, expected), {
    type: 'number',
    limits: to === Number.POSITIVE_INFINITY ? `at least ${from}` : `${from} to ${to}`,
  });

export const choice = <const Values extends readonly [string, ...string[]]>(...values: Values) => {
  const written = values.map((value) => `"${value}"`).join(', ');
  return described(z.enum(values, { error: `one of ${written}` }), { type: 'choice', limits: written });
};

/** Reads a text or a number as a number, or reports the issue. */
const read = (expected: string, parse: (value: unknown) => number | null) =>
  z.unknown().transform((value, context): number => {
    const number = parse(value);
    if (number !== null) return number;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });

export const duration = (
  least = 0,
  { most = Infinity, like = '"90 seconds", "5 minutes" or 90' }: { most?: number; like?: string } = {},
) => {
  const from = least > 0 ? `, at least ${least} s` : '';
  const to = most < Infinity ? `, at most ${formatDuration(most)}` : '';
  const schema = read(`a duration of whole seconds like ${like}${from}${to}`, (value) => {
    const seconds = parseDuration(value);
    return seconds !== null && seconds >= least && seconds <= most ? seconds : null;
  });
  const limits = most < Infinity ? `${least} s to ${formatDuration(most)}` : `at least ${least} s`;
  return described(schema, { type: 'duration', unit: 'whole seconds', limits });
};

/** CloudWatch has a load balancer's metrics by the minute. */
export const period = () =>
  described(
    read(
      'a period of whole minutes like "60 seconds" or "5 minutes", or of whole seconds below 60, for which only the local cloud has metrics',
      (value) => {
        const seconds = parseDuration(value);
        return seconds !== null && seconds > 0 && (seconds < 60 || seconds % 60 === 0) ? seconds : null;
      },
    ),
    { type: 'duration', unit: 'whole seconds', limits: 'whole minutes; below 60 s in the local cloud only' },
  );

/** `"1%"`, `"0.5 %"` or 0.01 → 0.01; null for anything else. */
const parseRate = (value: unknown): number | null => {
  const percent = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(value)?.[1] : undefined;
  const rate = percent === undefined ? value : Number(percent) / 100;
  return typeof rate === 'number' && rate >= 0 && rate <= 1 ? rate : null;
};

export const rate = () =>
  described(read('a share like "1%", or a number from 0 to 1', parseRate), {
    type: 'share',
    unit: 'percent in text, or a number',
    limits: '"0%" to "100%", or 0 to 1',
  });

export const arn = (service: string, resource: string) =>
  new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:${resource}$`);

/** A part of a load balancer's ARN. */
export const id = '[A-Za-z0-9-]+';
