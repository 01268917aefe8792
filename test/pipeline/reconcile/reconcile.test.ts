/** reconcile, on one look: what it corrects, what it leaves to a rollout, and that one failure hides no other. */
import { describe, expect, it } from 'vitest';
import { Disbelieved, Rejected, Unread } from '../../../core/basics/errors.ts';
import { executionName } from '../../../core/protocol/row.ts';
import { reconcile } from '../../../pipeline/reconcile/reconcile.ts';
import { image, minute, plan, publication, row, service, start } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';

const own = executionName('checkout', publication('b'));

const opened = async (at = row(), configuration = service()) => {
  const story = await createWorld(at, configuration);
  const { ports, world } = story;
  world.now = start + 60 * minute;
  world.healthy = at.lock.state === 'held' ? { blue: 4, green: 4 } : { blue: 4, green: 0 };
  const asked: [string, number][] = [];
  const stopped: string[] = [];
  ports.fleet.ensure = async (_, slot, count) => {
    asked.push([slot, count]);
    return { launched: 0, short: null };
  };
  ports.executions.stop = async (name) => void stopped.push(name);
  const problems = async () => (await ports.ledger.history('checkout')).map(({ kind, text }) => `${kind}: ${text}`);
  const look = async () => (await reconcile(ports)()).checkout;
  return { ...story, asked, stopped, problems, look };
};

