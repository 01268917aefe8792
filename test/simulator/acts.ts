/** What people, alarms and the service's own troubles do while an image is rolled out, as data; and how each of it is done. */
import { abortRollout } from '../../pipeline/operations/abort.ts';
import { answer } from '../../pipeline/operations/answer.ts';
import { deploy } from '../../pipeline/operations/deploy.ts';
import { serviceOf } from '../build.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';
import { asleep } from './strikes.ts';

const checks = (changed: Record<string, unknown>) => ({ checks: changed });

/** Keys that somebody configures otherwise, each by itself. What was admitted before goes on by what it was admitted with; its number of instances alone follows. */
export const keys = {
  strategy: { strategy: { steps: [{ weight: 100, bake: 0 }] } },
  approval: { approval: { within: 300 } },
  maxExtra: { maxExtra: 4 },
  growth: { growth: 'withWeight' },
  image: { image: { kind: 'ecr', repository: 'acme/shop', tags: ['w*'] } },
  alarms: checks({ alarms: ['shop-other'] }),
  errorRate: checks({ errorRate: { atMost: '50%' } }),
  comparison: checks({ comparison: null }),
  decisions: checks({ decisions: { noTraffic: 'advance', noMetrics: 'advance', notSeenWorse: 'rollback' } }),
  passes: checks({ passes: 4 }),
  warmUp: checks({ warmUp: 60 }),
  readyWithin: checks({ readyWithin: 1200 }),
  settling: { timing: { settling: 240 } },
  prices: { prices: { 'm7g.large': 0.08 } },
} satisfies Record<string, Record<string, unknown>>;
type Key = keyof typeof keys;
export const keyNames = Object.keys(keys) as Key[];

export const doings = [
  ...['newer', 'older', 'again', 'crowd', 'abort', 'alarm', 'approve', 'reject', 'approveTwice'],
  ...['incident', 'slowness', 'observed', 'more', 'fewer', 'moreAndBack'],
] as const;

/** `keyApproval`: the key `approval` is configured otherwise. */
const nameOfKey = (key: Key): string => `key${(key[0] ?? '').toUpperCase()}${key.slice(1)}`;
export const actNames: readonly string[] = [...doings, ...keyNames.map(nameOfKey)];

/** So many seconds after the image was pushed. */
export interface Act {
  what: string;
  at: number;
}

/** Whoever else publishes makes attempts that the image alone would not have made. */
export const publishes = ({ acts }: Pick<Scenario, 'acts'>): boolean =>
  acts.some(({ what }) => ['newer', 'older', 'again', 'crowd', 'keyImage'].includes(what));
/** Programs of all versions fail for a while. */
export const hasIncident = ({ acts }: Pick<Scenario, 'acts'>): boolean => acts.some(({ what }) => what === 'incident');

const minute = 60;
/** A name that no other act of a play has, for each version that it pushes. */
const pushed = 'v3';

/** A person's command; one that is refused is an answer as well. */
const asked = (stage: Stage, version: string, by: string): void =>
  stage.person(() => deploy(stage.ports, { service: 'shop', image: version, by }));

const answered = (stage: Stage, kind: 'approve' | 'reject', by: string): void =>
  stage.person(() => answer(stage.ports, { service: 'shop', kind, by }));

/** Every version does so for so many minutes, and then again as it did before. */
const befall = (stage: Stage, minutes: number, befallen: object): void => {
  const before = stage.versions.map((version) => ({ version, behaviour: stage.behaviourOf(version) }));
  for (const { version, behaviour } of before) stage.describe(version, { ...behaviour, ...befallen });
  void asleep(stage, minutes * minute).then(() => {
    for (const { version, behaviour } of before) stage.describe(version, behaviour);
  });
};

/** The last word is that the service acts: what only observes is not put right. */
const observe = async (stage: Stage): Promise<void> => {
  await stage.configure({ mode: 'observe' });
  await asleep(stage, 20 * minute);
  await stage.configure({ mode: 'automatic' });
};

const does: Record<(typeof doings)[number], (stage: Stage) => void | Promise<void>> = {
  newer: (stage) => stage.push(pushed),
  older: (stage) => asked(stage, 'v1', 'bob'),
  again: (stage) => asked(stage, 'v2', 'ada'),
  /** A machine and three persons in one second. */
  crowd: (stage) => {
    stage.push(pushed);
    asked(stage, 'v2', 'ada');
    asked(stage, pushed, 'bob');
    asked(stage, 'v1', 'cleo');
  },
  alarm: (stage) => {
    stage.cloud.setAlarm('shop-5xx', 'ALARM', 'too many errors', { dataFrom: stage.time.now() });
    // Before the first weight it holds the rollout for as long as it is on.
    stage.time.after(10 * minute * 1000, () => stage.cloud.setAlarm('shop-5xx', 'OK', 'over'));
  },
  abort: (stage) =>
    stage.person(async () => {
      const plan = (await stage.ports.ledger.row('shop'))?.plan;
      if (plan != null) await abortRollout(stage.ports, plan, { why: 'a person says so', by: 'ada' });
    }),
  approve: (stage) => answered(stage, 'approve', 'ada'),
  reject: (stage) => answered(stage, 'reject', 'bob'),
  approveTwice: (stage) => {
    answered(stage, 'approve', 'ada');
    answered(stage, 'reject', 'bob');
    answered(stage, 'approve', 'cleo');
  },
  incident: (stage) => befall(stage, 8, { errorRate: 0.3 }),
  slowness: (stage) => befall(stage, 8, { latency: 3000 }),
  observed: observe,
  more: (stage) => stage.want(6),
  fewer: (stage) => stage.want(3),
  moreAndBack: async (stage) => {
    await stage.want(6);
    await asleep(stage, 5 * minute);
    await stage.want(4);
  },
};

/** Throws where there is no such act. */
const performed = (stage: Stage, what: string): void | Promise<void> => {
  const key = keyNames.find((one) => nameOfKey(one) === what);
  if (key !== undefined) return stage.configure(keys[key]);
  const doing = doings.find((one) => one === what);
  if (doing === undefined) throw new Error(`expected one of ${actNames.join(', ')}, found ${what}`);
  return does[doing](stage);
};

/** Each at its time; what comes of it is awaited by nobody, and the world is not at rest before it has begun. */
export const perform = (stage: Stage, acts: readonly Act[], say: (text: string) => void): void => {
  for (const { what, at } of acts)
    void asleep(stage, at).then(async () => {
      say(`! ${what}`);
      await performed(stage, what);
    });
};

/** What a team would have written after that change. */
export const changedService = (
  written: Record<string, unknown>,
  changed: Record<string, unknown>,
): { written: Record<string, unknown>; service: ReturnType<typeof serviceOf> } => {
  const merged = {
    ...written,
    ...changed,
    ...('checks' in changed && { checks: { ...(written.checks as object), ...(changed.checks as object) } }),
    ...('timing' in changed && { timing: { ...(written.timing as object), ...(changed.timing as object) } }),
  };
  return { written: merged, service: serviceOf(merged) };
};
