/** The local Lambda: JSON in and out, errors as payloads, deadlines, warm and cold instances. */
import { expect, test } from 'vitest';
import { whileAlive } from '../../../local/invocation.ts';
import { createLambda, type LambdaOptions } from '../../../local/lambda.ts';
import { sleep, virtualTime } from '../../../local/time.ts';

const make = (work: LambdaOptions['functions'][string], options: Partial<LambdaOptions> = {}) => {
  const time = virtualTime(0);
  const lambda = createLambda({ time, functions: { work }, timeouts: { work: 3 }, ...options });
  return { time, lambda };
};

test('event and result go through JSON, so that nothing is shared', async () => {
  const event = { list: [1], none: undefined };
  const { lambda } = make(async (given) => {
    expect(given).toEqual({ list: [1] });
    (given as typeof event).list.push(2);
    return { at: new Date(0), given };
  });
  expect(await lambda.invoke('work', event)).toEqual({ at: '1970-01-01T00:00:00.000Z', given: { list: [1, 2] } });
  expect(event.list).toEqual([1]);
  expect(lambda.invocations()).toBe(1);
});

test('no result is null', async () => {
  expect(await make(async () => undefined).lambda.invoke('work', {})).toBeNull();
});

test('what a handler throws becomes its name, message and trace', async () => {
  const { lambda } = make(async () => {
    throw Object.assign(new Error('try later'), { name: 'Transient' });
  });
  await expect(lambda.invoke('work', {})).rejects.toMatchObject({
    name: 'Transient',
    message: 'try later',
    cause: { errorType: 'Transient', errorMessage: 'try later', trace: expect.any(Array) },
  });
});

test('a function past its deadline fails as Sandbox.Timedout, and sends nothing more', async () => {
  const sent: string[] = [];
  const { lambda, time } = make(async () => {
    const send = (what: string, seconds: number) =>
      whileAlive(async () => {
        sent.push(what);
        await sleep(time, seconds * 1000);
        sent.push(`${what} was done`);
      });
    await send('the first', 1);
    await send('the second', 10);
    await send('the third', 0);
  });
  const told = lambda.invoke('work', {}).catch((error: Error) => `${error.name} at ${time.now()}: ${error.message}`);
  await time.run();
  expect(await told).toMatch(/^Sandbox.Timedout at 3000: .*timed out after 3.00 seconds$/);
  expect(sent).toEqual(['the first', 'the first was done', 'the second', 'the second was done']);
});

test('an answer at the very deadline is given or cut off, and never lost', async () => {
  const { lambda, time } = make(() => sleep(time, 3000).then(() => 'just so'), { timeouts: { work: 3 } });
  const told = lambda.invoke('work', {}).catch((error: Error) => error.name);
  await time.run();
  expect(['just so', 'Sandbox.Timedout']).toContain(await told);
});

test('an ARN names a function and a version; the caller may map the name', async () => {
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:cutover-work:4';
  const { lambda } = make(
    async (_, { functionName, functionVersion, invokedFunctionArn, getRemainingTimeInMillis }) => [
      functionName,
      functionVersion,
      invokedFunctionArn,
      getRemainingTimeInMillis(),
    ],
    { nameOf: (name) => name.replace(/^.*:function:cutover-([^:]+).*$/, '$1') },
  );
  expect(await lambda.invoke(arn, {})).toEqual(['cutover-work', '4', arn, 3000]);
  await expect(lambda.invoke('nobody', {})).rejects.toMatchObject({ name: 'Lambda.ResourceNotFoundException' });
});

test('an instance is cold at first, for a concurrent call, and after it has been idle', async () => {
  const billed: [string, number, boolean][] = [];
  const { lambda, time } = make(() => sleep(time, 100), {
    latency: { cold: 400, warm: 10, idle: 60_000 },
    onInvoke: (...told) => void billed.push(told),
  });
  for (const calls of [1, 2, 1]) {
    for (let call = 0; call < calls; call++) void lambda.invoke('work', {});
    await time.run();
  }
  await time.run({ until: time.now() + 61_000 });
  void lambda.invoke('work', {});
  await time.run();
  expect(billed).toEqual([true, false, true, false, true].map((cold) => ['work', 100, cold]));
});
