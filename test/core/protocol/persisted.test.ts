/** What other versions wrote, read: whole, with what they lacked, or refused by what is wrong. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { usualDecisions } from '../../../core/config/defaults.ts';
import { groups } from '../../../core/config/define.ts';
import { pathText, valueAt } from '../../../core/config/problems.ts';
import { readRecord, readRow, readService } from '../../../core/protocol/persisted.ts';
import { readEvent, readPlan } from '../../../core/protocol/persisted-events.ts';
import type { Row } from '../../../core/protocol/row.ts';
import type { HistoryEvent } from '../../../core/release/history.ts';
import type { AttemptRecord } from '../../../core/release/publications.ts';
import { image, live, plan, publication, row, service, start, withAt, writtenInFull } from '../build.ts';

const inFull = service(writtenInFull);
const template = { id: 'lt-0a1b2c3d', version: '7', types: ['m7g.large'] };
const limits = { min: 2, max: 10, desired: 4, suspended: ['AZRebalance'] };
const bySlot = { blue: limits, green: limits };

/** Everything in it that can be, on its way back. */
const full: Row = {
  ...row({
    live: live('a', { template, release: '0a', image: { ...image('a'), ami: 'ami-0a' } }),
    next: publication('c'),
  }),
  token: 7,
  wanted: { weights: { blue: 60, green: 40 }, seq: 3, since: start },
  step: 1,
  condemned: 'green',
  lock: { state: 'held', publication: publication('b'), execution: 'checkout-b-1' },
  phase: 'rollingBack',
  plan: plan({ template, limits: bySlot, traffic: { requests: 700, errors: 0.01 }, times: [0.1, 0.2, 0.4] }, inFull),
  limits: bySlot,
  abort: { kind: 'failed', why: 'bad', by: 'ada', at: start, waits: true },
  raised: [start],
  question: { id: 'q1', kinds: ['approval'], step: 0, asked: start, until: start + 60_000, why: 'ready' },
  signals: [{ kind: 'approve', by: 'ada', at: start, question: 'q1', kinds: ['approval'] }],
  nonce: '0f'.repeat(36),
  parked: ['a token'],
};

type Path = (string | number)[];
const fieldsOf = (value: unknown, path: Path = []): Path[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, inside]) => {
        const here = [...path, Array.isArray(value) ? Number(key) : key];
        return [...(Array.isArray(value) ? [] : [here]), ...fieldsOf(inside, here)];
      });

const messageOf = (read: () => unknown): string => {
  try {
    return JSON.stringify(read());
  } catch (error) {
    expect(error).toMatchObject({ name: 'Rejected' });
    return (error as Error).message;
  }
};

/** What is read where the field at the end of a path is not written. */
const without: Record<string, unknown> = {
  'abort.by': '',
  'abort.why': '',
  limits: null,
  nonce: undefined,
  parked: [],
  question: null,
  raised: [],
  signals: [],
  steppedAside: false,
  'question.why': '',
  'signals[0].question': undefined,
  'signals[0].kinds': undefined,
  'plan.by': '',
  'plan.limits': null,
  'plan.times': undefined,
  'plan.traffic': undefined,
  'plan.configuration.checks.comparison': null,
  'plan.configuration.checks.comparison.burst': null,
  'plan.configuration.checks.comparison.slower': null,
  'plan.configuration.checks.decisions': usualDecisions,
  'plan.configuration.maxExtra': null,
  'plan.configuration.metrics': { kind: 'cloudwatch' },
  'plan.configuration.metrics.durations': null,
  'plan.configuration.mode': 'automatic',
  'plan.configuration.prices': {},
};
const blank: Record<string, unknown> = {
  ami: undefined,
  atLeast: undefined,
  by: '',
  label: '',
  'm7g.large': undefined,
  types: [],
};
const defaultAt = (path: Path): { is: unknown } | null => {
  const [known, name] = [pathText(path), String(path.at(-1))];
  if (known in without) return { is: without[known] };
  return name in blank ? { is: blank[name] } : null;
};

