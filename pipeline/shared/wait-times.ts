/** How long the machine waits between checks. */
import type { Service } from '../../core/config/service.ts';

/** Seconds between two checks of something that takes time: a quarter of the period, between 1 and 15. */
export const pollSeconds = (service: Service): number => Math.min(15, Math.max(1, service.timing.period / 4));

/** The longest park: the row is read at least this often. */
export const longestPark = 15 * 60;

/** Seconds after which new instances, launched during a wait for a person, are checked. Only then can they get requests. */
export const untilBooted = 2 * 60;
