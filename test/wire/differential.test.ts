/** The same commands to moto, over HTTP, and to the simulated AWS: what comes of them agrees, or stands in the table of known differences. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { simulatedCommands } from '../../local/cloud.ts';
import { differences, notCompared } from './differences.ts';
import { sequencesOfGroups } from './sequences/groups.ts';
import { sequencesOfInstances } from './sequences/instances.ts';
import { sequencesOfOthers } from './sequences/others.ts';
import { sequencesOfRules } from './sequences/rules.ts';
import { sequencesOfTargets } from './sequences/targets.ts';
import { sequencesOfTemplates } from './sequences/templates.ts';
import { openSides, type Sequence, type Side } from './sides.ts';

const sequences = [
  ...sequencesOfInstances,
  ...sequencesOfTemplates,
  ...sequencesOfGroups,
  ...sequencesOfRules,
  ...sequencesOfTargets,
  ...sequencesOfOthers,
];

/** As JSON has it: ids numbered as they appear, ARNs by what they are of. */
const plain = (value: unknown, { service, loadBalancer }: Side['account']): Record<string, unknown> => {
  const arns = { ...service.slots, rule: service.rules[0] ?? '', loadBalancer };
  const named = Object.entries(arns).reduce((text, [name, arn]) => text.replaceAll(arn, name), JSON.stringify(value));
  const seen = new Map<string, string>();
  const numbered = named.replace(/\b(i|ami|lt)-[0-9a-f]{8,17}\b/g, (id, kind) => {
    const number = seen.get(id) ?? `${kind}-${seen.size + 1}`;
    seen.set(id, number);
    return number;
  });
  return JSON.parse(numbered.replace(/\b(123456789012|111122223333)\b/g, 'account'));
};

const comeTo = async ({ run }: Sequence, { clients, account }: Side) => plain(await run(clients, account), account);

const sent = new Set<string>();

describe.concurrent('the simulated AWS and moto', () => {
  test.each(sequences.map((sequence, index) => ({ name: sequence.name, sequence, index })))('$name', async (each) => {
    const { sequence, index } = each;
    const { moto, simulated, calls } = await openSides(`alike-${index}`, sequencesOfGroups.includes(sequence));
    const theirs = await comeTo(sequence, moto);
    const ours = await comeTo(sequence, simulated);
    for (const call of calls.keys()) sent.add(call);
    const differing = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
      .filter((at) => !isDeepStrictEqual(ours[at], theirs[at]))
      .map((at) => [at, [ours[at], theirs[at]]]);
    const known = differences.filter((one) => one.sequence === sequence.name).map(({ differs }) => differs);
    expect(Object.fromEntries(differing)).toEqual(Object.assign({}, ...known));
  });
});

test('every known difference is of a sequence that there is', () => {
  const names = sequences.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(differences.filter(({ sequence }) => !names.includes(sequence))).toEqual([]);
});

test('every command that is simulated is compared, or known not to be', () => {
  const all = Object.entries(simulatedCommands).flatMap(([service, commands]) =>
    commands.map((command) => `${service}:${command}`),
  );
  expect(all.filter((call) => !sent.has(call) && !notCompared.includes(call))).toEqual([]);
  expect(notCompared.filter((call) => sent.has(call))).toEqual([]);
});
