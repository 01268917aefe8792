/**
 * What every function does, one read, decision or effect at a time. The steps are written more carelessly than the product's: they ask
 * without looking whether they may, and rely on being refused, so that the guards alone have to hold.
 */
import type { Act } from './acting.ts';
import { admit } from './admit.ts';
import { others } from './others.ts';
import { back, forward } from './rollout.ts';
import { shared } from './shared.ts';

export const programs: Record<string, Act> = { ...admit, ...forward, ...back, ...shared, ...others };