describe('a row', () => {
  test('that is whole is answered as it is, the very same', () => {
    expect(readRow('checkout', full)).toBe(full);
    const atRest = row();
    expect(readRow('checkout', atRest)).toBe(atRest);
  });

  // Without its AMI's id it is another image's release.
  const lackable = fieldsOf(full).filter((path) => pathText(path) !== 'live.image.ami');
  test.each(lackable.map((path) => [pathText(path), path] as const))('without %s', (name, path) => {
    const lacking = JSON.parse(JSON.stringify(withAt(full, path, undefined)));
    const known = defaultAt(path);
    if (known === null)
      expect(() => readRow('checkout', lacking)).toThrow(
        `the row of checkout cannot be read: ${name}: expected ${name === 'abort.waits' ? 'true' : ''}`,
      );
    else expect(readRow('checkout', lacking)).toEqual(withAt(full, path, known.is));
  });

  test('says what was expected everywhere, what was found, and what a person can do', () => {
    const damages: [Path, unknown, string][] = [
      [['token'], '7', 'token: expected a whole number from 0 to 999999, found "7"'],
      [['wanted', 'since'], Number.NaN, 'wanted.since: expected a time from 1970 to 2100 in milliseconds, found null'],
      [['plan', 'steps'], {}, 'plan.steps: expected a list, found {}'],
      [['plan', 'steps', 1, 'weight'], null, 'plan.steps[1].weight: expected a whole weight from 0 to 100, found null'],
      [['plan', 'asked'], 'yes', 'plan.asked: expected true or false, found "yes"'],
      [['plan', 'release'], 7, 'plan.release: expected a release like "3f2a9c0d1e4b", found 7'],
      [['plan', 'schema'], 2, 'plan.schema: expected 1, found 2'],
      [['live'], [], 'live: expected an object, found []'],
      [['lock'], null, 'lock: expected an object, found null'],
      [['lock', 'state'], 'shared', 'lock.state: expected one of "free", "reserved", "held", found "shared"'],
      [['condemned'], 'red', 'condemned: expected one of "blue", "green", found "red"'],
      [['plan', 'configuration', 'prices'], [], 'plan.configuration.prices: expected an object, found []'],
      [
        ['plan', 'configuration', 'prices', 'm7g.large'],
        'much',
        'plan.configuration.prices.m7g.large: expected a number, 0 or more, found "much"',
      ],
    ];
    for (const [path, value, said] of damages)
      expect(messageOf(() => readRow('checkout', withAt(full, path, value)))).toBe(
        `the row of checkout cannot be read: ${said}: another version of Cutover or a person wrote it: deploy that version, or mend the item service#checkout, row, in the ledger; until then the pipeline leaves checkout as it is`,
      );
    const many = withAt(withAt(full, ['token'], null), ['phase'], 'over');
    expect(messageOf(() => readRow('checkout', many))).toContain(
      'token: expected a whole number from 0 to 999999, found null; phase: expected one of "free", "preparing", "shifting", "settling", "committed", "rollingBack", found "over":',
    );
    for (const value of [null, [], 'x', undefined])
      expect(messageOf(() => readRow('checkout', value))).toContain('cannot be read: expected an object, found ');
  });

  test('keeps what a newer version has added, wherever', () => {
    const more = withAt(withAt(full, ['later'], 1), ['plan', 'configuration', 'later'], { deep: [1] });
    expect(readRow('checkout', more)).toEqual(more);
  });

  test('with anything at any two places is read or refused, and never more than that', () => {
    const place = fc.constantFrom(...fieldsOf(full));
    fc.assert(
      fc.property(place, fc.jsonValue(), place, fc.jsonValue(), (one, value, other, another) => {
        messageOf(() => readRow('checkout', withAt(withAt(full, one, value), other, another)));
      }),
      { numRuns: 2000 },
    );
  });

  test('that contradicts itself is refused', () => {
    const contradictions: [Partial<Row>, string][] = [
      [{ phase: 'free' }, 'phase: expected a phase of a service that is held, found "free"'],
      [{ lock: { state: 'free' } }, 'phase: expected a phase of a service that is free, found "rollingBack"'],
      [{ plan: null }, 'plan: expected the plan of the holder, found null'],
      [{ abort: null }, 'abort: expected the reason of the rollback, found null'],
      [
        { abort: { kind: 'failed', why: '', by: '', at: 0, waits: false } },
        'abort.waits: expected true where both slots have weight, found false',
      ],
      [{ service: 'shop' }, 'service: expected "checkout", found "shop"'],
      [
        { plan: plan({}, service({ fleet: groups({ blue: 'b', green: 'g' }) })) },
        'plan.limits: expected the scaling bounds of both groups at admission, found null',
      ],
    ];
    for (const [change, said] of contradictions)
      expect(messageOf(() => readRow('checkout', { ...full, ...change }))).toContain(`cannot be read: ${said}: `);
    const back = { weights: { blue: 100, green: 0 }, seq: 3, since: start };
    const abort: Row['abort'] = { kind: 'superseded', why: '', by: '', at: 0 };
    expect(readRow('checkout', { ...full, abort, wanted: back })).toMatchObject({ abort });
    const other = { weights: { blue: 0, green: 100 }, seq: 3, since: start };
    expect(readRow('checkout', { ...full, abort, wanted: other })).toMatchObject({ abort });
  });

  test('with a number out of its range, or a name of another shape, is refused', () => {
    const damages: [Path, unknown, string][] = [
      [['wanted', 'weights', 'blue'], -5, 'a whole weight from 0 to 100'],
      [['wanted', 'weights', 'green'], 1e9, 'a whole weight from 0 to 100'],
      [['plan', 'steps', 0, 'weight'], 101, 'a whole weight from 0 to 100'],
      [['plan', 'steps', 0, 'bake'], -1, 'a number of seconds, 0 or more'],
      [['plan', 'old', 'count'], 2.5, 'a whole number of instances from 0 to 100000'],
      [['plan', 'configuration', 'fleet', 'count'], 1001, 'a whole number of instances from 1 to 1000'],
      [['plan', 'configuration', 'checks', 'errorRate', 'atMost'], 7, 'a share from 0 to 1'],
      [['plan', 'configuration', 'slots', 'blue'], 'arn:aws:s3:::bucket', "a target group's ARN"],
      [['plan', 'configuration', 'rules', 0], '*', "a listener rule's ARN"],
      [['limits', 'blue', 'max'], -1, 'a whole number of instances from 0 to 100000'],
      [['token'], -1, 'a whole number from 0 to 999999'],
      [['wanted', 'since'], 1e15, 'a time from 1970 to 2100 in milliseconds'],
      [['live', 'order'], -1, 'a time from 1970 to 2100 in milliseconds'],
      [['live', 'image', 'ami'], 'ami-0a; reboot', 'the id of an AMI like "ami-0a1b2c3d"'],
      [['live', 'template', 'id'], 'shop', 'the id of a launch template like "lt-0a1b2c3d"'],
      [['live', 'template', 'version'], 'resolve:ssm:/a', 'the number of a version'],
      [['next', 'release'], '../b', 'a release like "3f2a9c0d1e4b"'],
      [['next', 'image', 'reference'], 'acme/shop\n@sha256:', 'a reference of an image without spaces'],
      [['lock', 'execution'], 'x'.repeat(81), 'the name of an execution, 80 characters at most'],
    ];
    for (const [path, value, expected] of damages)
      expect(messageOf(() => readRow('checkout', withAt(full, path, value)))).toContain(
        `cannot be read: ${pathText(path)}: expected ${expected}, found `,
      );
  });

  test('that speaks of another service, or of an image that its release does not name, is refused', () => {
    const foreign: [Path, unknown, string][] = [
      [['plan', 'service'], 'shop', 'plan.service: expected "checkout", found "shop"'],
      [['plan', 'configuration', 'name'], 'shop', 'plan.configuration.name: expected "checkout", found "shop"'],
      [['next', 'image'], image('d'), 'next.release: expected "dddddddddddd", found "cccccccccccc"'],
      [['live', 'image', 'ami'], 'ami-0b', 'live.release: expected "0b", found "0a"'],
      [['live', 'image', 'ami'], undefined, 'live.release: expected "aaaaaaaaaaaa", found "0a"'],
      [['lock', 'publication', 'image'], image('d'), 'lock.publication.release: expected "dddddddddddd"'],
      [['plan', 'image'], image('d'), 'plan.release: expected "dddddddddddd", found "bbbbbbbbbbbb"'],
      [['wanted', 'weights', 'blue'], 61, 'wanted.weights: expected two weights of together 100'],
      [['step'], 4, 'step: expected at most 3, as many as the plan has, found 4'],
    ];
    for (const [path, value, said] of foreign)
      expect(messageOf(() => readRow('checkout', withAt(full, path, value)))).toContain(`cannot be read: ${said}`);
    const planted = { reference: `acme/checkout@sha256:${'b'.repeat(12).padEnd(64, '0')}`, label: 'release-b' };
    expect(messageOf(() => readRow('checkout', withAt(full, ['plan', 'image'], planted)))).toContain('plan.image: ');
  });

  test('with very many mistakes names the first five', () => {
    const steps = Array.from({ length: 50 }, () => ({ weight: -1, bake: 0 }));
    expect(messageOf(() => readRow('checkout', withAt(full, ['plan', 'steps'], steps)))).toContain(
      'plan.steps[4].weight: expected a whole weight from 0 to 100, found -1; 45 more: another version',
    );
  });

  test('of the first version, in the middle of a rollout, is as that version meant it', () => {
    const first = JSON.parse(readFileSync(new URL('first-row.json', import.meta.url), 'utf8'));
    const read = readRow('shop', first);
    expect(read).toMatchObject(first);
    expect(read.limits).toBeNull();
    expect(read.live?.template?.types).toEqual([]);
    expect(read.plan).toMatchObject({ limits: null, template: { types: [] } });
    expect(read.plan?.configuration).toMatchObject({
      maxExtra: null,
      metrics: { kind: 'cloudwatch' },
      mode: 'automatic',
      prices: {},
      checks: { comparison: null, decisions: usualDecisions },
    });
  });

  test('is read in well under a millisecond', () => {
    // The processor's time for this thread alone: others on the machine do not count.
    const before = process.threadCpuUsage();
    for (let times = 0; times < 1000; times++) readRow('checkout', full);
    const { user, system } = process.threadCpuUsage(before);
    const millisecondsEach = (user + system) / 1000 / 1000;
    expect(millisecondsEach).toBeLessThan(0.5);
  });
});

