/** The executions port on Step Functions. An execution is known by its name, so a repeated start starts nothing new. */
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { Transient } from '../../core/basics/errors.ts';
import type { ExecutionStatus, Executions } from '../../pipeline/ports/executions.ts';
import { codeOf, send } from './aws-errors.ts';
import { type Client, everyPage } from './client.ts';

/** The task has ended or never existed: its execution has gone on. */
const wokenAlready = ['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'];

/** `machineArn` may name a version or an alias; that is what is started, while executions belong to the machine itself. */
export const executionsOf = ({ sfn }: { sfn: Client }, machineArn: string): Executions => {
  const stateMachineArn = machineArn.split(':').slice(0, 7).join(':');
  const arnOf = (name: string): string =>
    name.startsWith('arn:') ? name : `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

  const look = async (name: string): Promise<{ status: ExecutionStatus; input: string | undefined }> => {
    try {
      const { status, input } = await send(sfn, new DescribeExecutionCommand({ executionArn: arnOf(name) }));
      return { status: status === 'RUNNING' || status === 'PENDING_REDRIVE' ? 'running' : 'closed', input };
    } catch (error) {
      if (codeOf(error) === 'ExecutionDoesNotExist') return { status: 'absent', input: undefined };
      throw error;
    }
  };

  return {
    start: async (name, { service, release, attempt, token }) => {
      // The same name with another input counts as another execution, so every caller sends the same bytes.
      const input = JSON.stringify({ service, release, attempt, token });
      try {
        await send(sfn, new StartExecutionCommand({ stateMachineArn: machineArn, name, input }));
        return 'started';
      } catch (error) {
        if (codeOf(error) !== 'ExecutionAlreadyExists') throw error;
        const there = await look(name);
        // DescribeExecution is eventually consistent: one that has just been started may not be seen yet.
        if (there.status === 'absent')
          throw new Transient(`${name} is already started, and cannot be read yet`, { cause: error });
        if (there.input !== input) return 'foreign';
        return there.status === 'running' ? 'running' : 'closed';
      }
    },

    status: async (name) => (await look(name)).status,

    redrive: async (name) => {
      try {
        await send(sfn, new RedriveExecutionCommand({ executionArn: arnOf(name) }));
        return true;
      } catch (error) {
        // It runs, it succeeded, it closed more than two weeks ago, its history is full, or it is forgotten.
        if (['ExecutionNotRedrivable', 'ExecutionDoesNotExist'].includes(codeOf(error))) return false;
        throw error;
      }
    },

    moved: async (name) => {
      try {
        const newest = { executionArn: arnOf(name), reverseOrder: true, maxResults: 1 };
        const { events } = await send(sfn, new GetExecutionHistoryCommand(newest));
        return events?.[0]?.timestamp?.getTime() ?? null;
      } catch (error) {
        if (codeOf(error) === 'ExecutionDoesNotExist') return null;
        throw error;
      }
    },

    stop: async (name, cause) => {
      try {
        await send(sfn, new StopExecutionCommand({ executionArn: arnOf(name), error: 'cutover.stuck', cause }));
      } catch (error) {
        if (codeOf(error) !== 'ExecutionDoesNotExist') throw error;
      }
    },

    wake: async (taskToken) => {
      try {
        await send(sfn, new SendTaskSuccessCommand({ taskToken, output: '{}' }));
      } catch (error) {
        if (!wokenAlready.includes(codeOf(error))) throw error;
      }
    },

    recoveries: async (service) => {
      const running = await everyPage(async (nextToken) => {
        const page = await send(
          sfn,
          new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING', maxResults: 1000, nextToken }),
        );
        return { items: page.executions, next: page.nextToken };
      });
      // Numbers only behind the service, and what nobody guesses: another one's name may begin with this one's.
      const prefix = `recover-${service}-`;
      return running
        .map(({ name = '' }) => name)
        .filter((name) => name.startsWith(prefix) && /^\d+-\d+(-n[0-9a-f]{12})?$/.test(name.slice(prefix.length)));
    },
  };
};
