/** Restores scaling bounds that a late function changed after a rollout, once no function can change them again. */
import { isSettling } from '../../core/plan/scaling-bounds.ts';
import { quiet } from '../../core/protocol/protocol.ts';
import type { Part } from './run-parts.ts';
import { stillAtRest } from './still-at-rest.ts';

export const scalingBounds: Part = async (ports, { row: seen, service }) => {
  const { settling } = service.timing;
  const row = await stillAtRest(ports, seen);
  const now = ports.now();
  if (row?.limits == null || !isSettling(row, settling, now) || !quiet(row, now, settling * 1000)) return [];
  // Needs no claim: a rollout that is admitted from now on takes the same bounds from the row, and sets both slots again at each check.
  await ports.fleet.restore(service, row.limits);
  return [];
};
