/** What wakes the pipeline, what it refuses, and what reconcile finds that no event told. */
import { expect, it } from 'vitest';
import { eventKinds } from '../../core/release/event-kinds.ts';
import type { HistoryEvent } from '../../core/release/history.ts';
import { createStory, digestOf, releaseNamed, type Story, triggers } from '../build.ts';

const image = (results: unknown) => results as { service: string | null; result: { state: string; reason: string } }[];

const pushEvent = (version: string, detail: Record<string, unknown> = {}) => ({
  version: '0',
  id: '13cde686-328b-6117-af20-0e5566167482',
  'detail-type': 'ECR Image Action',
  source: 'aws.ecr',
  account: '111122223333',
  time: '2026-01-05T09:00:00Z',
  region: 'eu-west-1',
  resources: [],
  detail: {
    result: 'SUCCESS',
    'repository-name': 'acme/shop',
    'image-digest': digestOf(version),
    'action-type': 'PUSH',
    'image-tag': version,
    ...detail,
  },
});

it('starts no execution for an event without an image, or of a vanished or older one (R6, P1)', async () => {
  const story = await createStory();
  const ask = async (event: unknown) => image(await story.during(story.cloud.invoke('on-image', event)));
  story.push('v0');
  await story.rest();
  story.push('v1');
  await story.rest();
  const started = story.statuses.size;
  const reasons: [unknown, string][] = [
    [{ hello: 'world' }, 'not an image'],
    [pushEvent('v3', { 'action-type': 'DELETE' }), 'not an image'],
    [pushEvent('v3', { 'repository-name': 'somebody/else' }), "nobody's"],
    [pushEvent('v3', { 'image-tag': 'nightly' }), "nobody's"],
    [pushEvent('v3'), 'vanished'],
    [pushEvent('v1'), 'live already'],
    [pushEvent('v0'), 'older'],
  ];
  for (const [event, reason] of reasons) {
    const [result] = await ask(event);
    expect(result?.result.state).toBe('refused');
    expect(result?.result.reason).toContain(reason);
  }
  expect(story.statuses.size).toBe(started);
});

it('does not start again by itself what failed before, but does when a person asks (R6)', async () => {
  const story = await createStory();
  story.push('v1', { neverHealthy: true });
  await story.rest();
  const [again] = image(await story.during(story.cloud.invoke('on-image', pushEvent('v1'))));
  expect(again?.result.reason).toContain('failed before');
  story.machines.describe(story.reference('v1'), {});
  await story.during(story.roll('v1'));
  await story.rest();
  expect((await story.row()).live).toMatchObject({ release: releaseNamed('v1'), attempt: 2 });
});

it('an event that comes twice starts one execution (R5, P2)', async () => {
  const story = await createStory();
  story.push('v1');
  await story.during(story.cloud.invoke('on-image', pushEvent('v1')));
  await story.during(story.cloud.invoke('on-image', pushEvent('v1')));
  await story.rest();
  expect(story.statuses.size).toBe(1);
});

it('an image that vanishes before it is admitted is refused by the same function (R6, P13)', async () => {
  const story = await createStory();
  story.cloud.intercept(async (service, command, _input, next) => {
    const answer = await next();
    if (service === 'sfn' && command === 'StartExecution') story.cloud.world.repositories.set('acme/shop', []);
    return answer;
  });
  story.push('v1');
  await story.rest();
  const [rollout] = await story.rollouts();
  expect(rollout?.outcome).toBe('refused');
  expect(rollout?.reason).toContain('vanished');
  expect(story.statuses.get(`shop-${releaseNamed('v1')}-1`)).toBe('SUCCEEDED');
});

it('of a burst before traffic the newest goes live and the others are recorded (R6, P1, P9)', async () => {
  const story = await createStory();
  story.push('v1');
  await story.rest();
  for (let n = 2; n <= 20; n++) {
    story.push(`v${n}`);
    await story.after(2);
  }
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v20'));
  const outcomes = new Map((await story.rollouts()).map(({ release, outcome }) => [release, outcome]));
  for (let n = 2; n < 20; n++) expect(outcomes.get(releaseNamed(`v${n}`)), `v${n}`).toBe('superseded');
});

it('what is published while traffic moves waits, and goes live afterwards (R6, P1)', async () => {
  const story = await createStory();
  story.push('v1');
  await story.rest();
  story.push('v2');
  await story.after(15 * 60);
  story.push('v3');
  await story.rest();
  const outcomes = (await story.rollouts()).map(({ release, outcome }) => [release, outcome]);
  expect(outcomes).toContainEqual([releaseNamed('v2'), 'live']);
  expect((await story.row()).live?.release).toBe(releaseNamed('v3'));
});

it('reconcile finds the image whose event was lost (R1, R6)', async () => {
  const story = await createStory({ schedule: true });
  let lost = 0;
  story.cloud.intercept((service, command, input, next) => {
    if (service !== 'eventbridge' || command !== 'Deliver' || !JSON.stringify(input).includes('ECR Image Action'))
      return next();
    lost++;
    return Promise.resolve(undefined);
  });
  story.push('v1');
  await story.after(60 * 60);
  expect(lost).toBe(1);
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
});

