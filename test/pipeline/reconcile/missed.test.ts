/** What events missed: a recovery, an image, a start. */
import { describe, expect, it, test } from 'vitest';
import { Rejected, Unread } from '../../../core/basics/errors.ts';
import { executionName } from '../../../core/protocol/row.ts';
import { missedImage } from '../../../pipeline/reconcile/missed-image.ts';
import { missedRecovery } from '../../../pipeline/reconcile/missed-recovery.ts';
import { missedStart } from '../../../pipeline/reconcile/missed-start.ts';
import { stuck } from '../../../pipeline/shared/recover.ts';
import { image, minute, publication, row, service, start } from '../../core/build.ts';
import { held } from '../build.ts';
import { opened } from './play-part.ts';

const own = executionName('checkout', publication('b'));

describe('a recovery', () => {
  const looking = async (at = held(), ...closed: string[]) => {
    const story = await opened(at);
    story.world.closed.push(...closed);
    const look = async () => missedRecovery(story.ports, { row: await story.row(), service: service() });
    return { ...story, look };
  };
  const recoveries = (token: number): string[] => [1, 2, 3, 4, 5].map((n) => `recover-checkout-${token}-${n}`);

  it('is not needed where the execution runs, or nobody holds the service', async () => {
    expect(await (await looking()).look()).toBeNull();
    const free = await looking(row());
    free.ports.executions.status = () => Promise.reject(new Error('asked'));
    expect(await free.look()).toBeNull();
  });

  it('is started where the execution has ended', async () => {
    const { look, world } = await looking(held(), own);
    expect(await look()).toEqual(['recovery recover-checkout-7-1 started']);
    expect(world.started).toEqual(['recover-checkout-7-1']);
  });

  it('that is under way, or whose time has not come, is left alone: nothing is said', async () => {
    const running = await looking(held(), own);
    running.ports.executions.recoveries = async () => ['recover-checkout-7-1'];
    expect(await running.look()).toEqual([]);
    const waiting = await looking(held(), own, 'recover-checkout-7-1');
    expect(await waiting.look()).toEqual([]);
    expect([await running.texts(), await waiting.texts()]).toEqual([[], []]);
  });

  it('after the last one people are told, once for each token', async () => {
    const { ports, look, change, events } = await looking(held(), own, ...recoveries(7), ...recoveries(8));
    ports.executions.moved = async () => 0;
    ports.executions.start = async () => 'closed';
    for (const _ of [1, 2]) expect(await look()).toEqual([stuck(own)]);
    expect(await events()).toMatchObject([{ kind: 'stuck', by: 'reconcile', text: stuck(own) }]);
    await change({ token: 8 });
    await look();
    expect(await events()).toHaveLength(2);
  });
});

describe('an image', () => {
  const looking = async (newest: () => Promise<{ image: ReturnType<typeof image>; order: number } | null>) => {
    const story = await opened();
    story.ports.images.newest = newest;
    return { ...story, look: () => story.look(missedImage) };
  };

  it('that is newer is published, as one that nobody asked for', async () => {
    const { look, row: read } = await looking(async () => ({ image: image('c'), order: start + minute }));
    expect(await look()).toEqual(['release-c: started']);
    expect((await read()).lock).toMatchObject({
      publication: { by: 'reconcile', asked: false, order: start + minute },
    });
  });

  it('that is refused, or not there, is not mentioned', async () => {
    const old = await looking(async () => ({ image: image('c'), order: start - 1 }));
    const none = await looking(async () => null);
    expect([await old.look(), await none.look()]).toEqual([[], []]);
    expect([await old.texts(), await none.texts()]).toEqual([[], []]);
  });

  it('in a form that is not read is refused on record, once', async () => {
    const { look, events } = await looking(() => Promise.reject(new Unread('it holds "latest"')));
    for (const _ of [1, 2]) expect(await look()).toEqual([]);
    expect(await events()).toMatchObject([{ kind: 'refused', by: 'reconcile', text: 'it holds "latest"' }]);
  });

  it('that cannot be looked up is a failure', async () => {
    const { look, texts } = await looking(() => Promise.reject(new Rejected('AccessDenied')));
    await expect(look()).rejects.toThrow('AccessDenied');
    expect(await texts()).toEqual([]);
  });
});

describe('a start', () => {
  test.each([
    ['that waits for the free service', { next: publication('b') }],
    ['that the service is reserved for', { lock: { state: 'reserved' as const, publication: publication('b') } }],
  ])('%s is made', async (_, change) => {
    const { world, look, row: read } = await opened(row(change));
    expect(await look(missedStart)).toEqual([`${own} started`]);
    expect(world.started).toEqual([own]);
    expect((await read()).lock).toMatchObject({ state: 'reserved', publication: { release: 'bbbbbbbbbbbb' } });
  });

  test.each([
    ['nothing waits', row()],
    ['a rollout holds the service', held({ next: publication('c') })],
  ])('where %s none is made', async (_, at) => {
    const { world, look, row: read } = await opened(at);
    expect(await look(missedStart)).toEqual([]);
    expect([world.started, await read()]).toEqual([[], at]);
  });
});
