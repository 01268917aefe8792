/** Instances and zones that are taken away, at rest and in the middle. */
import { describe, expect, it } from 'vitest';
import { canary } from '../../core/index.ts';
import { fleetOf, liveStory, releaseNamed, type Story } from '../build.ts';
import { alarm, moments } from './moments.ts';

const ofVersion = (story: Story, version: string) =>
  [...story.cloud.world.instances.values()].filter(
    ({ tags, state }) => tags['cutover:release'] === releaseNamed(version) && state === 'running',
  );
const failed = (story: Story): number => story.cloud.traffic.totals().failed;
const inTraffic = (story: Story, id = ''): boolean =>
  [...story.targets('blue'), ...story.targets('green')].includes(id);
const spot = { setUp: { spot: true } };

describe('a spot instance that EC2 takes back in two minutes', () => {
  it('gets no new request for most of them, at rest, and is replaced', async () => {
    const story = await liveStory({ schedule: true, ...spot });
    const before = failed(story);
    const [lost] = ofVersion(story, 'v1');
    story.cloud.interruptSpot(lost?.id ?? '');
    await story.after(20);
    expect(inTraffic(story, lost?.id)).toBe(false);
    expect(lost?.state).toBe('running');
    await story.after(15 * 60);
    expect(lost?.state).toBe('terminated');
    expect(ofVersion(story, 'v1')).toHaveLength(4);
    expect(failed(story)).toBe(before);
    expect((await story.events()).map(({ text }) => text)).toContainEqual(
      expect.stringContaining('is taken back by EC2 in two minutes: it gets no new requests'),
    );
  });

  it.each(['v1', 'v2'])(
    'in the middle of a rollout, one of %s, costs no request and holds nothing up',
    async (version) => {
      const story = await liveStory({ service: { strategy: canary([5, 50], { bake: '10 minutes' }) }, ...spot });
      const before = failed(story);
      story.push('v2');
      await story.after(12 * 60);
      expect((await story.row()).phase).toBe('shifting');
      story.cloud.interruptSpot(ofVersion(story, version)[0]?.id ?? '');
      await story.rest();
      expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
      expect(story.running()).toEqual(Array(4).fill(releaseNamed('v2')));
      expect(failed(story)).toBe(before);
    },
  );

  it('while it boots, in the middle of a rollout, gets no request at all', async () => {
    const story = await liveStory({ service: { strategy: canary([50], { bake: '5 minutes' }) }, ...spot });
    const before = failed(story);
    story.push('v2');
    await story.time.run({ done: () => inTraffic(story, ofVersion(story, 'v2')[0]?.id) });
    story.cloud.interruptSpot(ofVersion(story, 'v2')[0]?.id ?? '');
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
    expect(story.running()).toEqual(Array(4).fill(releaseNamed('v2')));
    expect(failed(story)).toBe(before);
  });

  it('serves to its end where nobody else is there to serve', async () => {
    const story = await liveStory({ service: { fleet: fleetOf(1) }, ...spot });
    const [only] = ofVersion(story, 'v1');
    story.cloud.interruptSpot(only?.id ?? '');
    await story.after(60);
    expect(inTraffic(story, only?.id)).toBe(true);
    expect((await story.events()).at(-1)?.text).toContain('is the last healthy one');
  });

  it('is nobody’s business where it belongs to nobody here', async () => {
    const story = await liveStory();
    const before = (await story.events()).length;
    const [subnet] = story.cloud.world.subnets.values();
    if (subnet === undefined) throw new Error('there is no subnet');
    const other = story.cloud.world.launch({
      ami: 'ami-0000000000000ba5e',
      subnet,
      spot: true,
      tags: {},
      clientToken: undefined,
    });
    await story.after(60);
    story.cloud.interruptSpot(other.id);
    await story.after(60);
    expect(await story.events()).toHaveLength(before);
  });
});

describe('while a person is asked', () => {
  it.each([
    ['waiting for approval', 'old', 3],
    ['paused', 'old', 1],
    ['paused', 'new', 1],
  ] as const)('%s, what the %s fleet loses is replaced', async (moment, which, lost) => {
    const service = { strategy: canary([50], { bake: '2 minutes' }), checks: { alarms: [alarm] } };
    const story = await liveStory({ schedule: true, service });
    const { plan } = await moments[moment].reach(story);
    const slot = plan?.[which].slot ?? 'blue';
    for (const id of story.targets(slot).slice(0, lost)) story.cloud.world.kill(id);
    await story.after(25 * 60);
    const serving = ofVersion(story, which === 'old' ? 'v1' : 'v2').filter(({ id }) => inTraffic(story, id));
    expect(serving).toHaveLength(4);
    await moments[moment].goOn?.(story);
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  });
});

describe('a zone that is lost', () => {
  it('at rest is made up for in the others', async () => {
    const story = await liveStory({ schedule: true });
    story.cloud.loseZone('eu-west-1a');
    await story.after(20 * 60);
    expect(ofVersion(story, 'v1')).toHaveLength(4);
    expect(ofVersion(story, 'v1').map(({ subnet }) => subnet.zone)).not.toContain('eu-west-1a');
  });

  it.each([6, 12, 33])('%i minutes into a rollout leaves one whole fleet of one release', async (minutes) => {
    const story = await liveStory({ schedule: true });
    story.push('v2');
    await story.after(minutes * 60);
    story.cloud.loseZone('eu-west-1b');
    await story.rest();
    await story.after(20 * 60);
    const row = await story.row();
    expect(story.running()).toEqual(Array(4).fill(row.live?.release));
    expect(story.weights()[row.live?.slot ?? '']).toBe(100);
    const [rollout] = await story.rollouts();
    if (rollout?.outcome !== 'live') expect(rollout?.reason).not.toBe('');
  });
});
