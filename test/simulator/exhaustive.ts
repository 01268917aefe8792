/** Every call of a recorded rollout with every kind of fault, pairs of them, and whoever stops it at every moment: lists of what to play. */
import { type Fault, type KindName, kindNames, kinds, type Place } from './faults.ts';
import { play } from './play.ts';
import { type Drawn, parseScenario, type Scenario } from './scenario.ts';

export const sweeps = ['calls', 'pairs', 'stops'] as const;
export type Sweep = (typeof sweeps)[number];

/** One that goes forward, one that goes back and one that makes way for a newer one. Of pairs there are a hundred thousand of the smallest alone. */
const usual: Record<Sweep, string[]> = {
  calls: ['good/canary', 'failing/canary', 'good/ramp/newer:30'],
  pairs: ['quick/small'],
  stops: ['good/canary', 'failing/canary', 'good/ramp/newer:30'],
};

const pairwise: KindName[] = ['answerLost', 'killed', 'throttled', 'zombie'];
const atMoments: KindName[] = ['crashed', 'stopped', 'redriven', 'redrivenLater', 'startedAnew', 'startedAnewLater'];

const at = (kind: KindName, index: number): Fault => ({ kind, of: null, at: index });

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** `scenario`: the sweep's own unless told. */
export const casesOf = async (sweep: Sweep, scenario?: Scenario): Promise<Drawn[]> => {
  const scenarios = scenario === undefined ? usual[sweep].map(parseScenario) : [scenario];
  const all: Drawn[] = [];
  for (const one of scenarios) all.push(...(await casesIn(sweep, one)));
  return all;
};

const casesIn = async (sweep: Sweep, scenario: Scenario): Promise<Drawn[]> => {
  const { counts } = await play(1, { scenario, faults: [] });
  const many = (place: Place): number => counts.get(place) ?? 0;
  const of = (kind: KindName): Fault[] => range(many(kinds[kind].of)).map((index) => at(kind, index));
  const single = (names: KindName[]): Drawn[] =>
    names.flatMap((kind) => of(kind).map((fault) => ({ scenario, faults: [fault] })));
  if (sweep === 'calls') return single(kindNames.filter((kind) => kinds[kind].of !== 'moment'));
  if (sweep === 'stops') return single(atMoments);
  const calls = many('call');
  return range(calls).flatMap((first) =>
    range(calls - first - 1).flatMap((gap) =>
      pairwise.flatMap((one) =>
        pairwise.map((other) => ({ scenario, faults: [at(one, first), at(other, first + 1 + gap)] })),
      ),
    ),
  );
};
