/** Judge: compares the new version with its limits and with the old version, and does what the verdict says. */
import { type Judgement, judge as verdictOf } from '../../core/analysis/verdict.ts';
import { effectiveBake } from '../../core/plan/bake.ts';
import { needed, oldCount, targetCount, weightOf } from '../../core/plan/capacity.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import { answerCommands } from '../../core/protocol/waiting.ts';
import type { Ports } from '../ports/ports.ts';
import { alarmsOf } from '../shared/alarms.ts';
import { applyWeights } from '../shared/apply-weights.ts';
import { demandOf } from '../shared/demand.ts';
import { type Entered, enter } from '../shared/enter-state.ts';
import { lookAtSeries, withoutConnectionErrors } from '../shared/figures.ts';
import { endedOf, lookAtRelease } from '../shared/fleets.ts';
import { growFleet } from '../shared/grow-fleet.ts';
import { withFigures } from '../shared/keep-figures.ts';
import { lossesOf } from '../shared/lost-instance-reasons.ts';
import { keepFleets } from '../shared/old-fleet.ts';
import { recorder } from '../shared/record.ts';
import { type Rollout, withProgress } from '../shared/rollout.ts';
import { go, handOverIfLong, type StepResult } from '../shared/step-result.ts';
import { healthy, type Targets } from '../shared/targets.ts';
import { pollSeconds, untilBooted } from '../shared/wait-times.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'metrics' | 'notify' | 'now'>;

interface Looked {
  entered: Entered;
  row: Row;
  judgement: Judgement;
  /** Of the verdict, in a sentence. */
  why: string;
  targets: Targets;
  /** Instances of the new version that ended by themselves. */
  ended: ReturnType<typeof endedOf>;
  demand: number;
  /** Instances that the new version needs for its weight. */
  count: number;
  now: number;
}

export const judge =
  (ports: Needs) =>
  async (rollout: Rollout): Promise<StepResult> => {
    const entered = await enter(ports.ledger, rollout);
    const { plan, service } = entered;
    if (entered.row.abort !== null) return go(rollout, 'RollBack', { why: entered.row.abort.why });
    // A foreign edit of a rule is corrected first, so that metrics are not judged with wrong weights.
    const row = await applyWeights(ports, service);
    const now = ports.now();
    const fresh = plan.new.slot;
    const [{ fleet, targets }, alarms, { series, before, unreadable }] = await Promise.all([
      lookAtRelease(ports, plan),
      alarmsOf(ports, plan),
      lookAtSeries(ports, plan, row.step, now),
    ]);
    const demand = await demandOf(ports, plan, targets, row.step);
    const planned = plan.old.kind === 'none' ? plan.configuration.fleet.count : plan.old.count;
    const weight = weightOf(plan, row.step);
    // With `maxExtra` the old fleet needs enough for its own weight; otherwise it has to be able to take all traffic back.
    const oldShare = service.maxExtra === null ? 100 : 100 - weight;
    const view = (slot: typeof fresh, share: number) => ({
      healthy: healthy(targets[slot]).length,
      // Up to a quarter of the instances may be lost and replaced; more is a verdict. Growth of demand since admission is not a loss.
      needed: Math.max(1, Math.floor((needed(Math.min(demand, planned), share) * 3) / 4)),
    });
    const count = targetCount(plan, Math.max(1, row.step), demand);
    const ended = endedOf(fleet, plan);
    // A host that fails loses its connections. Up to a quarter of the instances may fail by bad luck, without blame for the image.
    const badLuck = ended.length > 0 && ended.length * 4 <= count;
    const health = {
      blue: view('blue', fresh === 'blue' ? weight : oldShare),
      green: view('green', fresh === 'green' ? weight : oldShare),
    };
    const judgement = verdictOf({
      plan,
      step: row.step,
      now,
      since: row.wanted.since,
      health,
      alarms,
      series: badLuck ? { ...series, [fresh]: withoutConnectionErrors(series[fresh]) } : series,
      before,
      unreadable,
      raised: row.raised,
      signals: row.signals,
    });
    const lacks = judgement.action === 'rollback' && health[fresh].healthy < health[fresh].needed;
    const why = [...judgement.reasons, ...(lacks ? lossesOf(ended, targets[fresh]) : [])].join('; ');
    const result = await follow(ports, rollout, { entered, row, judgement, why, targets, ended, demand, count, now });
    const { step, raised, wanted } = row;
    return withFigures(ports, result, { plan, step, since: wanted.since, raised, series, trace: judgement.trace });
  };

