/** docs/deploying.md: its blocks that say Run are run as they stand, by a shell, with the command line as a user has it and moto as the account. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamoStore } from '../../adapters/ledger/dynamodb.ts';
import { blocksOf } from '../documented.ts';
import { ledgerTable } from '../ledger-table.ts';
import { client, clientOptions, createAccount, region } from './account.ts';
import { pipelineOf } from './pipeline.ts';

const root = join(import.meta.dirname, '..', '..');
const blocks = blocksOf(readFileSync(join(root, 'docs', 'deploying.md'), 'utf8')).filter(({ mark }) => mark === 'Run');

let folder: string;

/** A service whose release-42 is live, in a pipeline that is deployed as production. */
beforeAll(async () => {
  const table = 'cutover-production-ledger';
  const account = await createAccount('shop', 'groups');
  await client('dynamodb').send(ledgerTable(table));
  await new SFNClient(clientOptions()).send(
    new CreateStateMachineCommand({
      name: 'cutover-production-rollout',
      definition: readFileSync(join(root, 'statemachines', 'rollout.asl.json'), 'utf8'),
      roleArn: 'arn:aws:iam::123456789012:role/machine',
    }),
  );
  const { service } = account;
  const pipeline = pipelineOf({ service, store: dynamoStore(client('dynamodb'), table), aws: 'moto' });
  await pipeline.ledger.applyConfiguration([service], { author: 'a test', commit: '', at: Date.now() });
  await pipeline.publish(await account.push('release-42'), 'release-42');
  await pipeline.rest();
  folder = mkdtempSync(join(tmpdir(), 'cutover-documented-'));
  // Four keys, as a team writes them: the usual timings are AWS's.
  const { image, fleet, rules, slots } = service;
  const written = { shop: { image, fleet, rules, slots } };
  writeFileSync(join(folder, 'cutover.config.ts'), `export default ${JSON.stringify(written)};\n`);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shell = (commands: string) =>
  spawnSync(
    'sh',
    ['-euc', `cutover() { "${process.execPath}" "${join(root, 'cli', 'cutover.ts')}" "$@"; }\n${commands}`],
    {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: 'testing',
        AWS_SECRET_ACCESS_KEY: 'testing',
        AWS_ENDPOINT_URL: process.env.CUTOVER_MOTO,
      },
    },
  );

test('there are some', () => {
  expect(blocks.length).toBeGreaterThan(1);
});

test.each(blocks)(
  '$commands',
  ({ commands }) => {
    const { status, stdout, stderr } = shell(commands);
    expect(`${stdout}${stderr}`).not.toMatch(/^cutover: /m);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  },
  120_000,
);
