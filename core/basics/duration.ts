/** Durations: written like "5 minutes", kept as whole seconds. */

const units = [
  { seconds: 86_400, name: 'day', spelt: ['d', 'day', 'days'] },
  { seconds: 3600, name: 'hour', spelt: ['h', 'hour', 'hours'] },
  { seconds: 60, name: 'minute', spelt: ['m', 'min', 'minute', 'minutes'] },
  { seconds: 1, name: 'second', spelt: ['s', 'sec', 'second', 'seconds'] },
] as const;

/** Step Functions ends an execution after a year. No wait may be as long. */
const longest = 365 * 86_400;

const written = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i;

/** `"90 seconds"`, `"5 minutes"`, `"1.5 hours"`, `"1 day"` or a number of seconds → whole seconds. Null for anything else, and for a year or more. */
export const parseDuration = (value: unknown): number | null => {
  if (typeof value === 'number') return wholeSeconds(value);
  if (typeof value !== 'string') return null;
  const [, amount, word] = written.exec(value) ?? [];
  const unit = units.find(({ spelt }) => (spelt as readonly string[]).includes(word?.toLowerCase() ?? ''));
  return unit === undefined ? null : wholeSeconds(Number(amount) * unit.seconds);
};

/** 1.1 hours are 3960.0000000000005 seconds in floating point. The person meant 3960. */
const wholeSeconds = (seconds: number): number | null => {
  const whole = Math.round(seconds);
  return Math.abs(seconds - whole) < 1e-6 && whole >= 0 && whole < longest ? whole : null;
};

/** Seconds → `"5 minutes"`, `"1 hour 30 minutes"`, `"0 seconds"`. */
export const formatDuration = (seconds: number): string => {
  const parts: string[] = [];
  let left = Math.max(0, Math.round(seconds));
  for (const unit of units) {
    const count = Math.floor(left / unit.seconds);
    left -= count * unit.seconds;
    if (count > 0) parts.push(`${count} ${unit.name}${count === 1 ? '' : 's'}`);
  }
  return parts.length === 0 ? '0 seconds' : parts.join(' ');
};
