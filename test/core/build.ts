/** Ready-made values for the tests of core/: a service, an image, a row, a plan, each with what a test wants different. */

import type { Image } from '../../core/basics/image.ts';
import { allOn } from '../../core/basics/slot.ts';
import { defineServices, ecr, http, instances, prometheus, type WrittenService } from '../../core/config/define.ts';
import { parseServices } from '../../core/config/parse.ts';
import { valueAt } from '../../core/config/problems.ts';
import type { Service } from '../../core/config/service.ts';
import { canary } from '../../core/config/strategies.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { planOf } from '../../core/plan/planning.ts';
import type { Protocol } from '../../core/protocol/protocol.ts';
import { firstRow, type Live, type Row } from '../../core/protocol/row.ts';
import type { Publication } from '../../core/release/publications.ts';

export const start = 1_767_603_600_000;
export const minute = 60_000;

export const ruleArn = (name: string): string =>
  `arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/main/50dc6c495c0c9188/f2f7dc8efc522ab2/${name}`;
export const groupArn = (name: string): string =>
  `arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${name}/73e2d6bc24d8a067`;

/** The four keys that are enough. */
export const written = (name = 'checkout'): WrittenService => ({
  image: ecr(`acme/${name}`, { tags: ['release-*'] }),
  fleet: instances({ launchTemplate: name, subnets: ['subnet-a', 'subnet-b'], count: 4 }),
  rules: [ruleArn(`${name}-443`)],
  slots: { blue: groupArn(`${name}-blue`), green: groupArn(`${name}-green`) },
});

export const service = (different: Partial<WrittenService> = {}, name = 'checkout'): Service => {
  const parsed = parseServices(defineServices({ [name]: { ...written(name), ...different } }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.services[0] as Service;
};

/** `image('a')`: an ECR image whose digest is all `a`. */
export const image = (digit: string, label = `release-${digit}`): Image => ({
  reference: `acme/checkout@sha256:${digit.repeat(64)}`,
  label,
});

export const publication = (digit: string, different: Partial<Publication> = {}): Publication => ({
  release: digit.repeat(12),
  image: image(digit),
  attempt: 1,
  order: start,
  asked: false,
  by: 'an event',
  ...different,
});

/** A release that is live in blue since `start`. */
export const live = (digit: string, different: Partial<Live> = {}): Live => ({
  release: digit.repeat(12),
  image: image(digit),
  attempt: 1,
  template: null,
  slot: 'blue',
  order: start,
  since: start,
  ...different,
});

/** A row at rest: release `a` is live. */
export const row = (different: Partial<Row> = {}): Row => ({
  ...firstRow('checkout', allOn('blue'), start),
  live: live('a'),
  ...different,
});

/** Release `b` over release `a`, four instances, admitted at `start`. */
export const plan = (different: Partial<Plan> = {}, configuration: Service = service()): Plan => ({
  ...planOf({
    service: configuration,
    publication: publication('b'),
    row: row(),
    observed: { ours: 4, foreign: 0 },
    limits: null,
    template: { id: 'lt-0a1b2c3d', version: '7', types: [] },
    alarmsOn: [],
    now: start,
  }),
  ...different,
});

/** A value with something else at one place in it. */
export const withAt = (value: unknown, [key, ...rest]: readonly PropertyKey[], other: unknown): unknown => {
  if (key === undefined) return other;
  const inside = withAt(valueAt(value, [key]), rest, other);
  return Array.isArray(value)
    ? value.map((item, index) => (index === key ? inside : item))
    : { ...(value as object), [key]: inside };
};

/** With everything in it that can be written. */
export const writtenInFull: WrittenService = {
  ...written(),
  strategy: canary([5, 50], { bake: { atLeast: '2 minutes', atMost: '10 minutes' }, keepOldFor: '1 hour' }),
  checks: {
    smoke: [http.get('/health'), http.get('/old', { from: 301, to: 308, within: '2 seconds' })],
    alarms: ['checkout-5xx'],
    errorRate: { atMost: '2%' },
    comparison: {
      falseAlarms: '1%',
      falsePasses: '5%',
      worse: { ratio: 1.5, plus: '0.1%' },
      harmful: { ratio: 3, plus: '1%' },
      slower: { ratio: 1.2, plus: 0.02 },
      burst: 4,
    },
    decisions: { worse: 'pause', notSeenWorse: 'pause', noTraffic: 'advance', noMetrics: 'rollback' },
    passes: 3,
    readyWithin: '20 minutes',
    warmUp: 30,
  },
  metrics: prometheus({
    url: 'http://prometheus:9090',
    requests: 'sum(increase(requests{slot="$slot"}[$period]))',
    errors: 'sum(increase(errors{slot="$slot"}[$period]))',
    durations: 'sum by (le) (increase(seconds_bucket{slot="$slot"}[$period]))',
  }),
  approval: { within: '1 day' },
  growth: 'withWeight',
  maxExtra: 10,
  mode: 'observe',
  prices: { 'm7g.large': 0.0816 },
  timing: { period: '1 minute', settling: '2 minutes' },
};

/** Transitions that are refused to a step whose token is no longer the row's. */
export const underToken: readonly (keyof Protocol)[] = [
  'reserveAgain',
  'admitAnew',
  'takeOver',
  'shift',
  'turn',
  'condemn',
  'commit',
  'finish',
  'park',
  'handOver',
  'sweep',
  'ask',
];
