/** Runs executions recorded on AWS Step Functions and compares outcome and history. The recordings are not part of the project. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createMachine, type Machine } from '../../../local/engine/machine.ts';
import { virtualTime } from '../../../local/time.ts';

interface Recording {
  name: string;
  definition: unknown;
  input: unknown;
  expected: { status: string; output?: unknown; error?: string; cause?: unknown };
  expectedHistory: Record<string, unknown>[];
  lambdaBehaviour?: Record<string, { kind: 'identity' | 'raise'; errorType?: string; errorMessage?: string }>;
}

const root = new URL('../../../', import.meta.url);
const recordings = new URL('../shared/conformance/asl-jsonata-cases.json', root);
const unsupported = readFileSync(new URL('docs/engine.md', root), 'utf8');

/** Values that differ from run to run, by name; and a length, because the recorded functions were Python's, which puts spaces into JSON. */
const volatile = new Set(
  'timestamp requestId RequestId x-amzn-RequestId X-Amzn-Trace-Id Date TimestampValue Content-Length'.split(' '),
);

/** JSON texts parsed, at every depth, and volatile values dropped: recordings have both forms. */
const comparable = (value: unknown): unknown => {
  if (typeof value === 'string') {
    const erased = value.replace(/"requestId":"[^"]*"/, '"requestId":""');
    try {
      const parsed: unknown = JSON.parse(erased);
      return typeof parsed === 'object' ? comparable(parsed) : parsed;
    } catch {
      return erased;
    }
  }
  if (Array.isArray(value)) return value.map(comparable);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, volatile.has(key) ? '' : comparable(item)]),
  );
};

const machineOf = ({ definition, lambdaBehaviour = {} }: Recording, time: ReturnType<typeof virtualTime>): Machine =>
  createMachine({
    definition,
    arn: 'arn:aws:states:<region>:111111111111:stateMachine:recorded',
    roleArn: 'snf_role_arn',
    time,
    random: () => 0.5,
    invoke: async (_, payload) => {
      const [behaviour] = Object.values(lambdaBehaviour);
      if (behaviour?.kind !== 'raise') return payload;
      const { errorType = '', errorMessage = '' } = behaviour;
      const stackTrace = [
        `  File "/var/task/handler.py", line 2, in handler\n    raise Exception("${errorMessage}")\n`,
      ];
      const cause = { errorMessage, errorType, requestId: '', stackTrace };
      throw Object.assign(new Error(errorMessage, { cause }), { name: errorType });
    },
  });

const run = async (recording: Recording): Promise<{ expected: unknown; found: unknown }> => {
  const time = virtualTime();
  const machine = machineOf(recording, time);
  machine.start({ name: 'recorded', input: JSON.stringify(recording.input) });
  await time.run();
  const { status, output, error, cause } = machine.describe('recorded');
  return {
    expected: comparable([recording.expected, recording.expectedHistory]),
    found: comparable([
      JSON.parse(JSON.stringify({ status, output, error, cause })),
      JSON.parse(JSON.stringify(machine.history('recorded'))),
    ]),
  };
};

/** `state 'X': type 'Map' is not supported` without the state. */
const reasonOf = (error: unknown): string =>
  ((error as { problems?: string[] }).problems?.[0] ?? String(error)).replace(/^state '.*?': /, '');

test('executions recorded on AWS give the same history, or are refused for a documented reason', async () => {
  if (!existsSync(recordings)) {
    console.log('conformance: no recordings beside the project, nothing compared');
    return;
  }
  const { cases } = JSON.parse(readFileSync(recordings, 'utf8')) as { cases: Recording[] };
  const wrong: string[] = [];
  const refused = new Map<string, number>();
  let passed = 0;
  for (const recording of cases) {
    try {
      const { expected, found } = await run(recording);
      expect(found).toEqual(expected);
      passed++;
    } catch (error) {
      if ((error as Error).name !== 'InvalidDefinition') wrong.push(`${recording.name}: ${(error as Error).message}`);
      else refused.set(reasonOf(error), (refused.get(reasonOf(error)) ?? 0) + 1);
    }
  }
  const reasons = [...refused].map(([reason, count]) => `${count} × ${reason}`);
  const refusals = [...refused.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `conformance: ${passed} passed, ${refusals} refused (${reasons.join('; ')}), ${wrong.length} wrong of ${cases.length}`,
  );
  expect(wrong).toEqual([]);
  for (const reason of refused.keys()) expect(unsupported).toContain(`\`${reason}\``);
});
