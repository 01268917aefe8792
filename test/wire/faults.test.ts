/** Whole rollouts through a bad network: every few requests something happens to one. Another client says what is left in the account. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import { dynamoStore } from '../../adapters/ledger/dynamodb.ts';
import { seededRandom } from '../../core/basics/random.ts';
import { eachOnce } from '../../functions/clients.ts';
import { withRoleCredentials } from '../../functions/role-credentials.ts';
import { type Account, clientOptions, client as clientTo, createAccount } from './account.ts';
import { type Fault, type FaultyProxy, faults, faultyProxy } from './faulty-proxy.ts';
import { pipelineOf } from './pipeline.ts';

const moto = process.env.CUTOVER_MOTO ?? '';
const proxies: FaultyProxy[] = [];
afterAll(() => {
  for (const { close } of proxies) close();
});

/** The functions' own clients, but for the endpoint, and for a deadline of five seconds where theirs is eight. */
const through = async ({ service, table }: Account) => {
  const proxy = await faultyProxy(moto);
  proxies.push(proxy);
  const options = { ...clientOptions(), endpoint: proxy.url };
  const client = withRoleCredentials(eachOnce(options as never, 5));
  const store = dynamoStore(
    client('dynamodb', (given) => new DynamoDBClient(given)),
    table,
  );
  const direct = dynamoStore(clientTo('dynamodb'), table);
  return { proxy, pipeline: pipelineOf({ service, store, direct, aws: 'moto', client }) };
};

interface Left {
  instances: Record<string, string | null>;
  targets: Record<'blue' | 'green', string[]>;
  weights: Record<'blue' | 'green', number>;
  groups: { desired: number; least: number; suspended: string[] }[];
}
const left = async (name: string): Promise<Left> => {
  const python = process.env.CUTOVER_MOTO_PYTHON ?? 'python3';
  const { stdout } = await promisify(execFile)(python, [join(import.meta.dirname, 'leftovers.py'), moto, name]);
  return JSON.parse(stdout) as Left;
};

/** Two instances of the release in its slot, all weight on them, and nothing else anywhere. */
const expectAtRest = async (
  name: string,
  kind: string,
  { slot, release }: { slot: 'blue' | 'green'; release: string },
) => {
  const { instances, targets, weights, groups } = await left(name);
  const other = slot === 'blue' ? 'green' : 'blue';
  expect(Object.values(instances)).toEqual([release, release]);
  expect(targets).toEqual({ [slot]: Object.keys(instances).sort(), [other]: [] });
  expect(weights).toEqual({ [slot]: 100, [other]: 0 });
  const quiet = { suspended: [] };
  expect(groups).toEqual(
    kind === 'groups'
      ? [
          { desired: 0, least: 0, ...quiet },
          { desired: 2, least: 2, ...quiet },
        ]
      : [],
  );
};

/**
 * Whether the nth request is struck, at this share of all. By chance, so that a repeated request meets no worse luck than the first: at
 * every fourth by turns, three tries of a function that sends in step were struck all three times.
 */
const isStruck = (seed: number, nth: number, share: number): boolean => seededRandom(seed * 1_000_003 + nth)() < share;

/** How often each fault comes: what takes long comes seldom, and credentials expire for several requests at once. */
const plans: Record<Fault, (nth: number) => boolean> = {
  throttled: (nth) => isStruck(1, nth, 1 / 8),
  'answered with 500': (nth) => isStruck(2, nth, 1 / 8),
  'answered with 503': (nth) => isStruck(3, nth, 1 / 8),
  cut: (nth) => isStruck(4, nth, 1 / 8),
  delayed: (nth) => isStruck(5, nth, 1 / 6),
  unanswered: (nth) => isStruck(6, nth, 1 / 25),
  expired: (nth) => isStruck(7, Math.floor(nth / 4), 1 / 25),
};

/** Seconds that a rollout may take here: functions try again with growing pauses, and moto answers one request at a time. */
const longest = 360;

/** What a function meets at the first moment, at no cost of time. */
const quick = ['throttled', 'answered with 500', 'answered with 503', 'cut'] as const;

const expectTwoLive = async (
  { service: { name, fleet }, push }: Account,
  pipeline: Awaited<ReturnType<typeof through>>['pipeline'],
): Promise<void> => {
  for (const tag of ['v1', 'v22']) {
    await pipeline.published(await push(tag), tag);
    await pipeline.rest(longest);
    expect(await pipeline.newest()).toMatchObject({ outcome: 'live', label: expect.stringContaining(tag) });
    const { live } = await pipeline.row();
    await expectAtRest(name, fleet.kind, live as never);
  }
};

describe.concurrent.each(['instances', 'groups'] as const)('on %s', (kind) => {
  test.each(faults)(
    'two images go live though requests are %s, and nothing is left',
    async (fault) => {
      const name = `${fault.replace('answered with ', 'status-')}-${kind}`;
      const account = await createAccount(name, kind);
      const { proxy, pipeline } = await through(account);
      await pipeline.ledger.applyConfiguration([account.service], { author: 'a test', commit: '', at: Date.now() });
      proxy.plan.of = (nth) => (plans[fault](nth) ? fault : undefined);
      await expectTwoLive(account, pipeline);
      expect(proxy.done.get(fault)).toBeGreaterThan(3);
    },
    900_000,
  );

  test('two images go live though one request in four fails, and nothing is left', async () => {
    const name = `quarter-${kind}`;
    const account = await createAccount(name, kind);
    const { proxy, pipeline } = await through(account);
    await pipeline.ledger.applyConfiguration([account.service], { author: 'a test', commit: '', at: Date.now() });
    proxy.plan.of = (nth) => (isStruck(8, nth, 1 / 4) ? quick[nth % quick.length] : undefined);
    await expectTwoLive(account, pipeline);
    for (const fault of quick) expect(proxy.done.get(fault)).toBeGreaterThan(3);
  }, 900_000);

  test('an unhealthy image is rolled back though requests meet every fault, and nothing is left', async () => {
    const name = `mixed-${kind}`;
    const account = await createAccount(name, kind);
    const { proxy, pipeline } = await through(account);
    await pipeline.ledger.applyConfiguration([account.service], { author: 'a test', commit: '', at: Date.now() });
    await pipeline.published(await account.push('v1'), 'v1');
    await pipeline.rest(longest);
    const { live } = await pipeline.row();
    await pipeline.newcomersAreUnhealthy();
    const random = seededRandom(1);
    proxy.plan.of = () => (random() < 0.15 ? faults[Math.floor(random() * faults.length)] : undefined);
    await pipeline.published(await account.push('v22'), 'v22');
    await pipeline.rest(longest);
    expect(await pipeline.newest()).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('not ready') });
    await expectAtRest(name, kind, live as never);
  }, 900_000);
});
