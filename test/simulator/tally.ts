/** Counts the results of thousands of plays. */
import { formatDuration } from '../../core/basics/duration.ts';
import { columnsOf } from '../../report/table.ts';
import { actNames } from './acts.ts';
import { type Fault, faultText, kindNames } from './faults.ts';
import type { Played } from './play.ts';
import { type Scenario, scenarioText } from './scenario.ts';

/** One play as a worker tells it. */
export interface Told {
  seed: number;
  scenario: Scenario;
  struck: Fault[];
  outcome: string;
  violations: string[];
  unsafe: Played['unsafe'];
  decisions: Played['decisions'];
  events: number;
  /** Each kind with what it struck. */
  points: string[];
}

/** What a worker tells of a play. */
export const toldOf = ({ seed, scenario, struck, outcome, violations, unsafe, decisions, events }: Played): Told => ({
  seed,
  scenario,
  struck: struck.map(({ fault }) => fault),
  outcome,
  violations,
  unsafe,
  decisions,
  events,
  points: struck.map(({ fault: { kind }, what }) => `${kind} ${what}`),
});

export type Counts = Map<string, number>;

export interface Tally {
  done: number;
  bad: number;
  outcomes: Counts;
  kinds: Counts;
  /** What was done meanwhile. */
  acts: Counts;
  /** Kinds by what they struck: a command, a function, a delivery, an event of a history. */
  points: Set<string>;
  /** By kind, where it was alone and the image good: the longest time for which it was unsafe, and why. */
  longest: Map<string, Played['unsafe']>;
  decisions: Played['decisions'];
  events: number;
  /** How many had so many faults at least. */
  atLeast: Record<1 | 3 | 4, number>;
}

export const newTally = (): Tally => ({
  done: 0,
  bad: 0,
  outcomes: new Map(['live', 'failed', 'superseded', 'refused'].map((outcome) => [outcome, 0])),
  kinds: new Map(),
  acts: new Map(),
  points: new Set(),
  longest: new Map(),
  decisions: { all: 0, untrue: 0 },
  events: 0,
  atLeast: { 1: 0, 3: 0, 4: 0 },
});

const add = (counts: Counts, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

export const count = (tally: Tally, told: Told): void => {
  const { outcome, scenario, struck, violations, unsafe, decisions } = told;
  const [first, ...others] = struck;
  // What a bad image or a person brings about is not the fault's doing.
  const isAlone = others.length === 0 && scenario.image === 'good' && !scenario.sick && scenario.acts.length === 0;
  if (first !== undefined && isAlone && unsafe.seconds >= (tally.longest.get(first.kind)?.seconds ?? 0))
    tally.longest.set(first.kind, unsafe);
  for (const point of told.points) tally.points.add(point);
  tally.decisions.all += decisions.all;
  tally.decisions.untrue += decisions.untrue;
  tally.events = Math.max(tally.events, told.events);
  tally.done++;
  if (violations.length > 0) tally.bad++;
  add(tally.outcomes, outcome);
  for (const { kind } of struck) add(tally.kinds, kind);
  for (const { what } of scenario.acts) add(tally.acts, what);
  for (const least of [1, 3, 4] as const) if (struck.length >= least) tally.atLeast[least]++;
};

const textOf = (counts: Counts): string =>
  [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([key, many]) => `${key} ${many}`)
    .join(', ');

const longestText = ([kind, { seconds, why }]: [string, Played['unsafe']]): string[] => [
  `  ${kind}`,
  seconds === 0 ? 'safe throughout' : `at most ${formatDuration(seconds)}`,
  why,
];

export const tallyText = ({ done, bad, outcomes, kinds, acts, atLeast, ...tally }: Tally): string =>
  [
    `${done} rollouts, ${bad} with a violation`,
    `faults struck: at least one in ${atLeast[1]}, three and more in ${atLeast[3]}, four in ${atLeast[4]}`,
    `outcomes: ${textOf(outcomes)}`,
    `kinds: ${textOf(kinds)}`,
    `done meanwhile: ${textOf(acts)}`,
    `fault points: ${tally.points.size} different ones, as kind and what it struck`,
    `weights decided: ${tally.decisions.all}, of which what truly answered did not carry ${tally.decisions.untrue}`,
    `longest history of an execution: ${tally.events} events`,
    'longest time from a fault to safe, where it was alone and the image good; looks are 20 seconds apart:',
    ...columnsOf([...tally.longest].sort(([, a], [, b]) => b.seconds - a.seconds).map(longestText)),
  ].join('\n');

/** Plays after which whatever has never happened is missing; of an image that is refused, which is one in a thousand, more. */
const enough = { usual: 1000, refused: 10_000 };

export interface Missing {
  /** In so many plays it should have happened. */
  counts: boolean;
  text: string;
}

/** What never happened, in two lines at most: what should have, and what need not in so few plays. */
export const missing = ({ done, outcomes, kinds, acts }: Tally): Missing[] => {
  const never = [
    ...[...outcomes]
      .filter(([, many]) => many === 0)
      .map(([name]) => ({ name, what: 'outcomes', from: name === 'refused' ? enough.refused : enough.usual })),
    ...kindNames.filter((kind) => !kinds.has(kind)).map((name) => ({ name, what: 'faults', from: enough.usual })),
    ...actNames.filter((act) => !acts.has(act)).map((name) => ({ name, what: 'acts', from: enough.usual })),
  ];
  return [true, false].flatMap((counts) => {
    const own = never.filter(({ from }) => done >= from === counts);
    const listed = ['outcomes', 'faults', 'acts']
      .map((which) => ({ which, names: own.filter(({ what }) => what === which).map(({ name }) => name) }))
      .filter(({ names }) => names.length > 0)
      .map(({ which, names }) => `${which} ${names.join(', ')}`);
    const sign = counts ? `✗ never seen in ${done} rollouts` : `never seen, which ${done} rollouts are too few for`;
    return listed.length === 0 ? [] : [{ counts, text: `${sign}: ${listed.join('; ')}` }];
  });
};

/** The command that plays it again, told step by step. */
export const again = ({ seed, scenario, struck }: Pick<Told, 'seed' | 'scenario' | 'struck'>, fleet: string): string =>
  `npm run chaos -- --replay ${seed} --fleet ${fleet} --scenario ${scenarioText(scenario)} --faults ${struck.map(faultText).join(',') || 'none'}`;
