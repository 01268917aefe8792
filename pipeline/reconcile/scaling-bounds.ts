/** Scaling bounds that something late has changed after a rollout: as they are to be, once nothing late can set them otherwise any more. */
import { isSettling } from '../../core/plan/scaling-bounds.ts';
import { quiet } from '../../core/protocol/protocol.ts';
import type { Part } from './run-parts.ts';
import { stillAtRest } from './still-at-rest.ts';

export const scalingBounds: Part = async (ports, { row: seen, service }) => {
  const { settling } = service.timing;
  const row = await stillAtRest(ports, seen);
  const now = ports.now();
  if (row?.limits == null || !isSettling(row, settling, now) || !quiet(row, now, settling * 1000)) return [];
  // Not claimed: a rollout that is admitted from now on has these same limits from the row, and sets both slots again at each look.
  await ports.fleet.restore(service, row.limits);
  return [];
};