describe('a configuration', () => {
  test('of any kind is read as it was written', () => {
    const ami = { kind: 'ami', name: 'shop-*', owner: 'self' };
    const built = { kind: 'imageBuilder', arn: 'arn:aws:imagebuilder:eu-west-1:123456789012:image/shop' };
    const fleet = { kind: 'groups', blue: 'b', green: 'g', count: 2 };
    for (const change of [
      { image: ami },
      { image: built },
      { image: { kind: 'parameter', name: '/ami' } },
      { fleet },
    ]) {
      const other = { ...inFull, ...change };
      expect(readService('checkout', other)).toBe(other);
    }
    for (const path of [
      ['image', 'name'],
      ['image', 'owner'],
      ['fleet', 'blue'],
      ['fleet', 'green'],
      ['fleet', 'count'],
    ]) {
      const lacking = withAt({ ...inFull, image: ami, fleet }, path, undefined);
      expect(messageOf(() => readService('checkout', lacking))).toContain(`${pathText(path)}: expected a`);
    }
  });

  test('of another service is refused', () => {
    expect(messageOf(() => readService('shop', inFull))).toContain('name: expected "shop", found "checkout"');
    const named = { ...inFull, name: 'a#b' };
    expect(messageOf(() => readService('a#b', named))).toContain('name: expected the name of a service');
  });

  test('that cannot be read says so, and how it is mended', () => {
    const later = withAt(inFull, ['metrics', 'kind'], 'later');
    expect(messageOf(() => readService('checkout', later))).toBe(
      'the configuration of checkout cannot be read: metrics.kind: expected one of "cloudwatch", "prometheus", found "later": another version of Cutover or a person wrote it: deploy that version, or apply the configuration again',
    );
    const words: Path[] = [
      ['image', 'kind'],
      ['fleet', 'kind'],
      ['growth'],
      ['mode'],
      ...Object.keys(inFull.checks.decisions).map((key) => ['checks', 'decisions', key]),
    ];
    for (const path of words) {
      const said = messageOf(() => readService('checkout', withAt(inFull, path, 'later')));
      expect(said).toContain(`${pathText(path)}: expected one of "`);
      expect(said).toContain(`"${valueAt(inFull, path)}"`);
    }
  });
});

