/** What one rollout with the defaults costs on AWS: its work as counted here, times the list prices of us-east-1 (from memory; look yours up). */
import { sqliteStore } from '../adapters/ledger/sqlite.ts';
import { createStory } from '../test/build.ts';

/** Dollars. */
const prices = {
  transition: 0.025 / 1000,
  request: 0.2 / 1_000_000,
  /** A GB of memory for a second, arm64. */
  gigabyteSecond: 0.0000133334,
  metric: 0.01 / 1000,
  event: 1 / 1_000_000,
  /** A read of 4 kB, consistent; a write of 1 kB in a transaction counts twice. */
  read: 0.125 / 1_000_000,
  write: 0.625 / 1_000_000,
  logged: 0.5 / 1_000_000_000,
  trace: 5 / 1_000_000,
};

/** What an invocation is billed: seconds, and GB. Half a second is more than one takes that waits for a dozen calls of AWS. */
const billed = { seconds: 0.5, gigabytes: 0.5 };

const kilobytes = (value: unknown): number => Math.ceil(JSON.stringify(value ?? null).length / 1000);

export const priceBench = async (): Promise<void> => {
  const work = { reads: 0, writes: 0, metrics: 0, logged: 0 };
  const inner = await sqliteStore(':memory:');
  const story = await createStory({
    store: {
      get: async (pk, sk) => {
        const item = await inner.get(pk, sk);
        work.reads += Math.ceil(kilobytes(item) / 4);
        return item;
      },
      query: async (...asked) => {
        const items = await inner.query(...asked);
        work.reads += Math.ceil(kilobytes(items) / 4);
        return items;
      },
      write: (changes) => {
        for (const { value } of changes) work.writes += 2 * kilobytes(value);
        return inner.write(changes);
      },
    },
    onLog: (line) => {
      work.logged += line.length;
    },
  });
  story.push('v1');
  await story.rest();
  await story.after(600);
  const before = {
    ...work,
    events: story.cloud.calls.get('eventbridge:PutEvents') ?? 0,
    invocations: story.cloud.invocations(),
  };
  story.cloud.intercept((_service, command, input, next) => {
    if (command === 'GetMetricData')
      work.metrics += (input as { MetricDataQueries: unknown[] }).MetricDataQueries.length;
    return next();
  });
  story.push('v2');
  await story.rest();
  const [name = ''] = [...story.statuses.keys()].slice(-1);
  const history = story.cloud.machine.history(name);
  const transitions = history.filter(({ type }) => type.endsWith('StateEntered')).length;
  const invocations = story.cloud.invocations() - before.invocations;
  const events = (story.cloud.calls.get('eventbridge:PutEvents') ?? 0) - before.events;
  const logged = work.logged - before.logged + JSON.stringify(history).length;
  const parts: [what: string, dollars: number][] = [
    [`${transitions} state transitions`, transitions * prices.transition],
    [
      `${invocations} invocations of ${billed.seconds} s at ${billed.gigabytes} GB`,
      invocations * (prices.request + billed.seconds * billed.gigabytes * prices.gigabyteSecond),
    ],
    [`${work.metrics} metrics read`, work.metrics * prices.metric],
    [`${events} events`, events * prices.event],
    [`${work.reads - before.reads} reads of the ledger`, (work.reads - before.reads) * prices.read],
    [`${work.writes - before.writes} writes`, (work.writes - before.writes) * prices.write],
    [`${(logged / 1000).toFixed(0)} kB of logs`, logged * prices.logged],
    ['one trace', prices.trace],
  ];
  story.close();
  inner.close();
  const sum = parts.reduce((all, [, dollars]) => all + dollars, 0);
  for (const [what, dollars] of parts) console.log(`  ${what.padEnd(44)}${(100 * dollars).toFixed(4)} ct`);
  console.log(`price of a rollout              ${(100 * sum).toFixed(2)} ct, with the defaults`);
};
