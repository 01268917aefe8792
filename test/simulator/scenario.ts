/** What is rolled out, how, and what people do meanwhile: all of it from a seed. */
import { seededRandom } from '../../core/basics/random.ts';
import type { Behaviour } from '../../local/simulated-machines.ts';
import { fleetOf, written } from '../build.ts';
import { type Act, actNames, doings } from './acts.ts';
import { type Fault, type KindName, kindNames, kinds, type Place } from './faults.ts';

export const images = {
  good: {},
  quick: { boot: 5000 },
  failing: { errorRate: 0.3 },
  neverHealthy: { neverHealthy: true },
} satisfies Record<string, Behaviour>;
export type ImageName = keyof typeof images;

const step = (weight: number, bake: number) => ({ weight, bake });

/** Bakes are as short as evidence allows: nothing here is about waiting. */
export const policies = {
  canary: { strategy: { steps: [step(25, 240), step(100, 240)] } },
  ramp: { strategy: { steps: [step(10, 0), step(50, 240), step(100, 0)] } },
  atOnce: { strategy: { steps: [step(100, 0)] } },
  /** As few calls as a rollout can do with, for whoever plays all pairs of them. */
  small: { strategy: { steps: [step(100, 0)] }, fleet: fleetOf(2), timing: { settling: 40 } },
  /** So small that one lost instance is more than a quarter. */
  pair: { strategy: { steps: [step(50, 240), step(100, 240)] }, fleet: fleetOf(2) },
  tight: { strategy: { steps: [step(50, 240), step(100, 0)] }, maxExtra: 2 },
  /** A person has to say yes, and nobody may. */
  asked: { strategy: { steps: [step(25, 240), step(100, 0)] }, approval: { within: 600 } },
} satisfies Record<string, Record<string, unknown>>;
export type PolicyName = keyof typeof policies;

export interface Scenario {
  image: ImageName;
  policy: PolicyName;
  /** What is live fails three in ten requests, and its alarm is on. */
  sick: boolean;
  /** A login stands before the rule's forward action. */
  login: boolean;
  /** What is done meanwhile, by whoever does it. */
  acts: Act[];
  /** After so many steps its history has grown long, and it goes on in a second execution; null: it never has. */
  long: number | null;
}

/** `good/canary`, `failing/ramp/sick/login/abort:300/keyApproval:310/long:12`. */
export const scenarioText = ({ image, policy, sick, login, acts, long }: Scenario): string =>
  [
    image,
    policy,
    ...(sick ? ['sick'] : []),
    ...(login ? ['login'] : []),
    ...acts.map(({ what, at }) => `${what}:${at}`),
    ...(long === null ? [] : [`long:${long}`]),
  ].join('/');

/** Throws, with what was expected, where the text names no scenario. */
export const parseScenario = (text: string): Scenario => {
  const [first, second, ...more] = text.split('/');
  const image = (Object.keys(images) as ImageName[]).find((one) => one === first);
  const policy = (Object.keys(policies) as PolicyName[]).find((one) => one === second);
  if (image === undefined || policy === undefined)
    throw new Error(
      `expected ${Object.keys(images).join('|')}/${Object.keys(policies).join('|')}[/sick][/login][/act:seconds]…[/long:steps], found ${text}`,
    );
  const numbers = more.map((one) => one.split(':')).map(([what = '', at]) => ({ what, at: Number(at) }));
  const long = numbers.find(({ what }) => what === 'long')?.at ?? null;
  const acts = numbers.filter(({ what }) => actNames.includes(what));
  return { image, policy, sick: more.includes('sick'), login: more.includes('login'), acts, long };
};

export interface Drawn {
  scenario: Scenario;
  faults: Fault[];
}

const otherRule = String(written().rules).replace('9683b2d02a6cabee', '1111b2d02a6c0080');

export const serviceOf = ({ policy }: Scenario): Record<string, unknown> => ({
  ...policies[policy],
  rules: [...(written().rules as string[]), otherRule],
  checks: { alarms: ['shop-5xx'] },
});

/** How many of each a rollout makes, about. */
const reach: Record<Place, number> = {
  ...{ call: 260, ledger: 200, event: 20, invocation: 45, launch: 5, moment: 130 },
  ...{ back: 60, after: 40 },
};

/** What changes something, and how often a rollout does it: few among many calls, and what faults are about. */
const effects: [command: string, times: number][] = [
  ['RunInstances', 4],
  ['CreateLaunchTemplateVersion', 1],
  ['UpdateAutoScalingGroup', 6],
  ['RegisterTargets', 3],
  ['ModifyRule', 6],
  ['DeregisterTargets', 2],
  ['TerminateInstances', 2],
  ['StartExecution', 2],
  ['SendTaskSuccess', 2],
];

const isCallsOwn = (kind: KindName): boolean => kinds[kind].of === 'call';

export const drawn = (seed: number): Drawn => {
  const random = seededRandom(seed);
  const below = (most: number): number => Math.floor(random() * most);
  const pick = <T>(all: readonly T[]): T => all[below(all.length)] as T;
  const image = pick(['good', 'good', 'good', 'good', 'failing', 'neverHealthy'] as const);
  const policy = pick(['canary', 'ramp', 'atOnce', 'tight', 'pair', 'asked'] as const);
  const [sick, login] = [random() < 0.15, random() < 0.3];
  // An incident or a person's word comes as often as a key is configured otherwise, of which there are as many.
  const act = (): Act => ({ what: pick(random() < 0.6 ? doings : actNames), at: below(700) });
  const acts = random() < 0.5 ? Array.from({ length: 1 + below(3) }, act) : [];
  // Where a person is asked, one mostly answers.
  if (policy === 'asked' && random() < 0.7) acts.push({ what: 'approve', at: 200 + below(500) });
  const fault = (): Fault => {
    const kind = pick(kindNames);
    const place = kinds[kind].of;
    if (place === 'ledger' && random() < 0.6) return { kind, of: 'write', at: below(45) };
    if (!isCallsOwn(kind) || random() < 0.4) return { kind, of: null, at: below(reach[place]) };
    const [of, times] = pick(effects);
    return { kind, of, at: below(times) };
  };
  const faults = Array.from({ length: 1 + below(4) }, fault);
  const long = random() < 0.15 ? 1 + below(25) : null;
  return { scenario: { image, policy, sick, login, acts, long }, faults };
};
