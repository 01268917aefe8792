/** An execution that follows another one: what it may follow, and what it looks at before. */
import { describe, expect, it } from 'vitest';
import type { AttemptRecord } from '../../../core/release/publications.ts';
import { takeOver } from '../../../pipeline/shared/take-over.ts';
import { minute, plan, publication, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

const at = (time: number): string => new Date(time).toISOString();
const asked = (different: object = {}) => ({
  ...rollout(),
  execution: 'somebody-pressed-new-execution',
  askedAt: at(start + 10 * minute),
  ...different,
});

describe('after a commit', () => {
  it('nothing is looked at: the way forward is decided', async () => {
    const over = { weights: { blue: 0, green: 100 }, seq: 6, since: start };
    const { world, ports, row } = await createWorld(held({ phase: 'committed', step: 4, wanted: over }));
    world.closed.push(rollout().execution);
    ports.traffic.health = () => Promise.reject(new Error('looked'));
    expect((await takeOver(ports, asked(), await row())).next).toBe('Retire');
  });
});

describe('before a commit', () => {
  it('an execution that runs is not followed', async () => {
    const { ports, row } = await createWorld(held());
    expect(await takeOver(ports, asked(), await row())).toMatchObject({ next: 'Ended', why: /, and running$/ });
  });

  it('traffic goes back in the same write', async () => {
    const { world, ports, row } = await createWorld(held({ phase: 'shifting', step: 1 }));
    world.closed.push(rollout().execution);
    expect((await takeOver(ports, asked(), await row())).next).toBe('RollBack');
    expect(await row()).toMatchObject({ phase: 'rollingBack', wanted: { weights: { blue: 100, green: 0 } } });
  });
});

describe('a person who asks for another release meanwhile', () => {
  const record = (endedAt: number): AttemptRecord => ({
    service: 'checkout',
    release: publication('c').release,
    image: publication('c').image,
    attempt: 1,
    outcome: 'failed',
    reason: 'it failed',
    at: endedAt,
  });
  it.each([
    ['a millisecond before it was asked for', start + 10 * minute - 1, publication('c').release],
    ['just when it was asked for', start + 10 * minute, undefined],
    ['after it was asked for', start + 10 * minute + 1, undefined],
  ])('gets it if its last attempt ended %s', async (_, endedAt, next) => {
    const story = await createWorld(held({ plan: plan() }));
    story.world.closed.push(rollout().execution);
    story.ports.ledger.records = async () => [record(endedAt)];
    const given = asked({ release: publication('c').release });
    await takeOver(story.ports, given, await story.row());
    expect((await story.row()).next?.release).toBe(next);
  });
});