describe('a record', () => {
  const record: AttemptRecord = {
    service: 'checkout',
    release: 'b'.repeat(12),
    image: image('b'),
    attempt: 1,
    outcome: 'superseded',
    reason: 'newer',
    at: start,
  };
  const key = `record#${'b'.repeat(12)}#000001`;
  const read = (value: unknown) => readRecord('checkout', key, value);

  test('without a reason, or with an unknown outcome, is read as a failure of unknown cause', () => {
    for (const outcome of ['live', 'failed', 'superseded', 'refused'] as const)
      expect(read({ ...record, outcome })).toEqual({ ...record, outcome });
    const { reason: _, ...lacking } = record;
    expect(read({ ...lacking, outcome: 'paused' })).toEqual({
      ...record,
      outcome: 'failed',
      reason: 'no reason is on record',
    });
  });

  test('that is kept under the key of another is refused', () => {
    for (const change of [{ service: 'shop' }, { attempt: 2 }, { release: 'c'.repeat(12), image: image('c') }])
      expect(messageOf(() => read({ ...record, ...change }))).toContain(`${Object.keys(change)[0]}: expected `);
  });

  test.each(['service', 'release', 'image', 'attempt', 'at'])('without %s names the item', (name) => {
    const { [name]: _, ...lacking } = { ...record } as Record<string, unknown>;
    expect(messageOf(() => read(lacking))).toMatch(
      new RegExp(
        `^the ${key} of checkout cannot be read: ${name}: expected an? .+, found nothing: another version of Cutover .*, or mend the item service#checkout, ${key}, in the ledger$`,
      ),
    );
  });
});