it('reconcile restores edited weights and replaces instances that died at rest (R10, P20)', async () => {
  const story = await createStory();
  story.push('v1');
  await story.rest();
  await story.after(120);
  const rule = story.service.rules[0] as string;
  const { blue, green } = story.service.slots;
  story.cloud.editRule(rule, [
    {
      Type: 'forward',
      Order: 1,
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: blue, Weight: 50 },
          { TargetGroupArn: green, Weight: 50 },
        ],
        TargetGroupStickinessConfig: { Enabled: false },
      },
    },
  ]);
  const [first] = [...story.cloud.world.instances.keys()];
  story.cloud.world.kill(first as string);
  await story.after(30);
  await story.during(story.cloud.invoke('reconcile', {}));
  await story.after(120);
  const { live } = await story.row();
  expect(story.weights()).toEqual({ blue: live?.slot === 'blue' ? 100 : 0, green: live?.slot === 'green' ? 100 : 0 });
  expect(story.running()).toHaveLength(4);
});

it('a slot that a rule outside the configuration leads to is refused at admission (R7)', async () => {
  const story = await createStory();
  const [rule = ''] = story.service.rules;
  const { world } = story.cloud;
  const stray = rule.replace(/[^/]+$/, '0stray0000000000');
  world.rules.set(stray, { ...(world.rules.get(rule) as NonNullable<ReturnType<typeof world.rules.get>>), arn: stray });
  story.push('v1');
  await story.rest();
  const [rollout] = await story.rollouts();
  expect(rollout?.outcome).toBe('refused');
  expect(rollout?.reason).toContain('0stray0000000000 leads to a slot of shop and is not among its rules');
  expect(story.running()).toEqual([]);
});

it('a login in front of the forward action, and the rest of the rule, stay as they are (R7)', async () => {
  const story = await createStory();
  const rule = story.service.rules[0] as string;
  story.cloud.addLogin(rule);
  story.push('v1');
  await story.rest();
  story.push('v2');
  await story.rest();
  const actions = story.cloud.world.rules.get(rule)?.actions ?? [];
  expect(actions.map(({ Type, Order }) => [Type, Order])).toEqual([
    ['authenticate-oidc', 1],
    ['forward', 2],
  ]);
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});

const sources: { kind: string; image: Record<string, unknown>; publish: (story: Story) => void; reference: string }[] =
  [
    {
      kind: 'an AMI',
      image: { kind: 'ami', name: 'shop-*', owner: 'self' },
      publish: ({ cloud }) => cloud.makeAmi({ id: 'ami-0123456789abcdef0', name: 'shop-1' }),
      reference: 'ami-0123456789abcdef0',
    },
    {
      kind: 'an Image Builder build',
      image: { kind: 'imageBuilder', arn: 'arn:aws:imagebuilder:eu-west-1:111122223333:image/shop' },
      publish: ({ cloud }) =>
        cloud.build({
          arn: 'arn:aws:imagebuilder:eu-west-1:111122223333:image/shop/1.0.0/1',
          ami: 'ami-0123456789abcdef1',
        }),
      reference: 'ami-0123456789abcdef1',
    },
    {
      kind: 'a parameter that names an AMI',
      image: { kind: 'parameter', name: '/shop/ami' },
      publish: ({ cloud }) => {
        cloud.makeAmi({ id: 'ami-0123456789abcdef2', name: 'whatever' });
        cloud.putParameter('/shop/ami', 'ami-0123456789abcdef2');
      },
      reference: 'ami-0123456789abcdef2',
    },
  ];

for (const { kind, image: source, publish, reference } of sources)
  it(`${kind} goes live by its own event, and the instances run it`, async () => {
    const story = await createStory({ service: { image: source } });
    publish(story);
    await story.rest();
    expect((await story.row()).live?.image.reference).toBe(reference);
    const running = [...story.cloud.world.instances.values()].filter(({ state }) => state === 'running');
    expect(running.map((instance) => instance.image)).toEqual(Array(4).fill(reference));
  });

/** Fields that an event has and its kind does not document. */
const undocumented = ({ kind, data = {} }: HistoryEvent): string[] =>
  Object.keys(data).flatMap((field) => (field in eventKinds[kind].data ? [] : [`${kind}.${field}`]));

