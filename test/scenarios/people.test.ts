/** What people do: ask for older releases, approve, reject, abort, redrive, start anew. */
import { expect, it } from 'vitest';
import { createStory, digestOf, liveStory, releaseNamed } from '../build.ts';

it('a person’s rollout of an older release is not undone by a late event (R6, P1)', async () => {
  const story = await createStory();
  story.push('v1');
  await story.rest();
  story.push('v2');
  await story.rest();
  expect((await story.during(story.roll('v1'))).state).toBe('started');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
});

it('A, then B, then A again ends with A (R6, P1)', async () => {
  const story = await createStory();
  story.push('v1');
  await story.rest();
  story.push('v2');
  await story.after(10 * 60);
  expect((await story.row()).phase).toBe('shifting');
  expect((await story.during(story.roll('v1'))).state).toBe('waiting');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  const outcomes = (await story.rollouts()).map(({ release, outcome }) => [release, outcome]);
  expect(outcomes).toContainEqual([releaseNamed('v2'), 'live']);
});

it('approval is waited for, and given (P14, P15)', async () => {
  const story = await createStory({ service: { approval: { within: '1 day' } } });
  story.push('v1');
  await story.after(40 * 60);
  expect((await story.row()).step).toBe(0);
  expect((await story.events()).some(({ kind }) => kind === 'waiting')).toBe(true);
  expect(await story.during(story.answer('approve'))).toBe(true);
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
});

it.each([
  ['an approval', 'v1', { approval: { within: '1 day' } }],
  ['an answer about a version without requests', 'v2', { checks: { decisions: { noTraffic: 'pause' } } }],
])('who is waited for hears of it once an hour: %s', async (_, version, service) => {
  const story = await (version === 'v1' ? createStory : liveStory)({ service, schedule: true });
  story.cloud.traffic.set(story.service.rules[0] as string, 0);
  const told = async () =>
    (await story.events()).flatMap(({ by, kind, text }) => (by === 'reconcile' && kind === 'waiting' ? [text] : []));
  story.push(version);
  await story.after(3.9 * 3600);
  expect(await told()).toEqual(
    [1, 2, 3].map((hours) => expect.stringContaining(`${version} has waited for an answer for ${hours} hour`)),
  );
  const { id = '' } = (await story.row()).question ?? {};
  expect((await told()).at(-1)).toContain(
    `traffic stays as it is: cutover approve shop --question ${id}, or cutover reject shop --question ${id}`,
  );
  await story.during(story.answer('reject'));
  const before = await told();
  await story.rest();
  expect(await told()).toEqual(before);
  story.close();
});

it('approval that is refused, or never given, ends the rollout before traffic (P15)', async () => {
  for (const reject of [true, false]) {
    const story = await createStory({ service: { approval: { within: '2 hours' } } });
    story.push('v1');
    await story.after(20 * 60);
    if (reject) await story.during(story.answer('reject', 'grace'));
    await story.rest();
    const [rollout] = await story.rollouts();
    expect(rollout?.outcome).toBe('failed');
    expect(rollout?.reason).toContain(reject ? 'rejected by grace' : 'nobody approved it');
    expect(story.running()).toEqual([]);
  }
});

it('an abort by hand puts everything back within seconds (R2, P8)', async () => {
  const story = await createStory();
  story.push('v1');
  await story.rest();
  story.push('v2');
  await story.after(15 * 60);
  expect(await story.during(story.abort('it looks wrong'))).toBeNull();
  const row = await story.row();
  expect(row.wanted.weights[row.live?.slot ?? 'blue']).toBe(100);
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  expect((await story.rollouts())[0]?.reason).toBe('it looks wrong');
});

