/** Gives the new slot the instances that it needs. Repeated on every check: it registers those that run by then and replaces those that ended. */
import { Disbelieved } from '../../core/basics/errors.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Ports } from '../ports/ports.ts';
import { releaseOfPlan } from './fleet-release.ts';
import { launch } from './launch.ts';
import { recorder } from './record.ts';
import type { Rollout } from './rollout.ts';

export interface Grown {
  launched: number;
  /** Why some are missing; null: none is. */
  short: string | null;
}

/** `count`: how many instances the step needs, by the present demand. */
export const growFleet = async (
  ports: Pick<Ports, 'ledger' | 'fleet' | 'notify' | 'now'>,
  rollout: Rollout,
  plan: Plan,
  step: number,
  count: number,
): Promise<Grown> => {
  const slot = plan.new.slot;
  const { launched, short, refused } = await launch(ports, releaseOfPlan(plan), slot, count);
  // The rollout is rolled back, because it would launch something that was not admitted.
  if (refused !== null) throw new Disbelieved(refused);
  const now = ports.now();
  const record = recorder(ports, rollout, 'Provision');
  const about = { at: now, data: { slot, launched, count } };
  if (launched > 0)
    await record('launched', `${launched} launched in ${slot}, ${count} needed`, { ...about, what: `${step}/${now}` });
  if (short !== null) await record('problem', short, { ...about, what: `${step}/${short.slice(0, 80)}` });
  return { launched, short };
};
