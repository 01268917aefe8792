/** Launches missing instances of the live fleet. Of a group it only corrects the launch template version. */
import { releaseOfLive } from '../shared/fleet-release.ts';
import { launch } from '../shared/launch.ts';
import { recordProblem } from './problem.ts';
import type { Part } from './run-parts.ts';
import { stillAtRest } from './still-at-rest.ts';

export const lostInstances: Part = async (ports, { row: seen, service }) => {
  const row = await stillAtRest(ports, seen);
  if (row === null || row.live === null) return [];
  const { live } = row;
  const count = service.fleet.kind === 'instances' ? service.fleet.count : 0;
  // Needs no claim. A rollout that is admitted from now on launches in the other slot, and removes this fleet only after this function has
  // ended; and a number that is launched twice is one instance.
  const { launched, short, refused } = await launch(ports, releaseOfLive(live, service), live.slot, count);
  if (refused !== null) return [refused];
  return [
    ...(launched > 0 ? [`${launched} instances of the live fleet replaced`] : []),
    ...(short === null ? [] : [await recordProblem(ports, row, short, short.slice(0, 80))]),
  ];
};