describe('at rest', () => {
  it('where all is as it is to be, the live fleet is asked for alone, and nothing is said', async () => {
    const { look, asked, problems } = await opened();
    expect(await look()).toEqual([]);
    expect(asked).toEqual([['blue', 4]]);
    expect(await problems()).toEqual([]);
  });

  it('weights that somebody has edited are corrected, and that is said', async () => {
    const { look, world, problems } = await opened();
    world.rules.http = { blue: 60, green: 40 };
    expect(await look()).toEqual(['the weights had been edited from outside; they were corrected']);
    expect(world.rules.http).toEqual({ blue: 100, green: 0 });
    expect(await problems()).toEqual(['problem: the weights had been edited from outside; they were corrected']);
  });

  it.each([
    [0, 4, { blue: 0, green: 100 }],
    [0, 0, { blue: 100, green: 0 }],
    [1, 4, { blue: 100, green: 0 }],
  ])('with %i and %i healthy targets edited weights become %j', async (blue, green, weights) => {
    const { look, world } = await opened();
    world.rules = { https: { blue: 0, green: 100 }, http: { blue: 0, green: 100 } };
    world.healthy = { blue, green };
    await look();
    expect(world.rules.https).toEqual(weights);
  });

  it('a reserved start that was lost is made again, and the fleets are left to it', async () => {
    const lock = { state: 'reserved' as const, publication: publication('b') };
    const { look, world, asked } = await opened(row({ lock }));
    expect(await look()).toEqual([`${own} started`]);
    expect([world.started, asked]).toEqual([[own], []]);
  });

  it('the fleets of a service that is reserved are left alone also where the start fails', async () => {
    const lock = { state: 'reserved' as const, publication: publication('b') };
    const bounds = { min: 1, max: 4, desired: 1, suspended: [] };
    const { ports, world, asked } = await opened(row({ lock, limits: { blue: bounds, green: bounds } }));
    world.now = start + 3 * minute;
    world.healthy = { blue: 3, green: 2 };
    ports.executions.start = () => Promise.reject(new Rejected('AccessDenied'));
    ports.fleet.restore = async () => void asked.push(['restore', 0]);
    ports.fleet.tidy = async () => asked.push(['tidy', 0]);
    await expect(reconcile(ports)()).rejects.toThrow('AccessDenied');
    expect([asked, world.removed]).toEqual([[], []]);
  });

  it('whoever has been started finds a newer image at its end: none is looked for', async () => {
    const { look, ports, asked } = await opened(row({ next: publication('b') }));
    ports.images.newest = () => Promise.reject(new Error('looked for'));
    expect(await look()).toEqual([`${own} started`]);
    expect(asked).toEqual([]);
  });

  it('an image whose event was lost is published', async () => {
    const { look, ports, world } = await opened();
    ports.images.newest = async () => ({ image: image('c'), order: start + minute });
    expect(await look()).toEqual(['release-c: started']);
    expect(world.started).toEqual([`checkout-${publication('c').release}-1`]);
    const old = await opened();
    old.ports.images.newest = async () => ({ image: image('c'), order: start - minute });
    expect(await old.look()).toEqual([]);
  });

  it('a service that only observes is not touched', async () => {
    const { look, world, asked } = await opened(row(), service({ mode: 'observe' }));
    world.rules.http = { blue: 60, green: 40 };
    expect(await look()).toEqual([]);
    expect(world.rules.http).toEqual({ blue: 60, green: 40 });
    expect(asked).toEqual([]);
  });

  it.each(['automatic', 'observe'] as const)('bounds are restored and images looked for in mode %s', async (mode) => {
    const bounds = { min: 1, max: 4, desired: 1, suspended: [] };
    const { look, ports, world } = await opened(row({ limits: { blue: bounds, green: bounds } }), service({ mode }));
    world.now = start + 3 * minute;
    const did: string[] = [];
    ports.fleet.restore = async () => void did.push('restore');
    ports.fleet.tidy = async () => did.push('tidy');
    ports.images.newest = async () => {
      did.push('newest');
      return null;
    };
    expect(await look()).toEqual([]);
    expect(did).toEqual(['restore', 'tidy', 'newest']);
  });

  it('the fleets are looked after one part after the other, and images last', async () => {
    const { look, ports, world } = await opened();
    world.healthy = { blue: 3, green: 2 };
    const did: string[] = [];
    ports.traffic.health = async () => {
      did.push('health');
      return [];
    };
    ports.fleet.ensure = async () => {
      did.push('ensure');
      return { launched: 1, short: 'no capacity in eu-west-1a' };
    };
    ports.fleet.own = async () => {
      did.push('own');
      return [];
    };
    ports.images.newest = async () => {
      did.push('newest');
      return null;
    };
    expect(await look()).toEqual([
      '1 instances of the live fleet replaced',
      'no capacity in eu-west-1a',
      '2 instances run in green, which is idle: they are being removed',
    ]);
    // The weights agree: the only one to ask for health is who looks for unhealthy instances.
    expect(did).toEqual(['health', 'ensure', 'own', 'newest']);
  });

  it('a service without a row has only its image looked for; without a configuration, nothing', async () => {
    const { look, ports, asked } = await opened();
    ports.ledger.row = async () => null;
    ports.images.newest = () => Promise.reject(new Unread('it holds "latest"'));
    expect([await look(), asked]).toEqual([[], []]);
    expect(await ports.ledger.history('checkout')).toMatchObject([{ kind: 'refused', text: 'it holds "latest"' }]);
    ports.ledger.configuration = async () => null;
    expect(await reconcile(ports)()).toEqual({});
  });
});

