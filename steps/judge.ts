/** Judge: the new version against its limits, by everything that can be seen of it; what follows is the verdict's table, nothing else. */
import { needed, targetCount, weightOf } from '../core/capacity.ts';
import { judge as verdictOf } from '../core/verdict.ts';
import { apply } from './apply.ts';
import { demandOf, endedOf, healthy, lookAtFleets, lookAtTargets } from './observe.ts';
import type { Ports, SlotCounts } from './ports.ts';
import { enter, go, type Rollout, type StepResult } from './step.ts';
import { eventOf, tell } from './tell.ts';

export const judge =
  (ports: Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'metrics' | 'notify' | 'now'>) =>
  async (rollout: Rollout): Promise<StepResult> => {
    const entered = await enter(ports.ledger, rollout);
    const { plan, service } = entered;
    if (entered.row.abort !== null) return go(rollout, 'RollBack', { why: entered.row.abort.why });
    // Whoever else has edited a rule meanwhile is corrected before anything is judged by it.
    const row = await apply(ports, service);
    const now = ports.now();
    const [fleets, targets, alarms, series] = await Promise.all([
      lookAtFleets(ports, service),
      lookAtTargets(ports, service),
      ports.metrics.alarms(service.checks.alarms),
      ports.metrics.series(service, plan.at, now),
    ]);
    const demand = await demandOf(ports, plan, targets);
    const weight = weightOf(plan, row.step);
    const fresh = plan.new.slot;
    const view = (slot: typeof fresh, share: number) => ({
      healthy: healthy(targets[slot]).length,
      // One lost instance in four is replaced; more than that is a verdict.
      needed: Math.max(1, Math.floor((needed(demand, share) * 3) / 4)),
    });
    const count = targetCount(plan, Math.max(1, row.step), demand);
    const ended = endedOf(fleets[fresh], plan);
    const alive = fleets[fresh].instances.filter(({ state }) => state === 'pending' || state === 'running').length;
    // A host that fails takes its connections with it. One in four is bad luck and not held against the image; more is not.
    const badLuck = ended.length > 0 && ended.length * 4 <= count;
    const judgement = verdictOf({
      plan,
      step: row.step,
      now,
      since: row.wanted.since,
      health: {
        blue: view('blue', fresh === 'blue' ? weight : 100),
        green: view('green', fresh === 'green' ? weight : 100),
      },
      alarms,
      series: badLuck ? { ...series, [fresh]: withoutConnectionErrors(series[fresh]) } : series,
      signals: row.signals,
    });
    const why = judgement.reasons.join('; ');
    const told = (text: string) =>
      tell(
        ports,
        plan.service,
        eventOf(rollout, now, 'Judge', 'judged', text, {
          what: `${row.step}/${judgement.action}`,
          data: {
            step: row.step,
            verdict: judgement.verdict,
            action: judgement.action,
            requests: judgement.requests,
            errors: judgement.errors,
          },
        }),
      );

    if (judgement.action !== 'rollback' && ended.length >= Math.max(3, count)) {
      const dying = `${ended.length} of its instances ended by themselves: ${ended.at(-1)?.reason ?? 'no reason given'}`;
      await told(dying);
      return go(rollout, 'RollBack', { why: dying });
    }
    switch (judgement.action) {
      case 'rollback':
        await told(why);
        return go(rollout, 'RollBack', { why });
      case 'pause':
        await told(why);
        return go(rollout, 'Bake', { seconds: judgement.again, why });
      case 'wait':
        return alive < count
          ? go(rollout, 'Provision', { why: `${alive} of ${count} instances are alive: the rest is replaced` })
          : go(rollout, 'Bake', { seconds: judgement.again, why });
      case 'advance':
        await told(why);
        return go(rollout, row.step < plan.steps.length || alive < count ? 'Provision' : 'Retire', { why });
      default:
        return judgement.action satisfies never;
    }
  };

const withoutConnectionErrors = (counts: SlotCounts[]): SlotCounts[] =>
  counts.map((period) => ({ ...period, connectionErrors: 0 }));
