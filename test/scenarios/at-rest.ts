/** What stories about trouble share: getting to a phase, what a stranger does at a console, and rule 10, asserted. */
import { expect } from 'vitest';
import { otherSlot, type Weights } from '../../core/basics/slot.ts';
import type { Phase, Row } from '../../core/protocol/row.ts';
import { releaseNamed, type Story } from '../build.ts';

/** Looks at the row every two seconds until it is as asked for. */
export const until = async (story: Story, what: string, holds: (row: Row) => boolean): Promise<Row> => {
  for (let looks = 0; looks < 3600; looks++) {
    await story.after(2);
    const row = await story.ledger.row(story.service.name);
    if (row !== null && holds(row)) return row;
  }
  throw new Error(`not ${what} within two hours: ${JSON.stringify(await story.row(), null, 1)}`);
};

export const reach = (story: Story, phase: Phase): Promise<Row> => until(story, phase, (row) => row.phase === phase);

/** Somebody edits every rule at a console. */
export const editWeights = ({ service, cloud }: Story, { blue, green }: Weights): void => {
  const TargetGroups = [
    { TargetGroupArn: service.slots.blue, Weight: blue },
    { TargetGroupArn: service.slots.green, Weight: green },
  ];
  for (const rule of service.rules)
    cloud.editRule(rule, [{ Type: 'forward', Order: 1, ForwardConfig: { TargetGroups } }]);
};

/** One fleet of `version`, 100 and 0, the other slot empty, nobody outside, the row free. */
export const expectAtRest = async (story: Story, version: string, count = 4): Promise<void> => {
  const { lock, phase, next, live } = await story.row();
  const slot = live?.slot ?? 'blue';
  const release = releaseNamed(version);
  expect({
    lock,
    phase,
    next,
    live: live?.release,
    weights: story.weights(),
    running: story.running(),
    serving: story.targets(slot).length,
    idle: story.targets(otherSlot(slot)),
  }).toEqual({
    lock: { state: 'free' },
    phase: 'free',
    next: null,
    live: release,
    weights: { [slot]: 100, [otherSlot(slot)]: 0 },
    running: Array(count).fill(release),
    serving: count,
    idle: [],
  });
};
