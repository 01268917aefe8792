/** A fleet that was there before: taken over, rolled, rolled back, and given back, without a failed request. */
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import type { Service } from '../../core/config/service.ts';
import { type Act, actText } from '../../core/fleet/adoption.ts';
import {
  adopt,
  type Configure,
  lookAtAdoption,
  previewUnadopt,
  unadoptFleet,
} from '../../pipeline/operations/adopt.ts';
import { createStory, releaseNamed, type Story } from '../build.ts';

const doing = { onAct: () => undefined, stopped: () => false };

/** Four instances in one group, one target group, one rule that leads there alone, an empty second group; it has served for a while. */
const serving = async (): Promise<Story> => {
  const story = await createStory({ existing: 4, schedule: true });
  await story.after(600);
  story.limits?.areFound('blue');
  before = story.cloud.traffic.totals().failed;
  return story;
};
let before = 0;
const failed = (story: Story): number => story.cloud.traffic.totals().failed - before;

const configure =
  ({ ledger, time }: Story): Configure =>
  async ({ add, remove }) => {
    const apply = (services: Service[]) =>
      ledger.applyConfiguration(services, { author: 'ada', commit: 'adopt', at: time.now() }).then(() => undefined);
    const known = await Promise.all((await ledger.services()).map((name) => ledger.configuration(name)));
    const was = known.filter((one) => one !== null);
    await apply([...was.filter(({ name }) => name !== remove), ...(add === undefined ? [] : [add])]);
    return () => apply(was);
  };

const membersOf = (story: Story): string[] => [
  ...(story.cloud.world.autoScalingGroups.get('shop-blue')?.members.keys() ?? []),
];

const sought = (story: Story) => ({ blue: story.service.slots.blue, green: 'shop-green' });

const look = async (story: Story) => {
  const adoption = await story.during(lookAtAdoption(story.ports(), story.service, sought(story)));
  if (!adoption.ok) throw new Error(adoption.problems.join('\n'));
  return adoption;
};
const takeOver = async (story: Story): Promise<Service> => {
  const adopted = await story.during(adopt(story.ports(), story.service, await look(story), configure(story), doing));
  // From here on the story speaks of the slots that there are.
  Object.assign(story.service, adopted);
  return adopted;
};

/** Everything about the account that adopting may change. */
const accountOf = ({ cloud: { world } }: Story): string =>
  inspect(
    {
      rules: [...world.rules.values()].map(({ arn, actions }) => [arn, actions]),
      targetGroups: [...world.targetGroups.keys()],
      tags: [...world.tags].filter(([, tags]) => Object.keys(tags).length > 0),
      groups: [...world.autoScalingGroups.values()].map(
        ({ name, targetGroups, tags, suspended, min, max, desired }) => [
          [name, targetGroups, tags, [...suspended], min, max, desired],
        ],
      ),
      instances: [...world.instances.keys()],
    },
    { depth: null, sorted: true, breakLength: 120 },
  );

it('a look changes nothing, and the plan says all that is done', async () => {
  const story = await serving();
  const was = accountOf(story);
  const { acts, live } = await look(story);
  expect(live).toBe('blue');
  expect(acts.map((act) => actText(act, story.service))[0]).toBe(
    'make the target group shop-green for green, like shop-blue',
  );
  expect(acts.map(({ kind }) => kind)).toContain('pair');
  expect(accountOf(story)).toBe(was);
});

it('adopted, rolled, failed, rolled back and given back, it answers every request', async () => {
  const story = await serving();
  const old = membersOf(story);
  await takeOver(story);
  expect((await story.row()).live).toMatchObject({ release: 'adopted', slot: 'blue' });
  await story.after(600);
  expect(story.weights()).toEqual({ blue: 100, green: 0 });
  expect(membersOf(story)).toEqual(old);

  const terminated: string[] = [];
  story.cloud.intercept((_service, command, _input, next) => {
    if (command === 'TerminateInstances') terminated.push(command);
    return next();
  });
  story.push('v1');
  await story.rest();
  expect((await story.row()).live).toMatchObject({ release: releaseNamed('v1'), slot: 'green' });
  expect(story.cloud.world.autoScalingGroups.get('shop-blue')?.desired).toBe(0);
  expect(terminated).toEqual([]);

  story.push('v2', { neverHealthy: true });
  await story.rest();
  expect((await story.rollouts())[0]?.outcome).toBe('failed');
  story.push('v3', { errorRate: 0 });
  await story.after(12 * 60);
  await story.during(story.abort('it looks wrong'));
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));

  const back = await story.during(previewUnadopt(story.ports(), story.service));
  if (!back.ok) throw new Error(back.problems.join('\n'));
  const running = story.running();
  await story.during(unadoptFleet(story.ports(), story.service, back, configure(story), doing));
  await story.after(900);
  expect(story.running()).toEqual(running);
  expect(await story.ledger.services()).toEqual([]);
  const [rule = ''] = story.service.rules;
  expect(story.cloud.world.rules.get(rule)?.actions).toMatchObject([
    { Type: 'forward', TargetGroupArn: story.service.slots.green },
  ]);
  expect(accountOf(story)).not.toContain('cutover:service');
  expect(failed(story)).toBe(0);
});

