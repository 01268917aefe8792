/** Every cell: how bad a version is, at what traffic, on what day; and what each policy makes of it. */
import { policies } from './policies.ts';
import { backOverADay, median, rollout } from './runs.ts';
import { baseline, type Cell } from './world.ts';

export const traffics = [100, 1000, 10_000];
export const faults = [
  { name: 'errors 0.1 → 0.5 %', errors: 0.005, latency: 1 },
  { name: 'errors 0.1 → 1 %', errors: 0.01, latency: 1 },
  { name: 'errors 0.1 → 5 %', errors: 0.05, latency: 1 },
  { name: 'errors 0.1 → 100 %', errors: 1, latency: 1 },
  { name: 'answers × 1.25', errors: baseline, latency: 1.25 },
  { name: 'answers × 2', errors: baseline, latency: 2 },
];
export const days = [
  { name: '', bursts: false, incident: false },
  { name: 'bursts', bursts: true, incident: false },
  { name: 'incident', bursts: false, incident: true },
  { name: 'bursts, incident', bursts: true, incident: true },
];

/** Rollouts of each bad version; of one that is as good as the old one; and days. */
export const runs = { bad: 40, good: 400, day: 60 };

export type Job =
  | { kind: 'bad'; policy: number; traffic: number; fault: number; day: number }
  | { kind: 'good'; policy: number; traffic: number; day: number }
  | { kind: 'day'; policy: number; traffic: number; day: number };

export interface Done {
  /** Of bad versions: the share that was rolled back, and medians. Of good ones: the share alone. */
  back: number;
  minutes: number | null;
  failed: number;
  served: number;
}

export const jobs = (): Job[] =>
  policies.flatMap((_, policy) =>
    traffics.flatMap((_, traffic) =>
      days.flatMap((on, day): Job[] => [
        ...faults.map((_, fault): Job => ({ kind: 'bad', policy, traffic, fault, day })),
        { kind: 'good', policy, traffic, day },
        // An incident of some minutes is no matter of a day.
        ...(on.incident ? [] : [{ kind: 'day', policy, traffic, day } as const]),
      ]),
    ),
  );

const seeds = (many: number): number[] => Array.from({ length: many }, (_, index) => index + 1);

export const done = (job: Job): Done => {
  const policy = policies[job.policy];
  const day = days[job.day];
  const requestsPerMinute = traffics[job.traffic];
  if (policy === undefined || day === undefined || requestsPerMinute === undefined) throw new Error('no such cell');
  const fault = (job.kind === 'bad' && faults[job.fault]) || { errors: baseline, latency: 1 };
  const cell: Cell = { ...day, requestsPerMinute, errors: fault.errors, latency: fault.latency };
  if (job.kind === 'day') {
    const back = seeds(runs.day).filter((seed) => backOverADay(policy, cell, seed)).length / runs.day;
    return { back, minutes: null, failed: 0, served: 0 };
  }
  const outcomes = seeds(runs[job.kind]).map((seed) => rollout(policy, cell, seed));
  const minutes = median(outcomes.map(({ back }) => back ?? Infinity));
  return {
    back: outcomes.filter(({ back }) => back !== null).length / outcomes.length,
    minutes: minutes === Infinity ? null : minutes,
    failed: median(outcomes.map(({ failed }) => failed)),
    served: median(outcomes.map(({ served }) => served)),
  };
};
