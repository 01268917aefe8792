/** RollBack: moves the traffic back before anything else. It stays with the new fleet only if the old one cannot carry it. */

import * as z from 'zod';
import { fullSlot } from '../../core/basics/slot.ts';
import { needed } from '../../core/plan/capacity.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import type { Ports } from '../ports/ports.ts';
import { wayBack } from '../shared/capacity.ts';
import { causeText } from '../shared/cause-text.ts';
import { demandBack } from '../shared/demand.ts';
import { enter } from '../shared/enter-state.ts';
import { growBack } from '../shared/old-fleet.ts';
import { recorder } from '../shared/record.ts';
import { returnWeights } from '../shared/return-weights.ts';
import { type Rollout, rolloutInput, withProgress } from '../shared/rollout.ts';
import { go, type StepResult } from '../shared/step-result.ts';
import { healthy, lookAtTargets } from '../shared/targets.ts';

export const rollBackInput = rolloutInput.extend({ why: z.string() });

export const rollBack =
  (ports: Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'notify' | 'now'>) =>
  async (input: z.infer<typeof rollBackInput>): Promise<StepResult> => {
    const rollout: Rollout = input;
    const { row: found, plan, service } = await enter(ports.ledger, rollout);
    const { release, attempt } = plan;
    const targets = await lookAtTargets(ports, service);
    const demand = await demandBack(ports, plan, targets, found.step);
    const way = wayBack(found, plan, targets, demand);
    const why = causeText(input.why);
    await ports.ledger.decide(plan.service, (row) =>
      protocol.abort(row, {
        release,
        attempt,
        kind: 'failed',
        why,
        by: 'the rollout',
        ...way,
        now: ports.now(),
      }),
    );
    await ports.ledger.decide(plan.service, (row) =>
      protocol.turn(row, { token: rollout.token, carries: way.carries, now: ports.now() }),
    );
    const record = recorder(ports, rollout, 'RollBack');
    const { row, refused } = await returnWeights(ports, rollout, service, record);
    const said = row.abort?.why ?? why;
    const { weights } = row.wanted;
    const waits = row.abort?.waits === true;
    const serving = waits ? plan.old.slot : fullSlot(weights);
    const now = ports.now();
    const where = waits ? `traffic goes back to ${serving} as it grows again` : `all traffic on ${serving}`;
    await record('aborted', `${said}; ${refused === null ? where : `${where}, once its rules can be edited`}`, {
      at: now,
      // If something else aborted the rollout, that has recorded how long the weights took.
      data: { weights, ...(found.phase !== 'rollingBack' && { seconds: (now - row.wanted.since) / 1000 }) },
    });
    const short = needed(demand, 100) - healthy(targets[serving]).length;
    if (short > 0 && !waits && serving === plan.old.slot && plan.old.kind !== 'none') {
      const launched = await growBack(ports, row, plan, needed(demand, 100));
      await record('problem', `${serving} lacks ${short} healthy instances, ${launched} launched`, { at: now });
    }
    return go(withProgress(rollout, { passed: 0 }), 'Discard', { why: said });
  };
