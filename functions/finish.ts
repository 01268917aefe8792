/** Complete, ReportFailure and HandOver: record the attempt's end, or continue it in another execution. */
import * as z from 'zod';
import type { Ports } from '../pipeline/ports/ports.ts';
import { askedRolloutInput } from '../pipeline/shared/rollout.ts';
import type { StepResult } from '../pipeline/shared/step-result.ts';
import { complete } from '../pipeline/states/complete.ts';
import { handOver } from '../pipeline/states/hand-over.ts';
import { reportFailure } from '../pipeline/states/report-failure.ts';
import { onAws, toLambda } from './lambda.ts';
import { executions, fleet, ledger, notify, now, traffic } from './ports.ts';

export const finishInput = askedRolloutInput.extend({
  outcome: z.enum(['live', 'failed', 'continued']),
  why: z.string(),
});

const finish =
  (ports: Pick<Ports, 'ledger' | 'traffic' | 'fleet' | 'executions' | 'notify' | 'now'>) =>
  ({ outcome, ...rollout }: z.infer<typeof finishInput>): Promise<StepResult> => {
    switch (outcome) {
      case 'live':
        return complete(ports)(rollout);
      case 'failed':
        return reportFailure(ports)(rollout);
      case 'continued':
        return handOver(ports)(rollout);
      default:
        return outcome satisfies never;
    }
  };

export const create = toLambda('finish', finish, finishInput, { executions, fleet, ledger, notify, now, traffic });

export const handler = onAws(create);
