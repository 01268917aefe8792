/** What runs on an instance: the release of its own tag, by digest, until it is told to stop. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test as one } from 'vitest';
import { parse } from 'yaml';
import { registryHost } from '../../core/release/ecr-reference.ts';
import { boot, type FakeInstance, type Running, secret } from './fake-instance.ts';
import { folder, userData } from './user-data.ts';

/** They wait more than they work. */
const test = one.concurrent;

const digest = `sha256:${'a1'.repeat(32)}`;
const ecr = `111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme/shop@${digest}`;
const tagged = (image: string): FakeInstance => ({ tags: { 'cutover:image': image, 'cutover:service': 'shop' } });

const answered = async ({ url, says }: Running): Promise<string> => {
  await says(/listens/);
  return (await fetch(url)).text();
};
const stopped = ({ child, ended }: Running) => {
  child.kill('SIGTERM');
  return ended;
};

describe('an instance', () => {
  test('pulls the image of its tag by its digest and runs it', async () => {
    const instance = await boot(tagged(ecr));
    expect(await answered(instance)).toBe(ecr);
    const calls = instance.calls();
    expect(calls).toContain(`docker pull --quiet ${ecr}`);
    expect(calls.find((call) => call.startsWith('docker run'))).toMatch(new RegExp(`--publish .* ${ecr}$`));
    expect((await stopped(instance)).code).toBe(0);
  });

  test('logs in to its registry by stdin, and the password is nowhere else', async () => {
    const instance = await boot(tagged(ecr));
    await answered(instance);
    expect(instance.password()).toBe(secret);
    expect(instance.calls()).toContain('aws ecr get-login-password --region eu-west-1');
    const { output, console } = await stopped(instance);
    expect(`${instance.calls().join('\n')}${output}${console}`).not.toContain(secret);
  });

  test.each([
    ['111122223333.dkr-ecr.eu-west-1.on.aws', 'eu-west-1'],
    ['111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ...['cn-north-1', 'eusc-de-east-1', 'us-iso-east-1', 'us-isob-east-1', 'ap-southeast-2'].map((region) => [
      registryHost('111122223333', region),
      region,
    ]),
    ['111122223333.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn', 'cn-north-1'],
  ])('logs in to %s in its region', async (host, region) => {
    const instance = await boot(tagged(`${host}/acme/shop@${digest}`));
    await answered(instance);
    expect(instance.calls()).toContain(`aws ecr get-login-password --region ${region}`);
    expect(instance.calls().some((call) => call.includes('docker login') && call.endsWith(host))).toBe(true);
  });

  test('takes an image of another registry as its own docker has it', async () => {
    const other = `registry.example.com:5000/acme/shop@${digest}`;
    const instance = await boot(tagged(other), { CUTOVER_REGISTRIES: 'ghcr.io/acme registry.example.com:5000' });
    expect(await answered(instance)).toBe(other);
    expect(instance.calls().filter((call) => /^aws|docker login/.test(call))).toEqual([]);
  });

  test('gives its program neither capabilities nor new privileges, and a read-only root', async () => {
    const instance = await boot(tagged(ecr));
    await answered(instance);
    const [, , ...given] =
      instance
        .calls()
        .find((call) => call.startsWith('docker run'))
        ?.split(' ') ?? [];
    const after = (name: string) => given[given.indexOf(name) + 1];
    expect(['--cap-drop', '--security-opt', '--pids-limit', '--tmpfs'].map(after)).toEqual([
      'ALL',
      'no-new-privileges',
      '4096',
      '/tmp',
    ]);
    expect(given).toContain('--read-only');
    expect(given).not.toContain('--cap-add');
    const [, machine = ''] = /^MemTotal: +(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
    expect(after('--memory')).toBe(`${Math.floor(Number(machine) * 0.8)}k`);
  });

  test('gives it more where its settings say so', async () => {
    const more = { CUTOVER_CAPABILITIES: 'CHOWN SETUID', CUTOVER_WRITABLE: 'yes', CUTOVER_MEMORY: '1g' };
    const instance = await boot(tagged(ecr), more);
    await answered(instance);
    const run = instance.calls().find((call) => call.startsWith('docker run'));
    expect(run).toContain('--memory 1g --cap-add CHOWN --cap-add SETUID');
    expect(run).not.toContain('--read-only');
  });

  test('has credentials of other registries from its settings', async () => {
    const given = join(mkdtempSync(join(tmpdir(), 'cutover-docker-')), 'docker.json');
    writeFileSync(given, '{"auths":{}}');
    const instance = await boot(tagged(ecr), { CUTOVER_DOCKER: given });
    await answered(instance);
    expect(instance.inRun('config.json')).toBe('{"auths":{}}');
  });

  test('goes on where its console cannot be written to', async () => {
    const instance = await boot(tagged(ecr), { CUTOVER_CONSOLE: '/dev/full' });
    expect(await answered(instance)).toBe(ecr);
    expect((await stopped(instance)).code).toBe(0);
  });

  test('needs no registry for an image that is there', async () => {
    const instance = await boot({ ...tagged(ecr), present: true });
    await answered(instance);
    expect(instance.calls().filter((call) => /docker pull|login/.test(call))).toEqual([]);
  });

  test('takes away what an earlier run has left', async () => {
    const instance = await boot(tagged(ecr));
    await answered(instance);
    const calls = instance.calls();
    const removed = calls.indexOf('docker rm --force cutover-app');
    expect(removed).toBeGreaterThanOrEqual(0);
    expect(removed).toBeLessThan(calls.findIndex((call) => call.startsWith('docker run')));
  });

  test('lets what is in flight end when it is told to stop', async () => {
    const instance = await boot(tagged(ecr));
    await answered(instance);
    const slow = fetch(`${instance.url}/slow`).then((response) => response.text());
    // It has been accepted once another one has been answered.
    await (await fetch(instance.url)).text();
    const end = stopped(instance);
    expect(await slow).toBe('finished');
    expect((await end).code).toBe(0);
    expect(instance.calls().at(-1)).toBe('docker stop -t 30 cutover-app');
  });

  test('is patient with a metadata service and a registry that fail at first', async () => {
    const instance = await boot({ ...tagged(ecr), metadataFails: 2, pullFails: 2 });
    expect(await answered(instance)).toBe(ecr);
  });

  test('puts what its program printed on the console', async () => {
    const instance = await boot({ ...tagged(ecr), endsWith: 3 });
    const { code, console } = await instance.ended;
    expect(code).toBe(1);
    expect(console).toContain('cannot read its settings');
    expect(console).toContain('the program ended by itself, with status 3');
  });
});

