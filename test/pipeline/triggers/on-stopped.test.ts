/** on-stopped: whose execution ended, what goes on for it, and that no failure is swallowed. */
import { describe, expect, it } from 'vitest';
import { Rejected } from '../../../core/basics/errors.ts';
import { executionName } from '../../../core/protocol/row.ts';
import { onStopped, stoppedEvent } from '../../../pipeline/triggers/on-stopped.ts';
import { publication, service } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';

const name = executionName('checkout', publication('b'));
const event = (change: { name?: string; input?: string | null } = {}) => ({
  detail: { name, status: 'TIMED_OUT', input: JSON.stringify({ service: 'checkout' }), ...change },
});

/** The holder's execution is closed, and so are those of `closed`. */
const opened = async (...closed: string[]) => {
  const { world, ports, row } = await createWorld(held());
  world.closed.push(name, ...closed);
  const told = async () => (await ports.ledger.history('checkout')).map(({ kind, text }) => ({ kind, text }));
  return { world, ports, row, told };
};

describe('an execution that ended', () => {
  it('and held a service is followed by a recovery under the row’s token', async () => {
    const { world, ports, told } = await opened();
    const inputs: unknown[] = [];
    const { start } = ports.executions;
    ports.executions.start = (one, input) => {
      inputs.push(input);
      return start(one, input);
    };
    expect(await onStopped(ports)(event())).toEqual({ state: 'started', name: 'recover-checkout-7-1' });
    expect(world.started).toEqual(['recover-checkout-7-1']);
    expect(inputs).toEqual([{ service: 'checkout', release: publication('b').release, attempt: 1, token: 7 }]);
    expect(await told()).toEqual([
      { kind: 'recovered', text: `${name} ended TIMED_OUT in phase preparing: recover-checkout-7-1 goes on` },
    ]);
  });

  it('is found by its name where the event has no input, or one that cannot be read', async () => {
    for (const input of [null, '{"service":', '{"service":7}', '{"service":"another"}']) {
      const { ports } = await opened();
      expect(await onStopped(ports)(event({ input })), String(input)).toMatchObject({ state: 'started' });
    }
  });

  it('and held nothing is nobody’s to recover', async () => {
    const { world, ports, told } = await opened();
    expect(await onStopped(ports)(event({ name: 'checkout-other-1' }))).toEqual({ state: 'not needed' });
    expect([world.started, await told()]).toEqual([[], []]);
  });

  it('after its recovery is followed by the next one only after a pause', async () => {
    const { world, ports, told } = await opened('recover-checkout-7-1');
    ports.executions.moved = async () => world.now - 750;
    expect(await onStopped(ports)(event())).toEqual({ state: 'waiting', seconds: 119.25 });
    expect(world.started).toEqual(['recover-checkout-7-1']);
    expect(await told()).toEqual([
      { kind: 'problem', text: `${name} ended TIMED_OUT in phase preparing: the next recovery follows in 2 minutes` },
    ]);
  });

  it('after its last recovery is reported as stuck', async () => {
    const { ports, told } = await opened(...[1, 2, 3, 4, 5].map((n) => `recover-checkout-7-${n}`));
    ports.executions.moved = async () => 0;
    expect(await onStopped(ports)(event())).toEqual({ state: 'given up' });
    expect(await told()).toMatchObject([{ kind: 'stuck', text: expect.stringContaining(`stuck: ${name}`) }]);
  });

  it('before it was admitted starts the attempt that the service is reserved for, once more', async () => {
    const lock = { state: 'reserved' as const, publication: publication('b') };
    const { world, ports } = await createWorld(held({ lock, phase: 'free', plan: null }), service());
    expect(await onStopped(ports)(event())).toEqual({ state: 'not needed' });
    expect(world.started).toEqual([name]);
  });
});

describe('the service that the input names', () => {
  const looking = async (input: string | null | undefined, one = name) => {
    const { ports } = await opened();
    const { row: read } = ports.ledger;
    const looked: string[] = [];
    ports.ledger.services = async () => ['another', 'checkout'];
    ports.ledger.row = (service) => {
      looked.push(service);
      return service === 'checkout' ? read(service) : Promise.resolve(null);
    };
    const result = await onStopped(ports)({ detail: { ...event().detail, name: one, input } });
    return { result, looked, ports };
  };

  it('is looked at alone, and every service, once, only where it names none that there is', async () => {
    expect((await looking('{"service":"checkout"}')).looked).toEqual(['checkout']);
    for (const input of [null, undefined, 'null', '{}', '{"service":7}', '{"service":"gone"}', 'no JSON']) {
      const { looked, result } = await looking(input);
      expect(looked, String(input)).toEqual(['another', 'checkout']);
      expect(result).toMatchObject({ state: 'started' });
    }
  });

  it('is nobody’s where no service, with or without a row, is held by the execution', async () => {
    expect((await looking(null, 'checkout-other-1')).result).toEqual({ state: 'not needed' });
  });

  it('is what the recovery is recorded about, once for each execution', async () => {
    const { ports } = await looking('{"service":"checkout"}');
    expect(await ports.ledger.history('checkout')).toMatchObject([
      { by: 'on-stopped', id: expect.stringMatching(new RegExp(`/on-stopped/recovered/${name}$`)) },
    ]);
  });
});

it('an event without a name or a status is no event of an execution', () => {
  expect(stoppedEvent.safeParse(event()).success).toBe(true);
  expect(stoppedEvent.parse(event())).toEqual(event());
  for (const detail of [{}, { name }, { status: 'FAILED' }, undefined])
    expect(stoppedEvent.safeParse({ detail }).success).toBe(false);
});

describe('a failure', () => {
  const denied = new Rejected({ problem: 'GetItem failed with AccessDeniedException', remedy: 'allow this call' });

  it('to read the row is thrown as one that is tried again, with its service', async () => {
    const { ports } = await opened();
    ports.ledger.row = () => Promise.reject(denied);
    await expect(onStopped(ports)(event())).rejects.toMatchObject({
      name: 'Transient',
      message: `checkout: ${denied.message}`,
    });
  });

  it('to start the recovery is thrown, and nothing is said to go on', async () => {
    const { ports, told } = await opened();
    ports.executions.start = () => Promise.reject(denied);
    await expect(onStopped(ports)(event())).rejects.toMatchObject({ name: 'Transient' });
    expect(await told()).toEqual([]);
  });

  it('of another service does not keep the right one from being recovered', async () => {
    const { ports } = await opened();
    const { row } = ports.ledger;
    ports.ledger.services = async () => ['broken', 'checkout', 'late'];
    ports.ledger.row = (one) => (one === 'checkout' ? row(one) : Promise.reject(denied));
    expect(await onStopped(ports)(event({ input: null }))).toMatchObject({ state: 'started' });
  });

  it('of each of the others is thrown where the right one is not found', async () => {
    const { ports } = await opened();
    const { row } = ports.ledger;
    ports.ledger.services = async () => ['broken', 'checkout', 'late'];
    ports.ledger.row = (one) => (one === 'checkout' ? row(one) : Promise.reject(denied));
    await expect(onStopped(ports)(event({ input: null, name: 'another' }))).rejects.toThrow(
      `broken: ${denied.message}; late: ${denied.message}`,
    );
  });
});
