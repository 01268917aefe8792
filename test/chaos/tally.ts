/** What thousands of plays came to, counted. */
import { type Fault, faultText, kindNames } from './faults.ts';
import { type Scenario, scenarioText } from './scenario.ts';

/** One play as a worker tells it. */
export interface Told {
  seed: number;
  scenario: Scenario;
  struck: Fault[];
  outcome: string;
  violations: string[];
}

export type Counts = Map<string, number>;

export interface Tally {
  done: number;
  bad: number;
  outcomes: Counts;
  kinds: Counts;
  /** How many had so many faults at least. */
  atLeast: Record<1 | 3 | 4, number>;
}

export const newTally = (): Tally => ({
  done: 0,
  bad: 0,
  outcomes: new Map(['live', 'failed', 'superseded', 'refused'].map((outcome) => [outcome, 0])),
  kinds: new Map(),
  atLeast: { 1: 0, 3: 0, 4: 0 },
});

const add = (counts: Counts, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

export const count = (tally: Tally, { outcome, struck, violations }: Told): void => {
  tally.done++;
  if (violations.length > 0) tally.bad++;
  add(tally.outcomes, outcome);
  for (const { kind } of struck) add(tally.kinds, kind);
  for (const least of [1, 3, 4] as const) if (struck.length >= least) tally.atLeast[least]++;
};

const textOf = (counts: Counts): string =>
  [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([key, many]) => `${key} ${many}`)
    .join(', ');

export const tallyText = ({ done, bad, outcomes, kinds, atLeast }: Tally): string =>
  [
    `${done} rollouts, ${bad} with a violation`,
    `faults struck: at least one in ${atLeast[1]}, three and more in ${atLeast[3]}, four in ${atLeast[4]}`,
    `outcomes: ${textOf(outcomes)}`,
    `kinds: ${textOf(kinds)}`,
  ].join('\n');

/** What never happened, though all of it should have, in so many plays. */
export const missing = ({ outcomes, kinds }: Tally): string[] => [
  ...[...outcomes].filter(([, many]) => many === 0).map(([outcome]) => outcome),
  ...kindNames.filter((kind) => !kinds.has(kind)),
];

/** The command that plays it again, told step by step. */
export const again = ({ seed, scenario, struck }: Pick<Told, 'seed' | 'scenario' | 'struck'>, fleet: string): string =>
  `npm run chaos -- --replay ${seed} --fleet ${fleet} --scenario ${scenarioText(scenario)} --faults ${struck.map(faultText).join(',') || 'none'}`;
