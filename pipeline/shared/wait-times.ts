/** How long the machine waits for what takes its time. */
import type { Service } from '../../core/config/service.ts';

/** Seconds between two looks at something that takes its time: a quarter of the period, between 1 and 15. */
export const pollSeconds = (service: Service): number => Math.min(15, Math.max(1, service.timing.period / 4));

/** Longest park: signals are looked for at least this often. */
export const longestPark = 15 * 60;

/** Seconds after which what has just been launched while people are waited for is looked at: only then it is given its requests. */
export const untilBooted = 2 * 60;