it('a rollout of an adopted group that fails leaves it as it was', async () => {
  const story = await serving();
  const members = membersOf(story);
  await takeOver(story);
  story.push('v1', { errorRate: 0.5 });
  await story.rest();
  expect((await story.row()).live).toMatchObject({ release: 'adopted', slot: 'blue' });
  expect(membersOf(story)).toEqual(members);
  expect(story.limits?.now().blue.min).toBe(2);
});

it('whatever of it fails, everything before is undone', async () => {
  const { acts } = await look(await serving());
  for (let index = 0; index <= acts.length; index++) {
    const story = await serving();
    const adoption = await look(story);
    const was = accountOf(story);
    let done = 0;
    const seen: [Act, boolean][] = [];
    const failing = {
      onAct: (act: Act, undone: boolean) => {
        seen.push([act, undone]);
      },
      stopped: () => done++ === index,
    };
    const broken: Configure = async () => {
      throw new Error('the ledger is away');
    };
    const tried = story.during(
      adopt(story.ports(), story.service, adoption, index === acts.length ? broken : configure(story), failing),
    );
    await expect(tried).rejects.toThrow(/everything is as it was$/);
    expect(seen.filter(([, undone]) => undone)).toHaveLength(index);
    expect(accountOf(story)).toBe(was);
    expect(await story.ledger.services()).toEqual([]);
    expect(await story.ledger.row('shop')).toBeNull();
  }
});

it('a call that AWS refuses half-way is undone as well, and said', async () => {
  const story = await serving();
  const was = accountOf(story);
  const adoption = await look(story);
  story.cloud.intercept((_service, command, _input, next) => {
    if (command === 'AttachLoadBalancerTargetGroups')
      throw Object.assign(new Error('User: ada is not authorized'), { name: 'AccessDenied', $fault: 'client' });
    return next();
  });
  const tried = story.during(adopt(story.ports(), story.service, adoption, configure(story), doing));
  await expect(tried).rejects.toThrow(/not authorized.*everything is as it was$/);
  expect(accountOf(story)).toBe(was);
});

it('giving back that fails leaves the service as it was', async () => {
  const story = await serving();
  await takeOver(story);
  await story.after(60);
  const was = accountOf(story);
  const back = await story.during(previewUnadopt(story.ports(), story.service));
  if (!back.ok) throw new Error(back.problems.join('\n'));
  story.cloud.intercept((_service, command, _input, next) => {
    if (command === 'RemoveTags') throw Object.assign(new Error('no'), { name: 'AccessDenied', $fault: 'client' });
    return next();
  });
  const tried = story.during(unadoptFleet(story.ports(), story.service, back, configure(story), doing));
  await expect(tried).rejects.toThrow(/everything is as it was$/);
  story.cloud.intercept(undefined);
  expect(accountOf(story)).toBe(was);
  expect(await story.ledger.services()).toEqual(['shop']);
  expect((await story.row()).live?.release).toBe('adopted');
});

it('in the middle of a rollout it is neither adopted nor given back', async () => {
  const story = await serving();
  await takeOver(story);
  story.push('v1');
  await story.after(120);
  expect(await story.during(previewUnadopt(story.ports(), story.service))).toMatchObject({ ok: false });
  expect(await story.during(lookAtAdoption(story.ports(), story.service, story.service.slots))).toMatchObject({
    ok: false,
    problems: [expect.stringContaining('is in a rollout')],
  });
});

it('what was given back can be adopted again', async () => {
  const story = await serving();
  await takeOver(story);
  const back = await story.during(previewUnadopt(story.ports(), story.service));
  if (!back.ok) throw new Error(back.problems.join('\n'));
  await story.during(unadoptFleet(story.ports(), story.service, back, configure(story), doing));
  const again = await story.during(lookAtAdoption(story.ports(), story.service, story.service.slots));
  expect(again).toMatchObject({ ok: true, live: 'blue' });
  if (again.ok) await story.during(adopt(story.ports(), story.service, again, configure(story), doing));
  story.push('v1');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  expect(failed(story)).toBe(0);
});
