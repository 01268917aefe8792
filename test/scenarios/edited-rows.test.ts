/** Somebody who can write the ledger edits a row so that it names what they want launched: nothing of it is, and the history says so. */
import { expect, it } from 'vitest';
import type { Image } from '../../core/basics/image.ts';
import type { Live, Row } from '../../core/protocol/row.ts';
import { createStory, digestOf, fleetOf, kind, liveStory, releaseNamed, type Story, serviceOf } from '../build.ts';
import { expectAtRest, reach, until } from './at-rest.ts';

const evil = /evil/;
const planted = { id: 'lt-0evil000000000000', version: '1', types: ['m7g.large'] };
const ami: { release: string; image: Image } = {
  release: '0evil00000000000a',
  image: { reference: 'ami-0evil00000000000a', ami: 'ami-0evil00000000000a', label: 'v1' },
};
const elsewhere = (version: string): Image => ({ reference: `evil.example/shop@${digestOf(version)}`, label: version });

/** Past the protocol. */
const edit = async ({ store }: Story, change: (row: Row) => Row): Promise<void> => {
  const key = { pk: 'service#shop', sk: 'row' };
  const item = await store.get(key.pk, key.sk);
  const value = change(structuredClone(item?.value) as Row);
  expect(await store.write([{ ...key, value, when: item?.version ?? 'absent' }])).toBe('written');
};
const editLive = (story: Story, change: Partial<Live>) =>
  edit(story, (row) => ({ ...row, live: { ...(row.live as Live), ...change } }));

/** Whatever is launched, or would be launched by a group, with anything planted in it. */
const foreignLaunches = (story: Story): string[] => {
  const sent: string[] = [];
  story.cloud.intercept((_service, command, input, next) => {
    const launches = /^(RunInstances|CreateLaunchTemplateVersion|UpdateAutoScalingGroup)$/.test(command);
    if (launches && evil.test(JSON.stringify(input))) sent.push(`${command} ${JSON.stringify(input)}`);
    return next();
  });
  return sent;
};

const problems = async (story: Story): Promise<string[]> =>
  (await story.events()).filter(({ kind: said }) => said === 'problem').map(({ text }) => text);

const loseOne = async (story: Story): Promise<void> => {
  const [first] = story.targets((await story.row()).live?.slot ?? 'blue');
  const instance = story.cloud.world.instances.get(first ?? '');
  if (kind === 'instances' && instance !== undefined) story.cloud.world.terminate(instance);
  else {
    // A stranger's version in the group: reconcile corrects it, from what the row names.
    const slot = (await story.row()).live?.slot ?? 'blue';
    const group = story.cloud.world.autoScalingGroups.get(`shop-${slot}`);
    story.cloud.changeGroup(`shop-${slot}`, { template: { ...(group?.template as object), version: '1' } as never });
  }
};

it.each<[string, Partial<Live>]>([
  ['launch template', { template: planted }],
  ['pinned AMI', { template: { id: 'lt-0shop0000000000', version: '1', types: [], image: 'ami-0evil' } }],
  ['AMI', ami],
  ['registry', { image: elsewhere('v1') }],
  ['attempt, and with it the launch template', { attempt: 0, template: planted }],
  ['attempt to one that never was', { attempt: 77, template: planted }],
])('a live fleet whose row names another %s launches nothing, until the row is mended', async (_, change) => {
  const story = await liveStory({ schedule: true });
  const before = structuredClone(await story.row());
  const sent = foreignLaunches(story);
  await editLive(story, change);
  await loseOne(story);
  await story.after(1200);
  expect(sent).toEqual([]);
  expect(await problems(story)).toEqual(expect.arrayContaining([expect.stringContaining('nothing is launched for')]));
  await edit(story, () => before);
  await story.after(1200);
  await expectAtRest(story, 'v1');
  expect(sent).toEqual([]);
  story.close();
});

const withImage = (row: Row, { release, image }: { release: string; image: Image }): Row => ({
  ...row,
  plan: row.plan && { ...row.plan, release, image },
  lock: { ...row.lock, ...(row.lock.state !== 'free' && { publication: { ...row.lock.publication, release, image } }) },
});
const inPlan = (row: Row, change: Partial<NonNullable<Row['plan']>>): Row => ({
  ...row,
  plan: row.plan && { ...row.plan, ...change },
});
const evilService = serviceOf({
  fleet:
    kind === 'groups'
      ? { ...fleetOf(4), green: 'evil-green', blue: 'evil-blue' }
      : { ...fleetOf(4), subnets: ['subnet-evil'] },
});

it.each<[string, (row: Row) => Row]>([
  ['launch template', (row) => inPlan(row, { template: planted })],
  ['AMI', (row) => withImage(row, ami)],
  ['registry', (row) => withImage(row, { release: releaseNamed('v2'), image: elsewhere('v2') })],
  ['fleet', (row) => inPlan(row, { configuration: evilService })],
])('a rollout whose row names another %s stands still, and goes on once the row is mended', async (_, change) => {
  const story = await createStory({ schedule: true });
  story.push('v1');
  await story.rest();
  const sent = foreignLaunches(story);
  // It waits until nothing of the last rollout acts any more.
  story.push('v2');
  const before = structuredClone(await until(story, 'held', ({ lock }) => lock.state === 'held'));
  const serving = { weights: story.weights(), running: story.running() };
  await edit(story, change);
  await story.after(900);
  expect(sent).toEqual([]);
  expect({ weights: story.weights(), running: story.running() }).toEqual(serving);
  const told = (await story.ledger.history('shop')).filter(({ kind: said }) => said === 'problem');
  expect(told.map(({ text }) => text).join()).toMatch(/the plan in the row of shop is not the one that was admitted: /);
  await edit(story, () => before);
  await story.rest();
  expect(sent).toEqual([]);
  expect((await story.row()).live?.release).toMatch(new RegExp(`${releaseNamed('v1')}|${releaseNamed('v2')}`));
  story.close();
});

it('a reservation whose row names another AMI than its image is refused at admission', async () => {
  const story = await liveStory();
  const sent = foreignLaunches(story);
  story.push('v2');
  await until(story, 'reserved', ({ lock }) => lock.state !== 'free');
  await story.rest();
  await reach(story, 'free');
  await edit(story, (row) => ({
    ...row,
    lock: {
      state: 'reserved',
      publication: {
        ...ami,
        image: { ...ami.image, reference: story.reference('v2') },
        attempt: 1,
        order: story.time.now(),
        asked: true,
        by: 'ada',
      },
    },
  }));
  await story.during(story.cloud.invoke('reconcile', {}));
  await story.rest();
  expect(sent).toEqual([]);
  await expectAtRest(story, 'v2');
  expect((await story.rollouts())[0]).toMatchObject({
    outcome: 'refused',
    reason: expect.stringContaining('vanished'),
  });
  story.close();
});
