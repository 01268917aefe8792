/** A group that serves already, as `cutover local up --example adopt` has it: taken over, rolled and given back, with users on it all the while. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { load, type Result } from '../../local/load.ts';
import { cutover, folderWith, start } from './command-line.ts';

const examples = join(import.meta.dirname, '..', '..', 'examples');
const image = (version: string): string => join(examples, 'demo', version);

/** Runs until a publication of it has ended, and answers how. */
const published = async (cwd: string, version: string): Promise<{ outcome: string }> => {
  const { output } = await cutover(cwd, 'publish', image(version), '--service', 'orders', '--json');
  const { release, attempt = 1 } = JSON.parse(output).publication;
  const ended = JSON.parse((await cutover(cwd, 'wait', 'orders', '--image', release, '--json')).output);
  expect(ended).toMatchObject({ release, attempt });
  return ended;
};

test('adopt, roll, fail, roll back and release, with no failed request', { timeout: 180_000 }, async () => {
  const cwd = folderWith();
  const up = start(cwd, 'local', 'up', '--example', 'adopt');
  const [, url = ''] = await up.says(/orders answers on (\S+)/);
  const versionNow = async () => ((await (await fetch(url)).json()) as { version: string }).version;

  /** What went wrong, for whoever reads of a failure here. */
  const bad: Result[] = [];
  const users = load({ url, perSecond: 50, onResult: (result) => result.failed && bad.push(result) });
  const plan = await cutover(cwd, 'adopt', 'orders', '--dry-run');
  expect(plan).toMatchObject({ code: 0, errors: '' });
  expect(plan.output).toContain('1. make the target group orders-2 for green, like orders');
  expect(plan.output).not.toContain('arn:');
  expect(plan.output).toMatch(/EvaluateTargetHealth[\s\S]*Nothing has been changed\./);
  expect(JSON.parse((await cutover(cwd, 'status', '--json')).output)).toEqual([]);

  expect(await cutover(cwd, 'adopt', 'orders')).toMatchObject({
    code: 0,
    errors: '',
    output: expect.stringMatching(
      /orders is adopted: nothing has changed for its traffic[\s\S]*example of this program: nothing is to be written/,
    ),
  });
  expect(await versionNow()).toBe('1');

  expect((await published(cwd, 'v2')).outcome).toBe('live');
  expect(await versionNow()).toBe('2');
  expect((await published(cwd, 'v4')).outcome).toBe('failed');
  expect(await versionNow()).toBe('2');

  // Back to the first one, until a person changes their mind.
  await cutover(cwd, 'publish', image('v1'), '--service', 'orders');
  await up.says(/Shift .* 25 %[\s\S]*Shift .* 25 %/);
  expect((await cutover(cwd, 'unadopt', 'orders')).errors).toContain('orders is in a rollout');
  await cutover(cwd, 'abort', 'orders', '--reason', 'not that old');
  await up.says(/ReportFailure[\s\S]*ReportFailure/);

  expect(await cutover(cwd, 'unadopt', 'orders')).toMatchObject({ code: 0, errors: '' });
  expect(await versionNow()).toBe('2');
  const { requests, failed, notSent } = await users.stop();
  console.log(
    `${requests} requests while a group was adopted, rolled, put back twice and given back: ${failed} failed`,
  );
  expect({ bad, failed, notSent }).toEqual({ bad: [], failed: 0, notSent: 0 });
  up.child.kill('SIGINT');
  await up.ended;
});

test('what it made can be written into the configuration, which is valid from then on', {
  timeout: 180_000,
}, async () => {
  const config = readFileSync(join(examples, 'adopt', 'cutover.config.ts'), 'utf8');
  const cwd = folderWith({ 'cutover.config.ts': config });
  expect((await cutover(cwd, 'validate')).errors).toContain('orders.slots.green');
  const up = start(cwd, 'local', 'up', '--example', 'adopt');
  await up.says(/orders answers on/);
  expect((await cutover(cwd, 'adopt', 'orders', '--write')).output).toContain(
    'cutover.config.ts names the target group of green by ARN now.',
  );
  expect(await cutover(cwd, 'validate', '--stage', 'local')).toMatchObject({
    code: 0,
    output: expect.stringContaining('and local has what they need'),
  });
  // Given the ARN, nothing is left to do.
  expect((await cutover(cwd, 'adopt', 'orders', '--dry-run')).output).toContain('only the record');
});
