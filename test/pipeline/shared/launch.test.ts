/** What may be launched of a release: what was admitted, on record apart from the row. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ledgerOf } from '../../../adapters/ledger/ledger.ts';
import { launchDifference } from '../../../core/plan/admitted.ts';
import { image, live, plan, publication, row, service, start } from '../../core/build.ts';
import { memoryStore } from '../../simulator/memory-store.ts';
import { held } from '../build.ts';

const { fleet, slots, rules } = service();
const template = { id: 'lt-0a', version: '7', types: ['m7g.large'] };
const admitted = { image: image('b'), template, from: { fleet, slots, rules } };

describe('what is launched differs from what was admitted', () => {
  it.each([
    ['in its image', { image: image('c') }, 'its image is '],
    ['in its registry', { image: { ...image('b'), reference: `evil/${image('b').reference}` } }, 'its image is '],
    ['in its AMI', { image: { ...image('b'), ami: 'ami-0e' } }, 'its image is "ami-0e", and '],
    [
      'in its template',
      { template: { ...template, id: 'lt-0b' } },
      'its launch template is "lt-0b 7 ", and "lt-0a 7 "',
    ],
    ['in its version', { template: { ...template, version: '8' } }, 'its launch template is '],
    ['in its pinned AMI', { template: { ...template, image: 'ami-0e' } }, 'its launch template is "lt-0a 7 ami-0e"'],
    ['by having no template', { template: null }, 'its launch template is "none"'],
    ['in its rules', { from: { fleet, slots, rules: ['other'] } }, 'its fleet, slots or rules are '],
    ['in its slots', { from: { fleet, slots: { blue: slots.green, green: slots.blue }, rules } }, 'its fleet, slots'],
  ])('%s', (_, change, said) => {
    expect(launchDifference({ ...admitted, ...change }, admitted)).toContain(said);
  });

  it('and in nothing else that is in it', () => {
    const types = { ...template, types: [] };
    expect(
      launchDifference({ ...admitted, template: types, image: { ...image('b'), label: 'x' } }, admitted),
    ).toBeNull();
    expect(launchDifference({ ...admitted, from: null }, admitted)).toBeNull();
  });
});

describe('an admission', () => {
  const kept = async (...rows: ReturnType<typeof row>[]) => {
    const store = memoryStore();
    const ledger = ledgerOf(store);
    for (const one of rows)
      await ledger.decide('checkout', () => ({ ok: true, row: one, records: [], changed: true }), {
        first: async () => row({ live: null }),
      });
    return { store, ledger };
  };

  it('is kept with its decision, and not written again by what the row says later', async () => {
    const { store, ledger } = await kept(held());
    const { configuration, image: of, template: from } = plan();
    expect(await ledger.admitted('checkout', publication('b').release, 1)).toMatchObject({
      image: of,
      template: from,
      from: { fleet: configuration.fleet, slots: configuration.slots, rules: configuration.rules },
    });
    const { version = 0 } = (await store.get('service#checkout', 'row')) ?? {};
    const edited = held({ plan: plan({ template: { ...template, id: 'lt-0evil' } }) });
    await store.write([{ pk: 'service#checkout', sk: 'row', value: edited, when: version }]);
    await expect(ledger.row('checkout')).rejects.toThrow(
      'its launch template is "lt-0evil 7 ", and "lt-0a1b2c3d 7 " was admitted',
    );
    await expect(
      ledger.decide('checkout', () => ({ ok: true, row: edited, records: [], changed: true })),
    ).rejects.toThrow('lt-0evil');
  });

  it('is kept of an adopted fleet, once more where it is adopted again', async () => {
    const adopted = live('a', { attempt: 0, template });
    const again = live('a', { attempt: 0, template: { ...template, version: '8' }, since: start + 1 });
    const { ledger } = await kept(row({ live: adopted }), row({ live: again }));
    expect(await ledger.admitted('checkout', adopted.release, 0)).toMatchObject({
      template: { version: '8' },
      from: null,
    });
  });

  it('that an older version made is known by its record or its mark, and no other is', async () => {
    const { store, ledger } = await kept();
    const release = 'a'.repeat(12);
    expect(await ledger.admitted('checkout', release, 1)).toBeNull();
    await store.write([
      { pk: 'service#checkout', sk: `said#${release}-1/Admit/admitted`, value: start, when: 'absent' },
    ]);
    expect(await ledger.admitted('checkout', release, 1)).toBe('unrecorded');
    await store.write([{ pk: 'service#checkout', sk: `record#${release}#000002`, value: {}, when: 'absent' }]);
    expect(await ledger.admitted('checkout', release, 2)).toBe('unrecorded');
    expect(await ledger.admitted('checkout', release, 3)).toBeNull();
  });
});

it('nothing but launch.ts asks a fleet for instances', () => {
  const asking = globSync('pipeline/**/*.ts').filter((path) => /\.ensure\(/.test(readFileSync(path, 'utf8')));
  expect(asking).toEqual(['pipeline/shared/launch.ts']);
});