it('a redrive of a failed rollout starts it over, once (R9, P5)', async () => {
  const story = await createStory();
  story.push('v1', { neverHealthy: true });
  await story.rest();
  story.machines.describe(story.reference('v1'), {});
  const name = `shop-${releaseNamed('v1')}-1`;
  story.cloud.machine.redrive(name);
  await story.rest();
  expect(story.statuses.get(name)).toBe('SUCCEEDED');
  expect((await story.row()).live).toMatchObject({ release: releaseNamed('v1'), attempt: 2 });
});

it('New execution in the console is a fresh attempt (R9, P5)', async () => {
  const story = await createStory();
  story.push('v1', { neverHealthy: true });
  await story.rest();
  story.machines.describe(story.reference('v1'), {});
  const input = JSON.stringify({ service: 'shop', release: releaseNamed('v1'), attempt: 1 });
  story.cloud.machine.start({ name: '4f1c2a9e-by-hand', input });
  await story.rest();
  expect(story.statuses.get('4f1c2a9e-by-hand')).toBe('SUCCEEDED');
  expect((await story.row()).live).toMatchObject({ release: releaseNamed('v1'), attempt: 2 });
});

it('a second execution of what already runs is told, and changes nothing (R1, P4)', async () => {
  const story = await createStory();
  story.push('v1');
  await story.after(4 * 60);
  const before = await story.row();
  story.cloud.machine.start({
    name: 'by-hand-too-early',
    input: JSON.stringify({ service: 'shop', release: releaseNamed('v1'), attempt: 1 }),
  });
  await story.after(20);
  expect(story.statuses.get('by-hand-too-early')).toBe('SUCCEEDED');
  expect((await story.row()).lock).toEqual(before.lock);
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
});

it('what a person asked for does not step aside for what a machine published (P9)', async () => {
  const story = await liveStory({ schedule: true });
  story.push('v2');
  await story.rest();
  await story.during(story.roll('v1'));
  await story.after(40);
  story.push('v3');
  await story.after(30 * 60);
  await story.rest();
  const asked = (await story.rollouts()).filter(({ release }) => release === releaseNamed('v1'));
  expect(asked.map(({ outcome }) => outcome)).toEqual(['live', 'live']);
  await story.after(3600);
  expect((await story.row()).live?.release).toBe(releaseNamed('v3'));
});

it('a rollout that began by itself does not step aside once a person has asked for it (P1, P9)', async () => {
  const story = await liveStory();
  story.push('v2');
  await story.after(20);
  expect((await story.during(story.roll('v2'))).state).toBe('merged');
  story.push('v3');
  await story.rest();
  const outcomes = (await story.rollouts()).map(({ release, outcome }) => [release, outcome]);
  expect(outcomes).toContainEqual([releaseNamed('v2'), 'live']);
});

it('what a person asked for and waits is not displaced by what is pushed meanwhile (P1)', async () => {
  const story = await liveStory({ schedule: true });
  story.push('v2');
  await story.after(10 * 60);
  expect((await story.during(story.roll('v1'))).state).toBe('waiting');
  story.push('v3');
  await story.after(3 * 3600);
  const live = (await story.events()).filter(({ kind, text }) => kind === 'finished' && text.includes('live'));
  expect(live.map(({ release }) => release).slice(-3)).toEqual(['v2', 'v1', 'v3'].map(releaseNamed));
  expect((await story.events()).find(({ kind }) => kind === 'refused')?.text).toMatch(/^not yet: v1 /);
});

it('another image whose digest begins like the live one’s is another release, and goes live', async () => {
  const story = await liveStory();
  const twin = digestOf('v1').replace(/0{40}$/, 'f'.repeat(40));
  const reference = story.reference('v1').replace(digestOf('v1'), twin);
  story.machines.describe(reference, {});
  await story.after(60);
  story.cloud.push('acme/shop', { digest: twin, tags: ['v1-again'] });
  await story.rest();
  expect((await story.row()).live).toMatchObject({ release: releaseNamed('v1'), attempt: 2, image: { reference } });
  expect(story.running()).toHaveLength(4);
});
