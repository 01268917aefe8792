/** What every step of the machine takes and answers, and how it comes in: through the row, which alone says whether it may act. */
import * as z from 'zod';
import { StaleToken } from '../../core/basics/errors.ts';
import type { Service } from '../../core/config/service.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Ledger } from '../ports/ledger.ts';

/** How far the machine has come with the next weight: for deadlines and counting, never for decisions. */
const progress = z.object({
  /** The step that is being prepared: 1 is the first weight. */
  step: z.int().min(0),
  /** When its preparation began, epoch milliseconds. */
  since: z.number(),
  /** Checks in a row that found the new fleet ready. */
  passed: z.int().min(0),
  /** When waiting for approval ends, epoch milliseconds; 0: it has not begun. */
  approveBy: z.number(),
  /** Signals that have been taken into account: a park sleeps over none that is newer. */
  heard: z.int().min(0),
  /** Steps that this execution has taken: what its history is measured by. */
  steps: z.int().min(0).default(0),
});

/** `$rollout`: all that travels from state to state. Slots, plan, weights and instances never do: they are read from the row and from AWS. */
export const rolloutInput = z.object({
  service: z.string().min(1),
  release: z.string().min(1),
  attempt: z.int().min(0),
  token: z.int().min(0),
  execution: z.string().min(1),
  progress,
});
export type Rollout = z.infer<typeof rolloutInput>;

/** `next` is a state's name, `wait`, or `Ended`; `seconds` how long a Wait or a park then lasts (whole, at least 1); `why` says it in words. */
export interface StepResult {
  next: string;
  seconds: number;
  why: string;
  rollout: Rollout;
}

export const go = (
  rollout: Rollout,
  next: string,
  { seconds = 1, why = '' }: { seconds?: number; why?: string } = {},
): StepResult => ({
  next,
  seconds: Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : 1,
  why,
  rollout: withProgress(pick(rollout), { steps: rollout.progress.steps + 1 }),
});

const pick = ({ service, release, attempt, token, execution, progress }: Rollout): Rollout => ({
  service,
  release,
  attempt,
  token,
  execution,
  progress,
});

export const withProgress = (rollout: Rollout, change: Partial<Rollout['progress']>): Rollout => ({
  ...rollout,
  progress: { ...rollout.progress, ...change },
});

/** A step and what waits beside it are 13 events of a history at most. From 15,000 on the rollout goes on in another; at 25,000 it would be ended. */
export const longestHistory = 1150;

/** The same answer; or, where much has happened already, that another execution is to go on from here. */
export const unlessLong = (result: StepResult): StepResult =>
  result.rollout.progress.steps < longestHistory ? result : { ...result, next: 'HandOver' };

export interface Entered {
  row: Row;
  plan: Plan;
  service: Service;
}

/** The row, if this step's token still holds the service; StaleToken otherwise. */
export const enter = async (
  ledger: Ledger,
  { service, token }: Pick<Rollout, 'service' | 'token'>,
): Promise<Entered> => {
  const row = await ledger.row(service);
  if (row?.lock.state !== 'held' || row.token !== token || row.plan === null)
    throw new StaleToken(
      `token ${token} does not hold ${service}: ${row === null ? 'it has no row' : `the row is ${row.lock.state} under token ${row.token}`}`,
    );
  return { row, plan: row.plan, service: row.plan.configuration };
};

/** Seconds between two looks at something that takes its time: a quarter of the period, between 1 and 15. */
export const pollSeconds = (service: Service): number => Math.min(15, Math.max(1, service.timing.period / 4));

/** Longest park: signals are looked for at least this often. */
export const longestPark = 15 * 60;

/** Seconds after which what has just been launched while people are waited for is looked at: only then it is given its requests. */
export const untilBooted = 2 * 60;
