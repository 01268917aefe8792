/** `cutover init`: a first configuration that validates, from an account or from what is said; nothing is overwritten, and nothing half-known is written. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { textOf } from '../../cli/config/draft.ts';
import { observe } from '../../cli/config/rule-lookup.ts';
import { createStory, serviceOf } from '../build.ts';
import { cutover, folderWith, inside } from './command-line.ts';

const file = 'cutover.config.ts';
const arn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';
const rule = `${arn}:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee`;
const [blue, green] = ['blue', 'green'].map((slot) => `${arn}:targetgroup/shop-${slot}/6d0ecf831eec9f09`);
const fleet = { kind: 'groups', blue: 'shop-blue', green: 'shop-green', count: 4 };

test('a made-up one for the local cloud is valid', async () => {
  const cwd = folderWith();
  expect(await inside(cwd, 'init', 'shop', '--local')).toMatchObject({ code: 0, errors: '' });
  expect(await cutover(cwd, 'validate')).toMatchObject({ code: 0, output: `${file} is valid: 1 service (shop)\n` });
});

test('what options say is in it', async () => {
  const cwd = folderWith();
  const said = [
    ...['--image', 'ecr:acme/shop#release-*,v*', '--fleet', 'instances:shop,subnet-0a,subnet-0b,4'],
    ...['--rules', rule, '--slots', `${blue},${green}`, '--health', "/it's"],
  ];
  expect(await inside(cwd, 'init', 'my-shop', ...said)).toMatchObject({ code: 0, errors: '' });
  const text = readFileSync(join(cwd, file), 'utf8');
  for (const line of [
    "import { canary, defineServices, ecr, http, instances } from 'cutover';",
    "  'my-shop': {",
    "    image: ecr('acme/shop', { tags: ['release-*', 'v*'] }),",
    "    fleet: instances({ launchTemplate: 'shop', subnets: ['subnet-0a', 'subnet-0b'], count: 4 }),",
    `      '${rule}',`,
    "    checks: { smoke: [http.get('/it\\'s')] },",
  ])
    expect(text).toContain(`${line}\n`);
  expect(await cutover(cwd, 'validate')).toMatchObject({ code: 0 });
});

test.each<[string, string[], RegExp]>([
  ['nothing is said', [], /expected --image, --fleet, --rules, --slots, found nothing: give these options/],
  ['no such source', ['--image', 'docker:shop'], /expected where images come from, found docker:shop/],
  ['a fleet of neither kind', ['--fleet', 'groups:one'], /expected a fleet, found groups:one/],
  ['no rule', ['--rules', 'arn:aws:s3:::x'], /expected listener rules' ARNs/],
  ['one slot', ['--slots', 'arn:x'], /expected two target groups/],
  [
    'what does not validate',
    ['--image', 'ecr:shop', '--fleet', 'groups:a,b', '--rules', rule, '--slots', 'a,b'],
    /shop\.slots\.blue: expected a target group's ARN/,
  ],
])('%s: one line, and no file', async (_, args, line) => {
  const cwd = folderWith();
  const { code, errors } = await inside(cwd, 'init', 'shop', ...args);
  expect({ code, errors }).toEqual({ code: 2, errors: expect.stringMatching(line) });
  expect(existsSync(join(cwd, file))).toBe(false);
});

test('what is there is not overwritten', async () => {
  const cwd = folderWith({ [file]: 'mine' });
  expect(await inside(cwd, 'init', 'shop', '--local')).toMatchObject({
    code: 2,
    errors: expect.stringContaining(`there is a ${file} already`),
  });
  expect(readFileSync(join(cwd, file), 'utf8')).toBe('mine');
});

test('an account with both groups and target groups says all but the image', async () => {
  const story = await createStory({ service: { fleet } });
  const { service } = story;
  const [found] = service.rules;
  const { draft, notes } = await story.during(observe(story.ports().inspection, found ?? '', 'shop'));
  expect(notes).toEqual([]);
  expect(draft).toMatchObject({
    fleet: { kind: 'groups', blue: 'shop-blue', green: 'shop-green' },
    rules: service.rules,
    slots: service.slots,
    health: '/health',
    image: { kind: 'ami', name: 'base' },
  });
});

test('of one group and one target group it says what is to be made', async () => {
  const story = await createStory({ service: { fleet }, existing: 4 });
  const [found = ''] = serviceOf({ fleet }).rules;
  story.cloud.makeAmi({ id: 'ami-0123456789abcdef0', name: 'shop-2026-11-28.42' });
  for (const template of story.cloud.world.templates.values())
    for (const version of template.versions) version.ami = 'ami-0123456789abcdef0';
  const { draft, notes } = await story.during(observe(story.ports().inspection, found, 'shop'));
  expect(draft).toMatchObject({
    fleet: { kind: 'groups', blue: 'shop-blue', green: 'shop-green' },
    slots: { blue: story.service.slots.blue, green: 'shop-green' },
    image: { kind: 'ami', name: 'shop-*' },
  });
  expect(notes).toEqual([
    expect.stringContaining('`cutover adopt shop` makes shop-green'),
    expect.stringContaining('no Auto Scaling group shop-green yet'),
  ]);
  const cwd = folderWith();
  const { image } = draft;
  if (image === null) throw new Error('no image was found');
  writeFileSync(join(cwd, file), textOf({ ...draft, image }, notes));
  // The second slot is a name still: adopt takes it, everything else asks for an ARN.
  expect((await cutover(cwd, 'validate')).errors).toMatch(/^cutover: cutover\.config\.ts: shop\.slots\.green: .*\n$/);
});

test('a rule that leads nowhere is said to', async () => {
  const story = await createStory({ service: { fleet } });
  const [found = ''] = story.service.rules;
  story.cloud.editRule(found, [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }]);
  await expect(story.during(observe(story.ports().inspection, found, 'shop'))).rejects.toThrow(
    /forwards to no target group: name a rule that does/,
  );
});
