/** Retire and Discard: remove the fleet that will get no more traffic. */
import * as z from 'zod';
import type { Ports } from '../pipeline/ports/ports.ts';
import { rolloutInput } from '../pipeline/shared/rollout.ts';
import type { StepResult } from '../pipeline/shared/step-result.ts';
import { discard } from '../pipeline/states/discard.ts';
import { retire } from '../pipeline/states/retire.ts';
import { onAws, toLambda } from './lambda.ts';
import { fleet, ledger, notify, now, traffic } from './ports.ts';

/** `old`: the old fleet, after commit. `unused`: the slot without weight, after a rollback. */
export const removeInput = rolloutInput.extend({ slot: z.enum(['old', 'unused']) });

const remove =
  (ports: Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'notify' | 'now'>) =>
  ({ slot, ...rollout }: z.infer<typeof removeInput>): Promise<StepResult> =>
    slot === 'old' ? retire(ports)(rollout) : discard(ports)(rollout);

export const create = toLambda('remove', remove, removeInput, { fleet, ledger, notify, now, traffic });

export const handler = onAws(create);
