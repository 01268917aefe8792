/** One rollout with faults from a seed, and what must be so when it is over. */
import { seededRandom } from '../../core/random.ts';
import { liveStory, releaseNamed, type Story } from '../build.ts';
import { armed, type Fault, type KindName, kinds } from './faults.ts';

export interface Played {
  seed: number;
  faults: Fault[];
  /** Which call each fault struck; shorter than `faults` where the rollout had ended by then. */
  struck: string[];
  image: string;
  outcome: string;
  violations: string[];
}

const images = [
  { name: 'good', behaviour: {} },
  { name: 'good', behaviour: {} },
  { name: 'failing', behaviour: { errorRate: 0.3 } },
  { name: 'never healthy', behaviour: { neverHealthy: true } },
];

const names = Object.keys(kinds) as KindName[];

/** A whole rollout with the defaults makes about so many calls, and delivers so many events. */
const reach = { call: 420, event: 30 };

/** What changes something, and how often a rollout does it: few among many calls, and what faults are about. */
const effects: [command: string, times: number][] = [
  ['RunInstances', 4],
  ['CreateLaunchTemplateVersion', 1],
  ['UpdateAutoScalingGroup', 6],
  ['RegisterTargets', 4],
  ['ModifyRule', 5],
  ['DeregisterTargets', 4],
  ['TerminateInstances', 2],
  ['StartExecution', 2],
  ['SendTaskSuccess', 2],
];

export const drawn = (seed: number): { image: (typeof images)[number]; faults: Fault[] } => {
  const random = seededRandom(seed);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const image = pick(images);
  const many = 1 + Math.floor(random() * 4);
  const faults = Array.from({ length: many }, (): Fault => {
    const kind = pick(names);
    const { of } = kinds[kind];
    if (of === 'event' || random() < 0.3) return { kind, command: null, at: Math.floor(random() * reach[of]) };
    const [command, times] = pick(effects);
    return { kind, command, at: Math.floor(random() * times) };
  });
  return { image, faults };
};

/** Hours until everything has to be at rest, whatever happened. */
const hours = 12;

export const play = async (seed: number, given?: Fault[]): Promise<Played> => {
  const { image, faults: own } = drawn(seed);
  const faults = given ?? own;
  const story = await liveStory({ seed, schedule: true });
  const struck: string[] = [];
  try {
    const before = story.cloud.traffic.totals().failed;
    story.cloud.intercept(
      armed(story, faults, seededRandom(seed + 1), ({ kind, at }, call) => struck.push(`${kind} at ${call} ${at}`)),
    );
    story.push('v2', image.behaviour);
    const violations: string[] = [];
    await atRest(story).catch((error: Error) => violations.push(error.message.split('\n')[0] as string));
    violations.push(...(await violated(story)));
    const failed = failedBy(story) - before;
    const cost = faults.some(({ kind }) => kinds[kind].costs === 'instance') || image.name === 'failing';
    if (failed > 0 && !cost) violations.push(`${failed} requests failed`);
    const [rollout] = (await story.rollouts()).filter(({ release }) => release === releaseNamed('v2'));
    if (rollout === undefined) violations.push('nobody has heard of the image');
    else if (rollout.outcome === null) violations.push('it has no outcome');
    return { seed, faults, struck, image: image.name, outcome: rollout?.outcome ?? 'none', violations };
  } finally {
    story.cloud.intercept(undefined);
    story.close();
  }
};

const failedBy = (story: Story): number => story.cloud.traffic.totals().failed;

/** Until nothing runs, the image has had its turn, and a reconcile has looked at what is left. */
const atRest = async (story: Story): Promise<void> => {
  const end = story.time.now() + hours * 3_600_000;
  await story.after(3 * 3600);
  while (story.time.now() < end) {
    await story.after(10 * 60);
    const row = await story.row();
    const busy = [...story.statuses.values()].includes('RUNNING');
    if (!busy && row.lock.state === 'free' && row.next === null) return story.after(10 * 60);
  }
  throw new Error(`not at rest after ${hours} hours`);
};

/** Rule 10. */
const violated = async (story: Story): Promise<string[]> => {
  const found: string[] = [];
  const row = await story.row();
  const weights = story.weights();
  if (row.live === null) return ['nothing is live'];
  if (weights[row.live.slot] !== 100 || Object.values(weights).reduce((sum, one) => sum + one, 0) !== 100)
    found.push(`weights are ${JSON.stringify(weights)}, live is ${row.live.slot}`);
  const { release } = row.live;
  const running = story.running();
  if (running.length !== 4 || running.some((one) => one !== release))
    found.push(`runs ${JSON.stringify(running)}, live is ${release}`);
  const others = story.targets(row.live.slot === 'blue' ? 'green' : 'blue');
  if (others.length > 0) found.push(`the idle slot has ${others.length} targets`);
  return found;
};
