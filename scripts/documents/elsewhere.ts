/** Commands of the documents that `npm run test:docs` does not run, and why. A command that is neither here nor run is a mistake. */

export interface Elsewhere {
  document: string;
  why: string;
  /** As the document has them, without comments. */
  commands: readonly string[];
}

const account = 'needs an AWS account';
const byCi = '.ci/run runs it';
const minutes = 'works for many minutes; a developer runs it before a pull request';
const writes = 'writes into the clone';
const oneFile = 'npm test runs these files';

export const elsewhere: readonly Elsewhere[] = [
  { document: 'README.md', why: byCi, commands: ['npm ci && npm start', 'npm test'] },
  { document: 'CONTRIBUTING.md', why: byCi, commands: ['npm ci', 'npm start', 'npm run check'] },
  {
    document: 'docs/deploying.md',
    why: account,
    commands: [
      'npm ci && npm run build',
      'export AWS_PROFILE=production AWS_REGION=eu-west-1',
      'export CUTOVER_NOTIFY=arn:aws:sns:eu-west-1:111122223333:on-call',
      'export CUTOVER_INSTANCE_ROLES=arn:aws:iam::111122223333:role/shop',
      'export CUTOVER_VPC_SUBNETS=subnet-0a1b2c3d,subnet-4e5f6a7b',
      'export CUTOVER_VPC_SECURITY_GROUPS=sg-0123456789abcdef0',
      'npx --no-install sst deploy --stage production',
      'cutover init shop --rule arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee',
      'cutover validate --stage production',
      'cutover apply --stage production',
      'cutover status --stage production',
      'cutover doctor --stage production --config cutover.config.ts',
      'cutover doctor --stage production',
      'cutover wait shop --image release-42 --timeout "2 hours" --stage production',
      'cutover history shop --stage production',
      'npx --no-install sst remove --stage test',
    ],
  },
  {
    document: 'docs/first-week.md',
    why: account,
    commands: [
      'cutover adopt orders --stage production --dry-run',
      'cutover adopt orders --stage production --write',
      'cutover validate --stage production',
      'cutover unadopt orders --stage production --dry-run',
      'cutover unadopt orders --stage production',
    ],
  },
  {
    document: 'docs/reliability.md',
    why: minutes,
    commands: [
      'npm run chaos -- --seeds 1000',
      'npm run chaos -- --exhaustive calls',
      'npm run rules',
      'npm run mutate',
    ],
  },
  { document: 'docs/writing-a-command.md', why: byCi, commands: ['npm run check'] },
  { document: 'docs/writing-a-command.md', why: writes, commands: ['npm run docs -- --reference'] },
  {
    document: 'docs/writing-a-command.md',
    why: oneFile,
    commands: [
      'npx vitest run --project parts test/cli/mistakes.test.ts test/scripts/reference.test.ts test/docs.test.ts',
    ],
  },
  { document: 'docs/writing-a-step.md', why: byCi, commands: ['npm run check'] },
  {
    document: 'docs/writing-a-step.md',
    why: writes,
    commands: ['npm run test:infra -- --update', 'npm run docs -- --reference'],
  },
  { document: 'docs/writing-a-step.md', why: minutes, commands: ['npm run chaos -- --seeds 200'] },
  {
    document: 'docs/writing-a-step.md',
    why: oneFile,
    commands: [
      'npx vitest run --project parts test/statemachines test/core/directions.test.ts test/scripts test/docs.test.ts',
      'npx vitest run --project instances --project groups test/scenarios/people.test.ts test/scenarios/redrive.test.ts',
    ],
  },
];
