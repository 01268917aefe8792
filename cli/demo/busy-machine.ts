/** Whether this machine had the time to run the demo: a claim that fails on a machine that had not says nothing about Cutover. */
import { countOf } from '../../core/basics/format.ts';

export interface Strain {
  /** The longest answer, and how late requests left at most, in milliseconds. */
  slowest: number;
  latest: number;
}

/** Keeps the worst since it was last taken. */
export const strainGauge = () => {
  let worst: Strain = { slowest: 0, latest: 0 };
  return {
    answered: ({ ms }: { ms: number }): void => {
      worst.slowest = Math.max(worst.slowest, ms);
    },
    late: (ms: number): void => {
      worst.latest = Math.max(worst.latest, ms);
    },
    take: (): Strain => {
      const taken = worst;
      worst = { slowest: 0, latest: 0 };
      return taken;
    },
  };
};

export type StrainGauge = ReturnType<typeof strainGauge>;

/** Milliseconds. The programs of the demo answer within a few, and have two seconds for it when they are deregistered. */
const LONG = 1000;

const secondsOf = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** What shows that the machine was too busy; null: it was not. */
export const tooBusy = ({ slowest, latest }: Strain, notSent: number, requests: number): string | null => {
  const signs = [
    ...(slowest > LONG ? [`an answer took ${secondsOf(slowest)}`] : []),
    ...(latest > LONG ? [`requests left up to ${secondsOf(latest)} late`] : []),
    ...(notSent * 50 > requests
      ? [`${countOf(notSent, requests + notSent, 'request')} could not be sent in time`]
      : []),
  ];
  return signs.length === 0 ? null : signs.join(', ');
};
