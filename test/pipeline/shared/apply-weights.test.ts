/** The rules follow the row: how often they are written and read for it, and what ends that. */
import { expect, it } from 'vitest';
import { Transient } from '../../../core/basics/errors.ts';
import type { Ports } from '../../../pipeline/ports/ports.ts';
import { agrees, applyWeights } from '../../../pipeline/shared/apply-weights.ts';
import { service } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';

const share = (blue: number) => ({ blue, green: 100 - blue });

/** How often the rules are written, or found to agree, and how often they are read back. */
const counted = ({ traffic }: Pick<Ports, 'traffic'>) => {
  const seen = { written: 0, read: 0 };
  const { setWeights, weights } = traffic;
  traffic.setWeights = (...given) => {
    seen.written++;
    return setWeights(...given);
  };
  traffic.weights = (one) => {
    seen.read++;
    return weights(one);
  };
  return seen;
};

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
  const seen = counted(ports);
  await expect(applyWeights(ports, service())).rejects.toThrow(
    new Transient('the rules of checkout still differ from the row after 6 tries: another tool or person edits them'),
  );
  expect(seen).toEqual({ written: 6, read: 6 });
});

it.each([
  ['differed are read back once', { blue: 100, green: 0 }, { written: 1, read: 1 }],
  ['agreed are not read again', { blue: 95, green: 5 }, { written: 1, read: 0 }],
])('rules that %s', async (_, weights, expected) => {
  const { world, ports } = await createWorld(shifted());
  world.rules = { https: weights };
  const seen = counted(ports);
  await applyWeights(ports, service());
  expect(seen).toEqual(expected);
});

it.each([
  [[], true],
  [[share(95)], true],
  [[share(95), share(95)], true],
  [[share(95), share(90)], false],
  [[{ blue: 95, green: 0 }], false],
  [[{ blue: 0, green: 5 }], false],
])('%j agree with 95 and 5: %s', (rules, expected) => {
  expect(
    agrees(
      rules.map((weights) => ({ rule: 'https', weights })),
      share(95),
    ),
  ).toBe(expected);
});

it('a rule that cannot name both groups fails only what needs both named', async () => {
  const { ports } = await createWorld(shifted());
  await expect(applyWeights(ports, service(), { naming: true })).resolves.toMatchObject({ step: 1 });
  const { setWeights } = ports.traffic;
  const refused = new Error('five groups');
  ports.traffic.setWeights = async (...given) => ({ ...(await setWeights(...given)), unnamed: [refused] });
  await expect(applyWeights(ports, service(), { naming: true })).rejects.toBe(refused);
  await expect(applyWeights(ports, service())).resolves.toMatchObject({ step: 1 });
});

it.each([0, 1])('a row that cannot be found after %i reads is looked for again later', async (reads) => {
  const { ports } = await createWorld(shifted());
  const { row } = ports.ledger;
  let left = reads;
  ports.ledger.row = async (name) => (left-- > 0 ? row(name) : null);
  await expect(applyWeights(ports, service())).rejects.toThrow(new Transient('checkout has no row to apply'));
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