describe('while a rollout runs', () => {
  it('the fleets are its own affair, and its weights are kept as it decided', async () => {
    const { look, world, asked } = await opened(held({ phase: 'shifting', step: 1 }));
    world.now = start + minute;
    world.rules.http = { blue: 0, green: 100 };
    expect(await look()).toEqual(['the weights had been edited from outside; they were corrected']);
    expect(world.rules.http).toEqual({ blue: 100, green: 0 });
    expect(asked).toEqual([]);
  });

  it('it is looked at by what it was admitted with, also where the configuration cannot be read', async () => {
    const { look, ports, world } = await opened(held({ phase: 'shifting', step: 1 }));
    world.now = start + minute;
    world.rules.http = { blue: 0, green: 100 };
    const asked: unknown[] = [];
    const { weights } = ports.traffic;
    ports.traffic.weights = (configuration) => {
      asked.push(configuration);
      return weights(configuration);
    };
    ports.ledger.configuration = () => Promise.reject(new Rejected('damaged'));
    expect(await look()).toEqual(['the weights had been edited from outside; they were corrected']);
    expect(asked[0]).toEqual(plan().configuration);
  });

  it('one whose execution has ended is followed by a recovery', async () => {
    const { look, world } = await opened(held({ phase: 'shifting', step: 1 }));
    world.closed.push(own);
    expect(await look()).toEqual(['recovery recover-checkout-7-1 started']);
  });

  it('one whose execution has ended is not aborted for having stood still', async () => {
    const { look, world, row: read } = await opened(held({ phase: 'shifting', step: 1 }));
    world.now = start + 30 * 24 * 60 * minute;
    world.closed.push(own);
    expect(await look()).toEqual(['recovery recover-checkout-7-1 started']);
    expect((await read()).abort).toBeNull();
  });

  it('one that has stood still for days before commit is aborted, one that is in time is not', async () => {
    const late = await opened(held({ phase: 'shifting', step: 1 }));
    late.world.now = start + 30 * 24 * 60 * minute;
    await late.look();
    expect((await late.row()).abort).toMatchObject({ by: 'reconcile' });
    const soon = await opened(held({ phase: 'shifting', step: 1 }));
    soon.world.now = start + minute;
    await soon.look();
    expect((await soon.row()).abort).toBeNull();
    expect(soon.stopped).toEqual([]);
  });

  it('one that waits for a person’s answer is called to mind once an hour', async () => {
    const asking = plan({}, service({ approval: { within: '1 day' } }));
    const question = { id: 'q1', kinds: ['approval'], step: 0, asked: start, until: null, why: 'it is ready' };
    const { look, world, problems } = await opened(held({ plan: asking, question }));
    world.now = start + 60 * minute - 1;
    expect(await look()).toEqual([]);
    world.now = start + 61 * minute;
    expect(await look()).toEqual([
      expect.stringMatching(
        /has waited for an answer for 1 hour.*cutover approve checkout --question q1, or cutover reject/,
      ),
    ]);
    world.now = start + 119 * minute;
    expect(await look()).toEqual([]);
    world.now = start + 120 * minute;
    expect(await look()).toEqual([expect.stringContaining('for 2 hours')]);
    expect(await problems()).toHaveLength(2);
  });
});

describe('a failure', () => {
  const denied = new Rejected('AccessDenied');

  it('of a service is thrown with its name, after the others have been looked at', async () => {
    const { ports, asked } = await opened();
    const { row: read } = ports.ledger;
    ports.ledger.services = async () => ['broken', 'checkout', 'late'];
    ports.ledger.row = (name) => (name === 'checkout' ? read(name) : Promise.reject(denied));
    await expect(reconcile(ports)()).rejects.toMatchObject({
      name: 'Transient',
      message: 'could not reconcile broken: AccessDenied; late: AccessDenied',
    });
    expect(asked).toEqual([['blue', 4]]);
  });

  it('to believe a row is thrown and recorded, and failing to record it is thrown too', async () => {
    const { ports, problems } = await opened();
    ports.ledger.row = () => Promise.reject(new Disbelieved('the row is odd'));
    await expect(reconcile(ports)()).rejects.toThrow(/^could not reconcile checkout: the row is odd$/);
    expect(await problems()).toEqual(['problem: the row is odd']);
    ports.ledger.history = () => Promise.reject(denied);
    await expect(reconcile(ports)()).rejects.toThrow(
      /^could not reconcile checkout: the row is odd; checkout: AccessDenied$/,
    );
  });

  it('of one part keeps no other part of the service waiting', async () => {
    const { ports, world } = await opened();
    ports.fleet.ensure = () => Promise.reject(denied);
    ports.images.newest = async () => ({ image: image('c'), order: start + minute });
    await expect(reconcile(ports)()).rejects.toThrow('could not reconcile checkout: AccessDenied');
    expect(world.started).toEqual([`checkout-${publication('c').release}-1`]);
  });

  it('to read the weights keeps no recovery from being started', async () => {
    const { ports, world } = await opened(held({ phase: 'shifting', step: 1 }));
    world.closed.push(own);
    ports.traffic.weights = () => Promise.reject(denied);
    ports.traffic.setWeights = () => Promise.reject(denied);
    await expect(reconcile(ports)()).rejects.toThrow('AccessDenied');
    expect(world.started).toEqual(['recover-checkout-7-1']);
  });
});
