/** The seam between the adapters and the local cloud: what one side sends is what the other side answers, no more and no less. */
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { simulatedCommands } from '../../local/cloud.ts';

const clients: Record<string, string> = {
  'client-ec2': 'ec2',
  'client-elastic-load-balancing-v2': 'elbv2',
  'client-cloudwatch': 'cloudwatch',
  'client-auto-scaling': 'autoscaling',
  'client-service-quotas': 'servicequotas',
  'client-ecr': 'ecr',
  'client-ssm': 'ssm',
  'client-imagebuilder': 'imagebuilder',
  'client-sfn': 'sfn',
  'client-eventbridge': 'eventbridge',
  'client-iam': 'iam',
  'client-lambda': 'lambda',
  'commands.ts': 'route53',
};

/** Commands that a file imports from an SDK client, as `service:Command`. */
const sentBy = (path: string): string[] =>
  [
    ...readFileSync(path, 'utf8').matchAll(
      /import \{([^}]*)\} from '(?:@aws-sdk|\.{1,2}[\w/]*dns|\.)\/(client-[\w-]+|commands\.ts)'/g,
    ),
  ].flatMap(([, names = '', module = '']) =>
    [...names.matchAll(/\b(\w+?)Command\b(?: as (\w+))?/g)].map(([, name]) => `${clients[module]}:${name}`),
  );

it('the local cloud answers exactly the commands that are sent', () => {
  // Which pipelines an account has is asked of AWS alone: here there is one. The ledger has a store of its own here.
  const files = globSync(['adapters/**/*.ts', 'cli/**/*.ts', 'functions/*.ts']).filter(
    (path) => path !== 'cli/pipeline/stage-pipeline.ts' && !path.startsWith('adapters/ledger/'),
  );
  const sent = new Set(files.flatMap(sentBy));
  const answered = Object.entries(simulatedCommands).flatMap(([service, names]) =>
    names.map((name) => `${service}:${name}`),
  );
  console.log(`commands sent and simulated: ${[...sent].sort().join(', ')}`);
  expect([...sent].sort()).toEqual(answered.sort());
});
