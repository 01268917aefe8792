/** CheckReady: waits until enough targets are healthy, in several checks in a row and in every zone of the old fleet. Fails after the time limit. */

import { keepDying, readiness } from '../../core/fleet/readiness.ts';
import { oldCount, targetCount } from '../../core/plan/capacity.ts';
import type { Ports } from '../ports/ports.ts';
import { alarmHold } from '../shared/alarm-hold.ts';
import { demandOf } from '../shared/demand.ts';
import { enter } from '../shared/enter-state.ts';
import { endedOf, lookAtRelease } from '../shared/fleets.ts';
import { growFleet } from '../shared/grow-fleet.ts';
import { keepFleets } from '../shared/old-fleet.ts';
import { recorder } from '../shared/record.ts';
import { type Rollout, withProgress } from '../shared/rollout.ts';
import { go, type StepResult } from '../shared/step-result.ts';
import { healthy } from '../shared/targets.ts';
import { pollSeconds } from '../shared/wait-times.ts';

export const checkReady =
  (ports: Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'metrics' | 'notify' | 'now'>) =>
  async (rollout: Rollout): Promise<StepResult> => {
    const entered = await enter(ports.ledger, rollout);
    const { row, plan, service } = entered;
    if (row.abort !== null) return go(rollout, 'RollBack', { why: row.abort.why });
    const { progress } = rollout;
    const [{ fleet: fresh, targets }, old] = await Promise.all([
      lookAtRelease(ports, plan),
      ports.fleet.observe(service, plan.old.slot),
    ]);
    const freshTargets = targets[plan.new.slot];
    const dead = endedOf(fresh, plan);
    const healthyTargets = healthy(freshTargets);
    const demand = await demandOf(ports, plan, targets, row.step);
    const needed = targetCount(plan, progress.step, demand);
    await keepFleets(ports, rollout, entered, targets, oldCount(plan, progress.step, demand));
    const counted = { needed, died: dead.length, healthy: healthyTargets.length };
    const short = keepDying(counted) ? null : (await growFleet(ports, rollout, plan, progress.step, needed)).short;
    const now = ports.now();
    const result = readiness({
      ...counted,
      deathReason: dead.at(-1)?.reason ?? 'no reason given',
      healthyZones: fresh.instances
        .filter(({ id }) => healthyTargets.some((target) => target.id === id))
        .map(({ zone }) => zone),
      unhealthyReasons: freshTargets
        .filter(({ state }) => state !== 'healthy')
        .map(({ state, reason }) => reason ?? state),
      oldZones: [...new Set(old.instances.filter(({ state }) => state === 'running').map(({ zone }) => zone))],
      short,
      passed: progress.passed,
      passes: service.checks.passes,
      waited: (now - progress.since) / 1000,
      within: service.checks.readyWithin,
      warmUp: service.checks.warmUp,
      poll: pollSeconds(service),
    });
    switch (result.state) {
      case 'pending':
        return go(withProgress(rollout, { passed: result.passed }), 'wait', {
          seconds: result.seconds,
          why: result.why,
        });
      case 'failed':
        return go(rollout, 'RollBack', { why: `not ready: ${result.why}` });
      case 'ready': {
        const record = recorder(ports, rollout, 'CheckReady');
        const held = await alarmHold(ports, row, plan, record);
        // Time in which an alarm holds the rollout does not count against the time limit.
        if (held !== null)
          return go(withProgress(rollout, { since: now }), 'wait', { seconds: pollSeconds(service), why: held });
        await record(result.lacking.length > 0 ? 'problem' : 'ready', result.why, { at: now, what: progress.step });
        return go(rollout, row.step === 0 ? 'Smoke' : 'Shift', { why: result.why });
      }
      default:
        return result satisfies never;
    }
  };
