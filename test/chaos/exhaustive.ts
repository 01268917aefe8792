/** Every call of a recorded rollout with every kind of fault, pairs of them, and whoever stops it at every moment: lists of what to play. */
import { seededRandom } from '../../core/random.ts';
import { type Fault, type KindName, kindNames, kinds, type Place } from './faults.ts';
import { play } from './play.ts';
import type { Drawn, Scenario } from './scenario.ts';

export const sweeps = ['calls', 'pairs', 'stops'] as const;
export type Sweep = (typeof sweeps)[number];

/** Of pairs there are hundreds of thousands: so many are drawn, unless all are asked for. */
const sample = 3000;

const pairwise: KindName[] = ['answerLost', 'killed', 'throttled', 'zombie'];
const atMoments: KindName[] = ['crashed', 'stopped', 'redriven', 'redrivenLater', 'startedAnew', 'startedAnewLater'];

const at = (kind: KindName, index: number): Fault => ({ kind, of: null, at: index });

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

export const casesOf = async (sweep: Sweep, scenario: Scenario, all: boolean): Promise<Drawn[]> => {
  const { counts } = await play(1, { scenario, faults: [] });
  const many = (place: Place): number => counts.get(place) ?? 0;
  const of = (kind: KindName): Fault[] => range(many(kinds[kind].of)).map((index) => at(kind, index));
  const single = (names: KindName[]): Drawn[] =>
    names.flatMap((kind) => of(kind).map((fault) => ({ scenario, faults: [fault] })));
  if (sweep === 'calls') return single(kindNames.filter((kind) => kinds[kind].of !== 'moment'));
  if (sweep === 'stops') return single(atMoments);
  const calls = many('call');
  const pair = (first: number, second: number, one: KindName, other: KindName): Drawn => ({
    scenario,
    faults: [at(one, first), at(other, second)],
  });
  if (all)
    return range(calls).flatMap((first) =>
      range(calls - first - 1).flatMap((gap) =>
        pairwise.flatMap((one) => pairwise.map((other) => pair(first, first + 1 + gap, one, other))),
      ),
    );
  const random = seededRandom(1);
  const pick = (most: number): number => Math.floor(random() * most);
  return range(sample).map(() => {
    const first = pick(calls - 1);
    const kind = (): KindName => pairwise[pick(pairwise.length)] as KindName;
    return pair(first, first + 1 + pick(calls - first - 1), kind(), kind());
  });
};
