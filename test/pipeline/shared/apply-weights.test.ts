import { expect, it } from 'vitest';
import { Transient } from '../../../core/basics/errors.ts';
import { applyWeights } from '../../../pipeline/shared/apply-weights.ts';
import { service } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';

const shifted = () =>
  held({ phase: 'shifting', step: 1, wanted: { weights: { blue: 95, green: 5 }, seq: 4, since: 0 } });

it('sets the row’s weights on every rule and answers the row', async () => {
  const { world, ports } = await createWorld(shifted());
  const row = await applyWeights(ports, service());
  expect(row.wanted.seq).toBe(4);
  expect(Object.values(world.rules)).toEqual([
    { blue: 95, green: 5 },
    { blue: 95, green: 5 },
  ]);
});

it('starts again when the row changes while it writes, and ends with the newer weights', async () => {
  const { world, ports } = await createWorld(shifted());
  let once = true;
  world.beforeWrite = async () => {
    if (!once) return;
    once = false;
    const { ledger } = ports;
    await ledger.decide('checkout', (row) => ({
      ok: true,
      changed: true,
      records: [],
      row: { ...row, wanted: { weights: { blue: 100, green: 0 }, seq: 5, since: 1 } },
    }));
  };
  const row = await applyWeights(ports, service());
  expect(row.wanted.seq).toBe(5);
  expect(Object.values(world.rules)).toEqual([
    { blue: 100, green: 0 },
    { blue: 100, green: 0 },
  ]);
});

it('writes nothing where all rules agree already', async () => {
  const { world, ports } = await createWorld(held());
  world.beforeWrite = () => {
    throw new Error('wrote');
  };
  await applyWeights(ports, service());
});

it('gives up for now, with a Transient, where somebody else keeps editing', async () => {
  const { world, ports } = await createWorld(shifted());
  const setWeights = ports.traffic.setWeights;
  ports.traffic.setWeights = async (...given) => {
    const result = await setWeights(...given);
    world.rules.http = { blue: 50, green: 50 };
    return result;
  };
  await expect(applyWeights(ports, service())).rejects.toBeInstanceOf(Transient);
});

it('says in the row that a rule is edited, before it is, where the decision was a while ago', async () => {
  const { world, ports, row } = await createWorld(shifted());
  world.beforeWrite = async () => expect((await row()).wanted.edited).toBe(world.now);
  expect(await applyWeights(ports, service())).toMatchObject({ wanted: { seq: 4, since: 0, edited: world.now } });

  const fresh = await createWorld(shifted());
  fresh.world.now = 9_999;
  expect((await applyWeights(fresh.ports, service())).wanted).not.toHaveProperty('edited');
});

it.each([
  [9_999, undefined],
  [10_000, 10_000],
  [60_000, 60_000],
])('an edit %i ms after its decision is recorded as late: %s', async (now, edited) => {
  const { world, ports, row } = await createWorld(shifted());
  world.now = now;
  await applyWeights(ports, service());
  expect((await row()).wanted.edited).toBe(edited);
});
