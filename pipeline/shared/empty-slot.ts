/** Removes the fleet of a slot, only after no weight can come back to it. */
import type { Slot } from '../../core/basics/slot.ts';
import { untilInForce } from '../../core/protocol/protocol.ts';
import type { Ports } from '../ports/ports.ts';
import type { Entered } from './enter-state.ts';
import { recorder } from './record.ts';
import { returnWeights } from './return-weights.ts';
import type { Rollout } from './rollout.ts';
import { go, type StepResult } from './step-result.ts';
import { pollSeconds } from './wait-times.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'notify' | 'now'>;

/** One limited step: waits until quiet, reads weight 0 on every rule that names the slot, then deregisters, drains and terminates. Null: it is empty. */
export const emptySlot = async (
  ports: Needs,
  rollout: Rollout,
  { row, service }: Entered,
  slot: Slot,
  by: 'Retire' | 'Discard',
): Promise<StepResult | null> => {
  const record = recorder(ports, rollout, by);
  const why = row.abort?.why ?? '';
  const wait = untilInForce(row, ports.now());
  if (wait > 0) return go(rollout, 'wait', { seconds: Math.min(wait / 1000, pollSeconds(service)), why });
  const weighted = (await ports.traffic.rulesNaming(service)).filter(({ weights }) => weights[slot] > 0);
  if (weighted.length > 0) {
    const stranger = weighted.find(({ rule }) => !service.rules.includes(rule));
    if (stranger !== undefined) {
      const text = `${stranger.rule} is not among the service's rules and gives ${slot} ${stranger.weights[slot]} % of its requests; ${slot} cannot be emptied until you take that weight away`;
      await record('problem', text, { what: stranger.rule });
    }
    const { refused } = await returnWeights(ports, rollout, service, record);
    return go(rollout, 'wait', {
      seconds: pollSeconds(service),
      why: refused ?? (why || `${weighted.length} rules still give ${slot} a weight`),
    });
  }
  const { left, draining } = await ports.fleet.remove(service, slot);
  if (left > 0)
    return go(rollout, 'wait', {
      // Draining takes minutes, and nothing else waits for its end.
      seconds: draining > 0 ? 3 * pollSeconds(service) : pollSeconds(service),
      why: why || `${left} instances left in ${slot}, ${draining} of them draining`,
    });
  await record('removed', `${slot} is empty`, { data: { slot } });
  return null;
};
