/** Step Functions: executions of the state machine, run by the engine, and their status events. */
import type * as sfn from '@aws-sdk/client-sfn';
import { type Answer, awsError, type Handlers, only, page } from '../client.ts';
import type { Description, Machine } from '../engine/machine.ts';
import type { Bus } from '../events.ts';

/** The event that a change of an execution's status puts on the bus. */
export const statusEvent = (execution: Description): Parameters<Bus['put']>[0] => {
  const { executionArn, stateMachineArn, name, status, input, redriveCount, redriveStatus } = execution;
  return {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn,
      name,
      status,
      startDate: execution.startDate.getTime(),
      stopDate: execution.stopDate?.getTime() ?? null,
      input,
      inputDetails: { included: true },
      output: execution.output ?? null,
      outputDetails: execution.output === undefined ? null : { included: true },
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount,
      redriveDate: execution.redriveDate?.getTime() ?? null,
      redriveStatus,
      error: execution.error ?? null,
      cause: execution.cause ?? null,
    },
  };
};

export const sfnHandlers = (machine: Machine) => {
  const ours = (arn: string | undefined): void => {
    if (arn !== machine.arn) throw awsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  };
  return {
    StartExecution: (input: sfn.StartExecutionCommandInput): Answer<sfn.StartExecutionCommandOutput> => {
      only('sfn StartExecution', input, ['stateMachineArn', 'name', 'input']);
      ours(input.stateMachineArn);
      return machine.start({ ...(input.name !== undefined && { name: input.name }), input: input.input ?? '{}' });
    },

    DescribeExecution: (input: sfn.DescribeExecutionCommandInput): Answer<sfn.DescribeExecutionCommandOutput> => {
      only('sfn DescribeExecution', input, ['executionArn']);
      return machine.describe(input.executionArn ?? '');
    },

    GetExecutionHistory: (input: sfn.GetExecutionHistoryCommandInput): Answer<sfn.GetExecutionHistoryCommandOutput> => {
      only('sfn GetExecutionHistory', input, ['executionArn', 'reverseOrder', 'maxResults']);
      const events = machine.history(input.executionArn ?? '') as sfn.HistoryEvent[];
      const inOrder = input.reverseOrder === true ? events.toReversed() : events;
      return { events: inOrder.slice(0, input.maxResults ?? 100) };
    },

    StopExecution: (input: sfn.StopExecutionCommandInput): Answer<sfn.StopExecutionCommandOutput> => {
      only('sfn StopExecution', input, ['executionArn', 'error', 'cause']);
      return machine.stop(input.executionArn ?? '', { error: input.error, cause: input.cause });
    },

    RedriveExecution: (input: sfn.RedriveExecutionCommandInput): Answer<sfn.RedriveExecutionCommandOutput> => {
      only('sfn RedriveExecution', input, ['executionArn']);
      return machine.redrive(input.executionArn ?? '');
    },

    ListExecutions: (input: sfn.ListExecutionsCommandInput): Answer<sfn.ListExecutionsCommandOutput> => {
      only('sfn ListExecutions', input, ['stateMachineArn', 'statusFilter', 'maxResults', 'nextToken']);
      ours(input.stateMachineArn);
      const found = machine.list(input.statusFilter as Parameters<Machine['list']>[0]);
      const { items, next } = page(found, input.maxResults ?? 100, input.nextToken);
      return { executions: items, nextToken: next };
    },

    SendTaskSuccess: (input: sfn.SendTaskSuccessCommandInput): Answer<sfn.SendTaskSuccessCommandOutput> => {
      only('sfn SendTaskSuccess', input, ['taskToken', 'output']);
      machine.sendTaskSuccess(input.taskToken ?? '', input.output ?? '');
      return {};
    },
  } satisfies Handlers;
};