it('every event has the fields that its kind documents, and no others', async () => {
  const good = await createStory({ service: { approval: { within: '1 day' }, checks: { smoke: [{ path: '/' }] } } });
  good.push('v1');
  await good.after(40 * 60);
  await good.during(good.answer('approve'));
  await good.rest();
  good.push('v2', { neverHealthy: true });
  await good.rest();
  for (const version of ['v3', 'v4', 'v5']) {
    good.push(version);
    await good.after(10);
  }
  await good.during(good.abort('not this one'));
  await good.rest();
  await good.during(good.cloud.invoke('on-image', pushEvent('v2')));
  const observing = await createStory({ service: { mode: 'observe' } });
  observing.push('v1');
  await observing.after(10 * 60);
  const events = [...(await good.events()), ...(await observing.events())];
  const kinds = new Set(events.map(({ kind }) => kind));
  for (const kind of ['published', 'superseded', 'refused', 'shifted', 'judged', 'aborted', 'evidence', 'observed'])
    expect(kinds).toContain(kind);
  expect(events.flatMap(undocumented)).toEqual([]);
  const shown = Object.entries(eventKinds).map(
    ([kind, { example }]) => ({ kind, ...example }) as unknown as HistoryEvent,
  );
  expect(shown.flatMap(undocumented)).toEqual([]);
});

it('an image is taken by the tags that its registry shows, not by the tag that an event says', async () => {
  const story = await createStory();
  story.push('v1');
  await story.rest();
  story.cloud.push('acme/shop', { digest: digestOf('dev'), tags: ['dev-9'] });
  await story.after(60);
  const forged = pushEvent('dev', { 'image-tag': 'v9' });
  const [answer] = image(await story.during(story.cloud.invoke('on-image', forged)));
  expect(answer?.result.reason).toMatch(/^vanished: sha256:\w+ does not exist \(any more\) in .* \(tags v\*\)$/);
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  expect((await story.events()).find(({ kind }) => kind === 'refused')?.text).toBe(answer?.result.reason);
});

it('an event of another account wakes nothing', async () => {
  const story = await createStory();
  const waking = triggers.flatMap(({ pattern }) => (pattern === undefined ? [] : [pattern as { account?: string[] }]));
  expect(waking.map(({ account }) => account)).toEqual(waking.map(() => [`\${account}`]));
  story.close();
});

it('an instance that an event alone says is taken back goes on serving', async () => {
  for (const spot of [false, true]) {
    const story = await createStory({ setUp: { spot } });
    story.push('v1');
    await story.rest();
    const slot = (await story.row()).live?.slot ?? 'blue';
    const serving = story.targets(slot);
    const forged = { detail: { 'instance-id': serving[0], 'instance-action': 'terminate' } };
    const said = await story.during(story.cloud.invoke('on-interruption', forged));
    expect(said).toMatchObject({ service: 'shop', result: expect.stringContaining('it stays in traffic') });
    expect(story.targets(slot)).toEqual(serving);
    expect((await story.events()).at(-1)).toMatchObject({ kind: 'problem', by: 'on-interruption' });
  }
});

const registryOf = (host: string) => `${host}/acme/shop`;
const plain = registryOf('111122223333.dkr.ecr.eu-west-1.amazonaws.com');
const written: [what: string, value: string, refused: string | null][] = [
  ['a tag beside the digest', `${plain}:p2@${digestOf('p2')}`, null],
  ['the dual-stack endpoint', `${registryOf('111122223333.dkr-ecr.eu-west-1.on.aws')}@${digestOf('p2')}`, null],
  ['the FIPS endpoint', `${registryOf('111122223333.dkr.ecr-fips.eu-west-1.amazonaws.com')}@${digestOf('p2')}`, null],
  ['another region', `${registryOf('111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu')}@${digestOf('p2')}`, 'eusc-de'],
  [
    'another account',
    `${registryOf('999922223333.dkr.ecr.eu-west-1.amazonaws.com')}@${digestOf('p2')}`,
    '999922223333',
  ],
  ['another registry', `ghcr.io/acme/shop@${digestOf('p2')}`, 'neither the id of an AMI nor an image in ECR'],
  ['a tag alone', `${plain}:p2`, 'it has no digest'],
  ['a digest that was never pushed', `${plain}@${digestOf('p9')}`, 'there is no such image'],
  ['a repository that is not there', `nowhere@${digestOf('p2')}`, 'RepositoryNotFoundException'],
  ['nothing', '', 'it is empty'],
];

it.each(written)('a parameter with %s is read, or refused on record once with its value', async (_, value, refused) => {
  const story = await createStory({ schedule: true, service: { image: { kind: 'parameter', name: '/shop/image' } } });
  for (const version of ['p1', 'p2']) story.cloud.push('acme/shop', { digest: digestOf(version), tags: [version] });
  story.cloud.putParameter('/shop/image', `${plain}@${digestOf('p1')}`);
  await story.rest();
  story.cloud.putParameter('/shop/image', value);
  await story.after(3600);
  expect((await story.row()).live?.release).toBe(releaseNamed(refused === null ? 'p2' : 'p1'));
  const told = (await story.events()).filter(({ kind }) => kind === 'refused');
  expect(told.map(({ text }) => text)).toEqual(
    refused === null ? [] : [expect.stringContaining(`the parameter /shop/image holds "${value}": `)],
  );
  if (refused !== null) expect(told[0]?.text).toContain(refused);
});
