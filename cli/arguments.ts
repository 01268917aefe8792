/** Readers of option values that several commands share. Each throws commander's InvalidArgumentError with what was expected. */
import { InvalidArgumentError } from 'commander';

export const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}.`);
    return value;
  };

const writtenTime = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)? ?(Z|UTC|[+-]\d\d:\d\d))?$/;

/** A day (its beginning, UTC), or a time with its zone → epoch milliseconds. A time without a zone could be anybody's. */
export const pointInTime = (text: string): number => {
  const at = writtenTime.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new InvalidArgumentError('expected a day like 2026-11-28, or a time with its zone like 2026-11-28T09:00Z.');
  return at;
};
