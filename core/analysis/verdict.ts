/** What follows from the evidence about the new version at its present weight. */

import { usualDecisions } from '../config/defaults.ts';
import type { Decisions } from '../config/service.ts';
import { effectiveBake, longestLook, lookEvery } from '../plan/bake.ts';
import { weightOf } from '../plan/capacity.ts';
import type { PlanStep } from '../plan/plan.ts';
import {
  alarmReasons,
  compared,
  comparisonOf,
  type Evidence,
  errorReasons,
  healthReasons,
  incident,
  limitOf,
  liveIsUnhealthy,
  mutedAlarms,
  type Open,
  openQuestions,
  progress,
  rejectionReasons,
  shortOfRequests,
  worse,
} from './evidence.ts';

export type Verdict = 'pass' | 'fail' | 'continue' | 'inconclusive';
export type Action = 'advance' | 'rollback' | 'wait' | 'pause';

export interface Judgement {
  verdict: Verdict;
  action: Action;
  /** Sentences with their numbers; the first one says it all. At least one. */
  reasons: string[];
  /** Seconds until the next look is worth taking: whole, at least 1. */
  again: number;
  /** Why no weight is raised although the bake is over; absent: nothing holds it. */
  held?: string;
  /** What the new version was seen to answer since its first weight, and how much of it failed. */
  requests: number;
  errors: number;
}

/**
 * The verdict. Anything that fails outweighs everything else; then missing evidence, then time. Absolute limits alone decide, whatever
 * the state of the live version: that it is unhealthy is said, and does not hold up the fix. A person's approval, given at this weight, stands
 * for everything that the service's decisions leave to one.
 */
export const judge = (evidence: Evidence): Judgement => {
  const { plan, step, now, since } = evidence;
  const comparison = comparisonOf(evidence);
  const proof = limitOf(evidence);
  const judgement = (verdict: Verdict, action: Action, reasons: string[], again: number, held?: string): Judgement => {
    const { requests, errors } = proof;
    return {
      verdict,
      action,
      reasons,
      again: Math.max(1, Math.ceil(again)),
      ...(held !== undefined && { held }),
      requests,
      errors,
    };
  };
  const decisions = plan.configuration.checks.decisions ?? usualDecisions;
  const approval = evidence.signals.find(({ kind, at }) => kind === 'approve' && at >= since);

  const certain = [...rejectionReasons(evidence), ...healthReasons(evidence), ...alarmReasons(evidence)];
  const measured = [...worse(plan, comparison), ...errorReasons(plan, proof)];
  if (certain.length > 0) return judgement('fail', 'rollback', [...certain, ...measured], 1);
  if (measured.length > 0 && (decisions.worse === 'rollback' || approval === undefined))
    return judgement('fail', decisions.worse, measured, decisions.worse === 'pause' ? longestLook : 1);

  const planned: PlanStep = plan.steps[step - 1] ?? { weight: 100, bake: 0 };
  const bake = effectiveBake(planned, plan.configuration.timing);
  const left = Math.ceil(bake - (now - since) / 1000);
  const open = openQuestions(evidence, comparison, bake);
  const passed = comparison?.passedAt != null && weightOf(plan, step) < 100;
  const early = left > 0 && isOver(planned.atLeast, evidence) && passed && open.length === 0;
  const seen = [
    ...measured,
    progress(evidence, proof, bake, left),
    ...compared(comparison, early),
    ...shortOfRequests(evidence, comparison),
    ...liveIsUnhealthy(evidence),
    ...mutedAlarms(evidence),
  ];
  if (left > 0 && !early) return judgement('continue', 'wait', seen, Math.min(left, lookEvery(plan, bake)));

  const [ongoing] = incident(evidence);
  if (ongoing !== undefined && approval === undefined)
    return judgement('continue', 'wait', [ongoing, ...seen], lookEvery(plan, bake), ongoing);
  if (approval !== undefined) return judgement('pass', 'advance', [...seen, `approved by ${approval.by}`], 1);
  if (open.length > 0) {
    const reasons = [...open.map(({ text }) => text), ...seen];
    const action = strongest(open.map(({ kind }) => decisions[kind]));
    return judgement('inconclusive', action, reasons, action === 'pause' ? longestLook : 1);
  }
  // Nothing was compared, or it was shown not to be harmful: that is as much as there is to know.
  if (comparison === null || passed || decisions.notSeenWorse === 'advance')
    return judgement('pass', 'advance', seen, 1);
  const unsure = 'it has not been shown not to be harmful either, and this service advances only if that is shown';
  return judgement('inconclusive', decisions.notSeenWorse, [...seen, unsure], longestLook);
};

type Decision = Decisions[Open['kind']];

const strongest = (actions: Decision[]): Decision =>
  actions.includes('rollback') ? 'rollback' : actions.includes('pause') ? 'pause' : 'advance';

const isOver = (atLeast: number | undefined, { plan, now, since }: Pick<Evidence, 'plan' | 'now' | 'since'>): boolean =>
  atLeast !== undefined && now - since >= effectiveBake({ bake: atLeast }, plan.configuration.timing) * 1000;
