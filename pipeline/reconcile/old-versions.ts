/** Deletes launch template versions of old releases, in the minutes after each rollout. */
import { isSettling } from '../../core/plan/scaling-bounds.ts';
import { quiet } from '../../core/protocol/protocol.ts';
import { releaseOfLive } from '../shared/fleet-release.ts';
import type { Part } from './run-parts.ts';
import { stillAtRest } from './still-at-rest.ts';

export const oldVersions: Part = async (ports, { row: seen, service }) => {
  const { settling } = service.timing;
  const row = await stillAtRest(ports, seen);
  const now = ports.now();
  if (row?.live == null || !isSettling(row, settling, now) || !quiet(row, now, settling * 1000)) return [];
  // Needs no claim: it never deletes a version that a rollout launches from.
  await ports.fleet.tidy(releaseOfLive(row.live, service));
  return [];
};
