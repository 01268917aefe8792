/** Weights that differ from the row's: when they are set again, and when traffic stays where it is served. */
import { describe, expect, it, test } from 'vitest';
import { Rejected, Transient } from '../../../core/basics/errors.ts';
import { allOn } from '../../../core/basics/slot.ts';
import { weightDrift } from '../../../pipeline/reconcile/weight-drift.ts';
import { publication, row } from '../../core/build.ts';
import { held } from '../build.ts';
import { many, target } from '../targets.ts';
import { opened as openedPart } from './play-part.ts';

const edited = { https: { blue: 0, green: 100 }, http: { blue: 0, green: 100 } };
const corrected = 'the weights had been edited from outside; they were corrected';

const opened = async (at = row()) => {
  const story = await openedPart(at);
  let writes = 0;
  story.world.beforeWrite = () => void writes++;
  return { ...story, look: () => story.look(weightDrift), writes: () => writes };
};

describe('edited weights', () => {
  it('are corrected and recorded each time', async () => {
    const { world, look, events } = await opened();
    for (const _ of [1, 2]) {
      world.rules = structuredClone(edited);
      world.now += 1;
      expect(await look()).toEqual([corrected]);
      expect(await look()).toEqual([]);
    }
    expect(await events()).toMatchObject([
      { kind: 'problem', text: corrected },
      { kind: 'problem', text: corrected },
    ]);
  });

  const reserved = row({ lock: { state: 'reserved', publication: publication('b') } });
  test.each([
    ['at rest, with only the slot they lead to healthy,', 'left alone', row(), 0, 4],
    ['at rest, with both slots healthy,', 'corrected', row(), 1, 4],
    ['at rest, with no slot healthy,', 'corrected', row(), 0, 0],
    ['while a start is reserved', 'corrected', reserved, 0, 4],
    ['while a rollout holds the service', 'corrected', held(), 0, 4],
  ])('%s are %s', async (_, what, at, blue, green) => {
    const { ports, world, look } = await opened(at);
    world.rules = structuredClone(edited);
    const ill = target('unhealthy');
    ports.traffic.health = async (_, slot) => [...many(slot === 'blue' ? blue : green), ill];
    const alone =
      'the weights differ from those in the row but are left as they are: blue has no healthy target, green has';
    expect(await look()).toEqual([what === 'corrected' ? corrected : alone]);
    expect(world.rules.http).toEqual(what === 'corrected' ? { blue: 100, green: 0 } : edited.http);
  });
});

it('whom the row’s weights serve is asked, where nothing is live, too', async () => {
  const onGreen = { ...row().wanted, weights: allOn('green') };
  const { world, look } = await opened(row({ live: null, wanted: onGreen }));
  world.rules = { https: allOn('blue') };
  world.healthy = { blue: 4, green: 0 };
  expect(await look()).toEqual([
    'the weights differ from those in the row but are left as they are: green has no healthy target, blue has',
  ]);
});

describe('weights that cannot be read', () => {
  it('as a rule has gone are set on the other rules', async () => {
    const { ports, world, look } = await opened();
    world.rules = structuredClone(edited);
    let read = false;
    ports.traffic.weights = async () => {
      if (read) return Object.entries(world.rules).map(([rule, weights]) => ({ rule, weights }));
      read = true;
      throw new Rejected('no such rule');
    };
    expect(await look()).toEqual([corrected]);
    expect(world.rules.http).toEqual({ blue: 100, green: 0 });
  });

  it('for want of an answer are not touched: that is thrown, and tried again', async () => {
    const { ports, world, look, writes, texts } = await opened();
    world.rules = structuredClone(edited);
    ports.traffic.weights = () => Promise.reject(new Transient('throttled'));
    await expect(look()).rejects.toThrow('throttled');
    expect([writes(), await texts()]).toEqual([0, []]);
  });
});
