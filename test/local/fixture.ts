/** A local cloud in virtual time with one service, for tests of the simulated AWS. */

import { usualDecisions } from '../../core/config/defaults.ts';
import type { Service } from '../../core/config/service.ts';
import { type CloudOptions, createCloud } from '../../local/cloud.ts';
import type { Trigger } from '../../local/events.ts';
import type { SetUp } from '../../local/simulated/set-up.ts';
import { describedMachines } from '../../local/simulated-machines.ts';
import { virtualTime } from '../../local/time.ts';
import triggers from '../../statemachines/triggers.json' with { type: 'json' };

const elb = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';

export const service: Service = {
  name: 'shop',
  image: { kind: 'ecr', repository: 'acme/shop', tags: ['*'] },
  fleet: { kind: 'instances', launchTemplate: 'shop', subnets: ['subnet-a', 'subnet-b', 'subnet-c'], count: 4 },
  rules: [`${elb}:listener-rule/app/web/1/443/shop`, `${elb}:listener-rule/app/web/1/80/shop`],
  slots: { blue: `${elb}:targetgroup/shop-blue/1`, green: `${elb}:targetgroup/shop-green/2` },
  strategy: { steps: [{ weight: 100, bake: 60 }] },
  checks: {
    smoke: [],
    alarms: ['shop-5xx'],
    errorRate: { atMost: 0.01 },
    comparison: null,
    decisions: usualDecisions,
    passes: 2,
    readyWithin: 600,
    warmUp: 0,
  },
  metrics: { kind: 'cloudwatch' },
  approval: null,
  growth: 'withWeight',
  maxExtra: null,
  mode: 'automatic',
  prices: {},
  timing: { period: 60, settling: 60 },
};

/** A machine that waits an hour. */
export const definition = {
  QueryLanguage: 'JSONata',
  StartAt: 'Rest',
  States: { Rest: { Type: 'Wait', Seconds: 3600, End: true } },
};

export const cloudForTests = (options: Partial<CloudOptions> = {}, setUp: SetUp = {}) => {
  const time = virtualTime();
  const machines = describedMachines({ time });
  /** What each function was invoked with, in order. */
  const invoked: { name: string; event: unknown }[] = [];
  const names = ['on-image', 'on-alarm', 'on-stopped', 'reconcile'];
  const functions = () =>
    Object.fromEntries(names.map((name) => [name, async (event: unknown) => void invoked.push({ name, event })]));
  const cloud = createCloud({
    time,
    machines,
    definition,
    triggers: triggers as Trigger[],
    functions,
    timeouts: {},
    ...options,
  });
  cloud.setUp(service, setUp);
  /** Lets time pass until the promise is settled. */
  const done = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    await time.run({ done: () => settled });
    return promise;
  };
  /** Lets so many seconds pass. */
  const pass = (seconds: number): Promise<void> => time.run({ until: time.now() + seconds * 1000 });
  return { ...cloud, time, machines, invoked, done, pass };
};

export type TestCloud = ReturnType<typeof cloudForTests>;
