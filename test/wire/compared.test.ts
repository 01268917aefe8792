/** Ten rollouts on moto and the same ten on the simulated AWS, those of a kind one after the other: they end alike, event for event. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqliteStore } from '../../adapters/ledger/sqlite.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import { abortRollout } from '../../pipeline/operations/abort.ts';
import { wakeAll } from '../../pipeline/shared/wake-executions.ts';
import { type Account, createAccount } from './account.ts';
import { type Behind, onMoto, pipelineOf } from './pipeline.ts';

type Pipeline = ReturnType<typeof pipelineOf>;

interface Case {
  name: string;
  kind: 'instances' | 'groups';
  /** What the team wrote besides. */
  changes?: (service: Account['service']) => Partial<Account['service']>;
  /** What happens to it, from its publication on. */
  happens?: (pipeline: Pipeline, account: Account) => Promise<void>;
  outcome: 'live' | 'failed';
}

/** Where smoke probes go: a real server, that answers what its path says. */
let server: Server;
const probing: typeof fetch = (input, init) => {
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`, init);
};
beforeAll(async () => {
  server = createServer(({ url }, response) => {
    response.statusCode = url === '/broken' ? 500 : 200;
    response.end('as its path says');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterAll(() => void server.close());

const half = async (pipeline: Pipeline): Promise<void> =>
  pipeline.until(async () => (await pipeline.weights()).join() === '50,50', 'half of the traffic');

const answered = async (pipeline: Pipeline, { service }: Account, kind: 'approve' | 'reject'): Promise<void> => {
  await pipeline.until(async () => (await pipeline.row()).parked.length > 0, 'waiting for a person');
  const { plan, question } = await pipeline.row();
  if (plan === null || question === null) throw new Error('there is no plan, or nobody is asked');
  const { release, attempt } = plan;
  const signal = { kind, by: 'ada', at: Date.now(), question: question.id };
  const decision = await pipeline.ledger.decide(service.name, (row) =>
    protocol.signal(row, { release, attempt, signal }),
  );
  if (decision.ok) await wakeAll(pipeline.ports(), decision.row);
};

const slowly = ({ strategy }: Account['service']) => ({
  strategy: { steps: strategy.steps.map((step) => ({ ...step, bake: 8 })) },
});
const probed =
  (path: string) =>
  ({ checks }: Account['service']) => ({
    checks: { ...checks, smoke: [{ path, from: 200, to: 299, within: 5 }] },
  });
const approving = () => ({ approval: { within: 60 } });

const aborts: Case['happens'] = async (pipeline) => {
  await half(pipeline);
  const { plan } = await pipeline.row();
  if (plan !== null) await abortRollout(pipeline.ports(), plan, { why: 'the wrong one', by: 'ada' });
};

const cases: Case[] = [
  { name: 'a first one', kind: 'instances', outcome: 'live' },
  { name: 'a first one', kind: 'groups', outcome: 'live' },
  { name: 'a second one', kind: 'instances', outcome: 'live' },
  { name: 'a second one', kind: 'groups', outcome: 'live' },
  {
    name: 'one that is aborted',
    kind: 'instances',
    changes: slowly,
    happens: aborts,
    outcome: 'failed',
  },
  { name: 'one that is aborted', kind: 'groups', changes: slowly, happens: aborts, outcome: 'failed' },
  {
    name: 'one whose execution is stopped',
    kind: 'instances',
    changes: slowly,
    happens: async (pipeline) => {
      await half(pipeline);
      const { lock } = await pipeline.row();
      if (lock.state === 'held') pipeline.cloud.machine.stop(lock.execution, { error: 'by hand' });
    },
    outcome: 'failed',
  },
  { name: 'one that fails its smoke test', kind: 'groups', changes: probed('/broken'), outcome: 'failed' },
  {
    name: 'one that a person approves, and that passes its smoke test',
    kind: 'groups',
    changes: (service) => ({ ...approving(), ...probed('/health')(service) }),
    happens: (pipeline, account) => answered(pipeline, account, 'approve'),
    outcome: 'live',
  },
  {
    name: 'one that a person rejects',
    kind: 'instances',
    changes: approving,
    happens: (pipeline, account) => answered(pipeline, account, 'reject'),
    outcome: 'failed',
  },
];

/** An event as both sides tell it: numbers, ids and moments are each side's own, and looks that say the same are one. */
const told = (texts: string[]): string[] =>
  texts
    .map((text) =>
      text
        .replaceAll(/--question \w+/g, '--question')
        // The part of chance in an execution's name.
        .replaceAll(/-n[0-9a-f]{12}\b/g, '-n')
        .replaceAll(/\b(i|lt|subnet|ami)-[0-9a-f]+\b/g, '$1')
        .replaceAll(/\d+(\.\d+)?/g, '#'),
    )
    .filter((text, index, all) => text !== all[index - 1]);

/** One side of an account, on which one rollout follows another. */
const opened = async (account: Account, behind: Behind) => {
  const { service } = account;
  const pipeline = pipelineOf({ ...behind, fetch: probing });
  if (behind.aws === 'simulated')
    pipeline.cloud.setUp(service, { healthCheck: { interval: 1, healthy: 1 }, deregistrationDelay: 1 });
  const push = async (tag: string): Promise<void> => {
    if (behind.aws === 'simulated' && service.image.kind === 'ecr')
      pipeline.cloud.push(service.image.repository, { digest: account.digestOf(tag), tags: [tag] });
    else await pipeline.publish(await account.push(tag), tag);
  };
  return async ({ changes, happens, outcome }: Case, tag: string): Promise<string[]> => {
    const configured = { ...service, ...changes?.(service) };
    await pipeline.ledger.applyConfiguration([configured], { author: 'a test', commit: '', at: Date.now() });
    const before = (await pipeline.history()).length;
    await push(tag);
    await happens?.(pipeline, account);
    const ended = async () => {
      // A row is read in no time, a whole history is not.
      if ((await pipeline.ledger.row(service.name))?.lock.state !== 'free') return false;
      const newest = await pipeline.newest();
      return newest?.label.includes(tag) === true && newest.outcome === outcome;
    };
    await pipeline.until(ended, `${tag} ${outcome}`);
    const events = (await pipeline.history()).toReversed().slice(before);
    // What an instance said of itself when it was removed is each side's own.
    const common = events.filter(({ kind }) => kind !== 'evidence');
    return told(common.map(({ by, kind, text }) => `${by} ${kind}: ${text}`));
  };
};

/** An account of a kind, on both sides. Each rollout there begins when the one before has ended. */
const accountOf = (kind: Case['kind']) => {
  const open = async () => {
    const account = await createAccount(`compared-${kind}`, kind);
    const store = await sqliteStore(':memory:');
    return Promise.all([
      opened(account, onMoto(account)),
      opened(account, { service: account.service, store, aws: 'simulated' }),
    ]);
  };
  let sides: ReturnType<typeof open> | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let played = 0;
  return (one: Case): Promise<string[][]> => {
    const tag = `v${++played}`;
    const mine = turn.then(async () => {
      sides ??= open();
      return Promise.all((await sides).map((side) => side(one, tag)));
    });
    turn = mine.catch(() => undefined);
    return mine;
  };
};
const accounts = { instances: accountOf('instances'), groups: accountOf('groups') };

test.concurrent.each(cases)(
  '$name, on $kind',
  async (one) => {
    const [moto = [], simulated = []] = await accounts[one.kind](one);
    expect(moto.length).toBeGreaterThan(4);
    // Two events of one millisecond have no order of their own.
    expect(moto.toSorted()).toEqual(simulated.toSorted());
  },
  600_000,
);
