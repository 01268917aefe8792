/** Gives the new slot the instances it shall have. Asked again on every check: what runs by then is registered, what has ended is replaced. */
import type { Plan } from '../../core/plan/plan.ts';
import type { Ports } from '../ports/ports.ts';
import { releaseOfPlan } from './fleet-release.ts';
import { eventOf, tell } from './record.ts';
import type { Rollout } from './rollout.ts';

export interface Grown {
  launched: number;
  /** Why fewer could be had; null: none lacks. */
  short: string | null;
}

/** `count`: how many instances the step needs, by today's demand. */
export const growFleet = async (
  ports: Pick<Ports, 'ledger' | 'fleet' | 'notify' | 'now'>,
  rollout: Rollout,
  plan: Plan,
  step: number,
  count: number,
): Promise<Grown> => {
  const slot = plan.new.slot;
  const { launched, short } = await ports.fleet.ensure(releaseOfPlan(plan), slot, count);
  const now = ports.now();
  const said = (kind: 'launched' | 'problem', text: string, what: string) =>
    tell(
      ports,
      plan.service,
      eventOf(rollout, now, 'Provision', kind, text, { what, data: { slot, launched, count } }),
    );
  if (launched > 0) await said('launched', `${launched} launched in ${slot}, ${count} needed`, `${step}/${now}`);
  if (short !== null) await said('problem', short, `${step}/${short.slice(0, 80)}`);
  return { launched, short };
};
