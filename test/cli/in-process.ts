/** A local cloud inside the test: real programs and requests, and commands that are run beside it without a process of their own. */
import { join } from 'node:path';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '../../cli/local/local-cloud.ts';
import { pushFolder } from '../../cli/local/publish-folder.ts';
import { parseServices } from '../../core/config/parse.ts';
import type { Service } from '../../core/config/service.ts';
import { afterwards, folderWith, inside, type Result } from './command-line.ts';

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';

export const rule = `${arn}:listener-rule/app/shop/0123456789abcdef/0123456789abcdef/0123456789abcdef`;

/** As a team writes it: one instance, half the traffic first, as quick as may be. */
const written = {
  image: { kind: 'ecr', repository: 'acme/shop', tags: ['release-*'] },
  fleet: { kind: 'instances', launchTemplate: 'shop', subnets: ['subnet-0a'], count: 1 },
  rules: [rule],
  slots: {
    blue: `${arn}:targetgroup/blue/0123456789abcdef`,
    green: `${arn}:targetgroup/green/0123456789abcdef`,
  },
  strategy: { steps: [{ weight: 100, bake: 1 }] },
  timing: { period: '1 second', settling: '1 second' },
};

export interface InProcess {
  cwd: string;
  cloud: LocalCloud;
  service: Service;
  url: string;
  /** Publishes a folder of the working folder. */
  publish(folder: string): Promise<{ release: string }>;
  /** The newest rollout's outcome, once it has one. */
  outcome(label: string): Promise<string>;
  run(...args: string[]): Promise<Result>;
}

/** `cwd` of an earlier run makes this the next one of its data folder. */
export const localCloud = async (
  files: Record<string, string>,
  {
    change = {},
    cwd = folderWith(files),
    ...options
  }: { change?: Record<string, unknown>; cwd?: string } & Partial<LocalCloudOptions> = {},
): Promise<InProcess> => {
  const parsed = parseServices({ shop: { ...written, ...change } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const [service] = parsed.services as [Service];
  const file = join(cwd, 'cutover.config.ts');
  const cloud = await startLocalCloud({
    data: join(cwd, '.cutover'),
    configuration: { file, shown: file, written: {}, services: [service] },
    port: 18_080,
    fixedPort: false,
    deregistrationDelay: 1,
    ...options,
  });
  afterwards(() => cloud.close());
  const run = (...args: string[]) => inside(cwd, ...args);
  return {
    cwd,
    cloud,
    service,
    url: cloud.urls.shop?.[0] ?? '',
    publish: async (folder) => {
      const { digest } = await pushFolder(
        { folder, cwd, service, registry: cloud.registry },
        ({ repository, digest, tags }) => cloud.push(repository, { digest, tags }),
      );
      return { release: digest.slice('sha256:'.length, 'sha256:'.length + 12) };
    },
    outcome: async (label) => {
      const { output } = await run('wait', 'shop', '--image', label, '--timeout', '2 minutes', '--json');
      return (JSON.parse(output) as { outcome: string }).outcome;
    },
    run,
  };
};
