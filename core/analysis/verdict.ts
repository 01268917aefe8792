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
  type MissingEvidence,
  missingEvidence,
  mutedAlarms,
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
  /** What a person is asked about, by its kinds; an approval stands for these and no others. Empty: nobody is asked. */
  asks: string[];
  /** What the new version was seen to answer since its first weight, and how much of it failed. */
  requests: number;
  errors: number;
}

/**
 * The verdict. Anything that fails outweighs everything else; then missing evidence, then time. Absolute limits alone decide, whatever
 * the state of the live version: that it is unhealthy is said, and does not hold up the fix. A person's approval, given at this weight, stands
 * for the kinds of findings that were asked about, where the service's decisions leave them to a person; not for what is found later.
 */
export const judge = (evidence: Evidence): Judgement => {
  const { plan, step, now, since } = evidence;
  const comparison = comparisonOf(evidence);
  const proof = limitOf(evidence);
  const judgement = (
    verdict: Verdict,
    action: Action,
    reasons: string[],
    again: number,
    more: Partial<Pick<Judgement, 'asks' | 'held'>> = {},
  ): Judgement => {
    const { requests, errors } = proof;
    return { verdict, action, reasons, again: Math.max(1, Math.ceil(again)), asks: [], requests, errors, ...more };
  };
  const decisions = plan.configuration.checks.decisions ?? usualDecisions;
  const approvals = evidence.signals.filter(({ kind, at }) => kind === 'approve' && at >= since);
  const isAnswered = (kind: string): boolean => approvals.some(({ kinds }) => kinds?.includes(kind));

  const certain = [...rejectionReasons(evidence), ...healthReasons(evidence), ...alarmReasons(evidence)];
  const found = [...worse(plan, comparison), ...errorReasons(plan, proof)];
  const measured = found.map(({ text }) => text);
  if (certain.length > 0) return judgement('fail', 'rollback', [...certain, ...measured], 1);
  if (found.length > 0 && decisions.worse === 'rollback') return judgement('fail', 'rollback', measured, 1);
  const unanswered = found.map(({ kind }) => kind).filter((kind) => !isAnswered(kind));
  if (unanswered.length > 0) return judgement('fail', 'pause', measured, longestLook, { asks: unanswered });

  const planned: PlanStep = plan.steps[step - 1] ?? { weight: 100, bake: 0 };
  const bake = effectiveBake(planned, plan.configuration.timing);
  const left = Math.ceil(bake - (now - since) / 1000);
  const missing = missingEvidence(evidence, comparison, bake).filter(({ kind }) => !isAnswered(kind));
  const passed = comparison?.passedAt != null && weightOf(plan, step) < 100;
  const early = left > 0 && isOver(planned.atLeast, evidence) && passed && missing.length === 0;
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
  if (ongoing !== undefined && !isAnswered('incident'))
    return judgement('continue', 'wait', [ongoing, ...seen], lookEvery(plan, bake), {
      held: ongoing,
      asks: ['incident'],
    });
  if (missing.length > 0) {
    const reasons = [...missing.map(({ text }) => text), ...seen];
    const action = strongest(missing.map(({ kind }) => decisions[kind]));
    if (action !== 'pause') return judgement('inconclusive', action, reasons, 1);
    const asks = [...new Set(missing.filter(({ kind }) => decisions[kind] === 'pause').map(({ kind }) => kind))];
    return judgement('inconclusive', 'pause', reasons, longestLook, { asks });
  }
  const approved = approvals.map(({ by }) => `approved by ${by}`);
  // Nothing was compared, or it was shown not to be harmful: that is as much as there is to know.
  const isKnown = comparison === null || passed || decisions.notSeenWorse === 'advance';
  if (isKnown || isAnswered('notSeenWorse')) return judgement('pass', 'advance', [...seen, ...approved], 1);
  const unsure = 'it has not been shown not to be harmful either, and this service advances only if that is shown';
  const asks = decisions.notSeenWorse === 'pause' ? ['notSeenWorse'] : [];
  return judgement('inconclusive', decisions.notSeenWorse, [...seen, unsure], longestLook, { asks });
};

type Decision = Decisions[MissingEvidence['kind']];

const strongest = (actions: Decision[]): Decision =>
  actions.includes('rollback') ? 'rollback' : actions.includes('pause') ? 'pause' : 'advance';

const isOver = (atLeast: number | undefined, { plan, now, since }: Pick<Evidence, 'plan' | 'now' | 'since'>): boolean =>
  atLeast !== undefined && now - since >= effectiveBake({ bake: atLeast }, plan.configuration.timing) * 1000;