describe('it does not go on, and says why, where', () => {
  test.each<[string, FakeInstance, number, RegExp]>([
    ['it has no such tag', { tags: {} }, 1, /reading its tag cutover:image.*tags in instance metadata enabled/],
    ['metadata is switched off', { ...tagged(ecr), metadataFails: 99 }, 1, /asking the metadata service for a token/],
    ['no registry answers', { ...tagged(ecr), pullFails: 99 }, 1, /gave up pulling .* after 3 tries: is there a way/],
    ['its tag names an image by a tag', tagged('acme/shop:v1'), 78, /a tag may be another image tomorrow/],
    ['its tag names an AMI', tagged('ami-0123456789abcdef0'), 78, /let the AMI start its program itself/],
    ['its tag is no image', tagged(`x; touch /tmp/owned #@${digest}`), 78, /is no image/],
    ['its tag is a command', tagged(`$(reboot)@${digest}`), 78, /is no image/],
    [
      'its image is of another account',
      tagged(ecr.replace('1111', '9999')),
      78,
      /an ECR registry of account 111122223333/,
    ],
    [
      'its registry is another service of AWS',
      tagged(ecr.replace('eu-west-1.', 'eu-west-1.s3.')),
      78,
      /not in an ECR registry/,
    ],
    [
      'its registry only looks like ECR',
      tagged(ecr.replace('.com', '.com.evil.test')),
      78,
      /is not in an ECR registry/,
    ],
    ['its registry is a public one', tagged(`ghcr.io/acme/shop@${digest}`), 78, /name its registry or repository in/],
    ['its tag is an option', tagged(`--privileged@${digest}`), 78, /a tag may be another image tomorrow/],
  ])('%s', async (_, fake, status, words) => {
    const instance = await boot(fake);
    const { code, console } = await instance.ended;
    expect(code).toBe(status);
    expect(console).toMatch(words);
    expect(instance.calls().filter((call) => call.startsWith('docker run'))).toEqual([]);
  });

  test.each([
    ['ghcr.io/acme', 'ghcr.io/acmeevil/shop'],
    ['ghcr.io/acme/shop', 'ghcr.io/acme/shop-evil'],
    ['ghcr.io', '111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme/shop'],
  ])('its settings allow %s, and its image is of %s', async (allowed, image) => {
    const instance = await boot(tagged(`${image}@${digest}`), { CUTOVER_REGISTRIES: allowed });
    const { code, console } = await instance.ended;
    expect(code).toBe(78);
    expect(console).toContain(`is not in ${allowed}: name its registry`);
    expect(instance.calls().filter((call) => /^docker (pull|run)/.test(call))).toEqual([]);
  });

  test('it is stopped while it waits, without an error', async () => {
    const instance = await boot({ ...tagged(ecr), metadataFails: 99 }, { CUTOVER_PAUSE: '1' });
    await instance.says(/again in 1 s/);
    const { code, console } = await stopped(instance);
    expect(code).toBe(0);
    expect(console).toContain('stopped before it ran');
  });
});

describe('the user data', () => {
  one('is the two files as they are, whatever the release (npx vitest -u writes it)', async () => {
    await expect(userData()).toMatchFileSnapshot(join(folder, 'user-data.yaml'));
    const { write_files: files } = parse(userData());
    expect(files.map(({ content }: { content: string }) => content)).toEqual(
      ['cutover-run', 'cutover-app.service'].map((name) => readFileSync(join(folder, name), 'utf8')),
    );
  });

  const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;
  one.skipIf(!analyze)('runs in a unit that systemd finds confined (needs systemd-analyze)', () => {
    const unit = join(folder, 'cutover-app.service');
    const { stdout, status } = spawnSync('systemd-analyze', ['security', '--offline=yes', '--threshold=30', unit], {
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/Overall exposure level for cutover-app.service: [0-3]/);
    expect(status).toBe(0);
  });

  one('fits into a launch template', () => {
    expect(Buffer.byteLength(userData())).toBeLessThan(16 * 1024);
  });

  one('gives requests in flight less time than systemd gives the unit', () => {
    const unit = readFileSync(join(folder, 'cutover-app.service'), 'utf8');
    const script = readFileSync(join(folder, 'cutover-run'), 'utf8');
    const given = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]);
    const grace = Number(/^grace=\$\{CUTOVER_GRACE:-(\d+)\}$/m.exec(script)?.[1]);
    expect(grace).toBeLessThan(given);
    // What is refused for good is not started again.
    expect(unit).toContain('RestartPreventExitStatus=78');
  });
});
