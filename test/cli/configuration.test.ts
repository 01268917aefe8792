/** Reading a configuration: wherever it lies, and whatever is wrong with it. */
import { expect, test } from 'vitest';
import { cutover, folderWith, shop } from './command-line.ts';

/** What `cutover validate` says of a file. */
const validated = (text: string) => cutover(folderWith({ 'cutover.config.ts': text }), 'validate');

test('a configuration is read where the package is not installed beside it', async () => {
  expect(await validated(shop)).toEqual({
    code: 0,
    output: 'cutover.config.ts is valid: 1 service (shop)\n',
    errors: '',
  });
});

test('with a traffic it says what each policy can see at it', async () => {
  const cwd = folderWith({ 'cutover.config.ts': shop });
  const { code, output } = await cutover(cwd, 'validate', '--traffic', '800rpm');
  expect(code).toBe(0);
  expect(output).toMatch(
    /^shop at 800rpm:\n {2}Statistical power at this traffic: .+\n {4}error rate +50 % step\n {4}1 % +\d/m,
  );
  expect((await cutover(cwd, 'validate', '--traffic', 'much')).errors).toContain('expected requests like 800rpm');
});

test('ten mistakes are ten lines', async () => {
  const { code, output, errors } = await validated(`
    import { defineServices } from 'cutover';
    export default defineServices({
      Shop: {
        image: { kind: 'ecr', repository: 'Acme Shop', tags: [] },
        fleet: { kind: 'instances', launchTemplate: 'shop', subnets: 'subnet-0a', count: 0 },
        rules: ['not an arn'],
        slots: { blue: 'b' },
        growth: 'sometimes',
        timing: { period: 'soon' },
      },
    });`);
  expect(code).toBe(2);
  expect(output).toBe('');
  const lines = errors.trimEnd().split('\n');
  expect(lines).toHaveLength(10);
  for (const line of lines) expect(line).toMatch(/^cutover: cutover\.config\.ts: Shop\S*: expected .+, found .+$/);
});

test.each([
  ['throws', 'throw new Error("no account");\nexport default {};', /cannot be read \(line 1\): no account$/],
  ['has no default export', 'export const services = {};', /has no default export: expected export default/],
  ['is no TypeScript', 'export default {{', /cannot be read.*: .+$/],
  [
    'imports what is not there',
    "import 'nowhere';\nexport default {};",
    /cannot be read.*Cannot find package 'nowhere'/,
  ],
])('a configuration that %s is one clear line', async (_, text, line) => {
  const { code, output, errors } = await validated(text);
  expect(code).toBe(2);
  expect(output).toBe('');
  expect(errors.trimEnd()).toMatch(line);
  expect(errors.trimEnd().split('\n')).toHaveLength(1);
});

test('a slot that names a target group without an ARN is told of adopt', async () => {
  const { code, errors } = await validated(shop.replace(/green: '[^']+'/, "green: 'shop-green'"));
  expect(code).toBe(2);
  expect(errors).toMatch(
    /^cutover: .*: shop\.slots\.green: expected a target group's ARN like .*, found "shop-green"; /,
  );
  expect(errors).toContain('`cutover adopt shop --write` makes it and writes its ARN here');
});

test('no configuration at all is one clear line', async () => {
  const cwd = folderWith();
  const { code, errors } = await cutover(cwd, 'local', 'up');
  expect(code).toBe(2);
  expect(errors).toBe(
    `cutover: there is no cutover.config.ts in ${cwd}: \`cutover init <service> --local\` writes one for this machine; or name another file\n`,
  );
});

test('the plan shows steps, deadlines, what aborts, and every default', async () => {
  const { code, output } = await cutover(folderWith({ 'cutover.config.ts': shop }), 'plan', 'shop');
  expect(code).toBe(0);
  expect(output).toMatch(/timing\.period +1 second$/m);
  expect(output).toMatch(/checks\.errorRate\.atMost +default +1 %$/m);
  expect(output).toMatch(/1 +50 % +1 hour +1 +1 +1 +2 +1$/m);
  expect(output).toContain('ready within 10 seconds');
  expect(output).toContain("more than 1 % of the new version's requests fail");
});

test('with --json the plan is JSON and nothing else', async () => {
  const { output } = await cutover(folderWith({ 'cutover.config.ts': shop }), 'plan', 'shop', '--json');
  expect(JSON.parse(output)).toMatchObject({
    service: 'shop',
    plan: { steps: [{ weight: 50 }, { weight: 100 }] },
    underWay: null,
  });
});

test('a mistyped service suggests the nearest', async () => {
  const { code, errors } = await cutover(folderWith({ 'cutover.config.ts': shop }), 'plan', 'shpo');
  expect(code).toBe(2);
  expect(errors).toBe('cutover: there is no service shpo; did you mean shop?\n');
});
