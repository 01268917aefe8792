/** Hand-made SDK clients: a function per command, and a list of what was sent. */
import type { Client } from '../../../adapters/aws/client.ts';
import { usualDecisions } from '../../../core/config/defaults.ts';
import type { Service } from '../../../core/config/service.ts';

export interface Sent {
  command: string;
  input: unknown;
}

/** The inputs of every command of that name, in the order they were sent. */
export const inputsOf = <Input>({ sent }: { sent: Sent[] }, command: string): Input[] =>
  sent.filter((one) => one.command === command).map(({ input }) => input as Input);

/** Answers by command name; a name without an answer fails the test. */
export const fakeClient = (answers: Record<string, (input: never) => unknown>): Client & { sent: Sent[] } => {
  const sent: Sent[] = [];
  return {
    sent,
    send: async (command: object) => {
      const name = command.constructor.name.replace(/Command$/, '');
      const { input } = command as { input: never };
      sent.push({ command: name, input });
      const answer = answers[name];
      if (answer === undefined) throw new Error(`the test has no answer to ${name}`);
      return answer(input);
    },
  };
};

/** An error as SDK clients throw it. */
export const sdkError = (name: string, httpStatusCode = 400): Error =>
  Object.assign(new Error(`${name} happened.`), {
    name,
    $fault: httpStatusCode >= 500 ? 'server' : 'client',
    $metadata: { httpStatusCode },
  });

export const fails = (name: string, httpStatusCode?: number) => () => {
  throw sdkError(name, httpStatusCode);
};

/** Pages of a list; tokens are the index of the next one. */
export const paged = <T>(
  items: T[],
  size: number,
  token: string | undefined,
): { items: T[]; next: string | undefined } => {
  const from = Number(token ?? 0);
  return { items: items.slice(from, from + size), next: from + size < items.length ? String(from + size) : undefined };
};

export const blue = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-blue/0b';
export const green = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-green/0f';
export const loadBalancer = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/edge/50dc';
export const rule = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/edge/50dc/f2f7/9683';

export const shop = (changes: Partial<Service> = {}): Service => ({
  name: 'shop',
  image: { kind: 'ecr', repository: 'acme/shop', tags: ['v*'] },
  fleet: { kind: 'instances', launchTemplate: 'shop', subnets: ['subnet-a', 'subnet-b'], count: 4 },
  rules: [rule],
  slots: { blue, green },
  strategy: { steps: [{ weight: 100, bake: 300 }] },
  checks: {
    smoke: [],
    alarms: [],
    errorRate: { atMost: 0.01 },
    comparison: null,
    decisions: usualDecisions,
    passes: 3,
    readyWithin: 600,
    warmUp: 0,
  },
  metrics: { kind: 'cloudwatch' },
  approval: null,
  growth: 'withWeight',
  maxExtra: null,
  mode: 'automatic',
  prices: {},
  timing: { period: 60, settling: 120 },
  ...changes,
});