describe('an event', () => {
  const event: HistoryEvent = {
    id: 'b-1/Judge/judged/1',
    at: start,
    release: 'b',
    attempt: 1,
    by: 'Judge',
    kind: 'judged',
    text: 'good',
    data: { step: 1 },
  };

  test('is read as it is, with kinds of other versions', () => {
    expect(readEvent(event.id, start, event)).toEqual(event);
    expect(readEvent(event.id, start, { ...event, kind: 'rehearsed' })).toEqual({ ...event, kind: 'rehearsed' });
  });

  test('is never refused: what lacks is blank', () => {
    const empty = { id: 'an id', at: 7, release: '', attempt: 0, by: '', kind: 'problem', text: '' };
    for (const value of [null, {}, [], 7, { ...Object.fromEntries(Object.keys(event).map((key) => [key, [null]])) }])
      expect(readEvent('an id', 7, value)).toMatchObject(empty);
    expect(readEvent('an id', 7, { data: 'x' }).data).toBeUndefined();
  });

  test('gives its plan where it has one that can be read', () => {
    const own = plan();
    expect(readPlan(JSON.parse(JSON.stringify(own)))).toEqual(own);
    for (const value of [undefined, null, {}, { ...own, schema: 2 }, { ...own, steps: 'many' }])
      expect(readPlan(value)).toBeNull();
  });
});