/** What follows from the verdict. */
const follow = async (
  ports: Needs,
  rollout: Rollout,
  { entered, row, judgement, why, targets, ended, demand, count, now }: Looked,
): Promise<StepResult> => {
  const { plan, service } = entered;
  const weight = weightOf(plan, row.step);
  const full = healthy(targets[plan.new.slot]).length >= count;
  const heard = withProgress(rollout, { heard: row.signals.length });
  const { verdict, action, requests, errors } = judgement;
  const record = (text: string, question?: string) =>
    recorder(ports, rollout, 'Judge')('judged', text, {
      at: now,
      what: `${row.step}/${action}${question === undefined ? '' : `/${question}`}`,
      data: { step: row.step, verdict, action, requests, errors },
    });

  /** The question's id; null: aborted meanwhile, or no longer ours, which the next look finds out. */
  const ask = async (): Promise<string | null> => {
    const decision = await ports.ledger.decide(plan.service, (current) =>
      protocol.ask(current, {
        token: rollout.token,
        kinds: judgement.asks,
        step: row.step,
        until: null,
        why: judgement.held ?? why,
        now: ports.now(),
      }),
    );
    return decision.ok ? (decision.row.question?.id ?? null) : null;
  };

  if (judgement.action !== 'rollback' && ended.length >= Math.max(3, count)) {
    const dying = `${ended.length} of its instances ended by themselves: ${ended.at(-1)?.reason ?? 'no reason given'}`;
    await record(dying);
    return go(rollout, 'RollBack', { why: dying });
  }
  // Both fleets have traffic meanwhile, for days where a person decides: what they lose is replaced.
  let launched = 0;
  if (judgement.action === 'wait' || judgement.action === 'pause') {
    launched += await keepFleets(ports, rollout, { row, plan, service }, targets, oldCount(plan, row.step, demand));
    if (!full) launched += (await growFleet(ports, rollout, plan, row.step, count)).launched;
  }
  switch (judgement.action) {
    case 'rollback':
      await record(why);
      return go(rollout, 'RollBack', { why });
    case 'pause': {
      const question = await ask();
      if (question === null) return go(rollout, 'Bake', { why });
      const answers = answerCommands(plan.service, question);
      const asked = `${why}; a person decides, and traffic stays at ${weight} % until then: ${answers}`;
      await record(asked, question);
      const seconds = launched > 0 ? Math.min(judgement.again, untilBooted) : judgement.again;
      return handOverIfLong(go(heard, 'Bake', { seconds, why: asked }));
    }
    case 'wait':
      if (judgement.held !== undefined) {
        const question = await ask();
        if (question === null) return go(rollout, 'Bake', { why });
        await record(judgement.held, question);
      }
      return handOverIfLong(go(heard, 'Bake', { seconds: judgement.again, why }));
    case 'advance':
      await record(why);
      if (row.step < plan.steps.length) return handOverIfLong(go(rollout, 'Provision', { why }));
      return full ? go(rollout, 'Retire', { why }) : waitForFull(ports, rollout, { ...entered, row }, targets, count);
    default:
      return judgement.action satisfies never;
  }
};

/** The old fleet is removed only when the new one is complete. Missing instances are replaced until the time limit. */
const waitForFull = async (
  ports: Pick<Ports, 'ledger' | 'fleet' | 'notify' | 'now'>,
  rollout: Rollout,
  { row, plan, service }: Entered,
  targets: Targets,
  count: number,
): Promise<StepResult> => {
  const { short } = await growFleet(ports, rollout, plan, row.step, count);
  const bake = effectiveBake(plan.steps[row.step - 1] ?? { bake: 0 }, service.timing);
  const over = (ports.now() - row.wanted.since) / 1000 - bake;
  const why = `${healthy(targets[plan.new.slot]).length} of ${count} instances are healthy${short === null ? '' : `: ${short}`}`;
  return over > service.checks.readyWithin
    ? go(rollout, 'RollBack', { why: `${why}, ${Math.round(over)} s after its bake` })
    : go(rollout, 'Bake', { seconds: pollSeconds(service), why });
};
