/** The examples that make images: what the workflow runs is what this version takes, and the stack makes what a configuration names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { inside } from '../cli/command-line.ts';
import { template } from './cloudformation.ts';

const folder = join(import.meta.dirname, '..', '..', 'examples', 'build');

interface Workflow {
  on: { push: { tags: string[] } };
  permissions: Record<string, string>;
  concurrency: string;
  env: Record<string, string>;
  jobs: Record<string, { 'timeout-minutes': number; steps: { run?: string; name?: string }[] }>;
}
const workflow = parse(readFileSync(join(folder, 'release.yaml'), 'utf8')) as Workflow;
const steps = workflow.jobs.release?.steps ?? [];

test('the workflow builds, pushes, and then waits, one release after the other', () => {
  const runs = steps.flatMap(({ run }) => run ?? []);
  const at = (text: string) => runs.findIndex((run) => run.includes(text));
  expect(at('docker build')).toBeGreaterThan(-1);
  expect(at('docker push')).toBeGreaterThanOrEqual(at('docker build'));
  expect(at('cutover wait')).toBeGreaterThan(at('docker push'));
  expect(workflow.concurrency).toBe('release');
  expect(workflow.permissions).toEqual({ 'id-token': 'write', contents: 'read' });
});

test('what it waits with is a command of this version, and ends before the job does', async () => {
  const [, line = ''] =
    /npx --no-install cutover (wait .*)/.exec(steps.flatMap(({ run }) => run ?? []).join('\n')) ?? [];
  const values = { ...workflow.env, TAG: 'release-42' } as Record<string, string>;
  const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) =>
    (quoted ?? plain ?? '').replace(/^\$(\w+)$/, (_, name) => values[name] ?? ''),
  );
  expect(args).toEqual(['wait', 'shop', '--image', 'release-42', '--timeout', '2 hours', '--stage', 'production']);
  const { output } = await inside('.', 'wait', '--help');
  for (const option of args.filter((one) => one.startsWith('--'))) expect(output).toContain(option);
  expect(workflow.jobs.release?.['timeout-minutes']).toBeGreaterThan(120);
});

test('nothing of it is put together from what a pusher may choose', () => {
  for (const { run = '' } of steps) expect(run).not.toMatch(/\$\{\{/);
});

test('the stack’s image is what a configuration names, and what is broken never becomes one', () => {
  const { Resources, Outputs } = template(join(folder, 'image-builder.yaml'));
  expect(JSON.stringify(Outputs.Image)).toMatch(/:image\/\$\{Name\}/);
  expect(Resources.Recipe?.Properties.Name).toBe('!Ref Name');
  expect(Resources.Pipeline?.Properties.ImageTestsConfiguration).toMatchObject({ ImageTestsEnabled: true });
  expect(JSON.stringify(Resources.Program?.Properties.Data)).toContain('name: test');
  expect(Resources.Infrastructure?.Properties.InstanceMetadataOptions).toEqual({ HttpTokens: 'required' });
});
