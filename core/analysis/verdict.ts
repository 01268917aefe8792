/** The verdict at the present weight: advance, wait, pause or roll back. */

import { usualDecisions } from '../config/defaults.ts';
import type { Decisions } from '../config/service.ts';
import { effectiveBake, longestLook, lookEvery } from '../plan/bake.ts';
import { weightOf } from '../plan/capacity.ts';
import type { PlanStep } from '../plan/plan.ts';
import type { EvidenceAt } from './compare.ts';
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
  /** Sentences with their numbers, at least one. The first one is the summary. */
  reasons: string[];
  /** Seconds until the next check is useful: whole, at least 1. */
  again: number;
  /** Why no weight is raised although the bake is over; absent: no reason. */
  held?: string;
  /** The kinds of findings that a person is asked about. An approval covers these and no others. Empty: nobody is asked. */
  asks: string[];
  /** The new version's requests since its first weight, and how many of them failed. */
  requests: number;
  errors: number;
  /** The evidence that it is worse after each period that was compared; empty: nothing was. */
  trace: readonly EvidenceAt[];
}

/**
 * The verdict. A failure outweighs everything else; then missing evidence counts, then time. If the live version is unhealthy, that is said,
 * but only the absolute limits decide, so that its fix is not held up. A person's approval, given at this weight, covers the kinds of
 * findings that the question named, if the service leaves them to a person. It does not cover what is found later.
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
    const trace = comparison?.trace ?? [];
    return {
      verdict,
      action,
      reasons,
      again: Math.max(1, Math.ceil(again)),
      asks: [],
      requests,
      errors,
      trace,
      ...more,
    };
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
  // Nothing was compared, or it was shown to be harmless: more cannot be known.
  const isKnown = comparison === null || passed || decisions.notSeenWorse === 'advance';
  if (isKnown || isAnswered('notSeenWorse')) return judgement('pass', 'advance', [...seen, ...approved], 1);
  const unsure = 'it has not been shown to be harmless either, which this service requires before it advances';
  const asks = decisions.notSeenWorse === 'pause' ? ['notSeenWorse'] : [];
  return judgement('inconclusive', decisions.notSeenWorse, [...seen, unsure], longestLook, { asks });
};

type Decision = Decisions[MissingEvidence['kind']];

const strongest = (actions: Decision[]): Decision =>
  actions.includes('rollback') ? 'rollback' : actions.includes('pause') ? 'pause' : 'advance';

const isOver = (atLeast: number | undefined, { plan, now, since }: Pick<Evidence, 'plan' | 'now' | 'since'>): boolean =>
  atLeast !== undefined && now - since >= effectiveBake({ bake: atLeast }, plan.configuration.timing) * 1000;
