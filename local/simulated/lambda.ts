/** Lambda: Invoke, for the functions of this pipeline. */
import type * as lambda from '@aws-sdk/client-lambda';
import { type Answer, awsError, type Handlers, only } from '../client.ts';
import type { World } from './world.ts';

export type Invoke = (name: string, payload: unknown) => Promise<unknown>;

const encoded = (value: unknown): ReturnType<typeof Buffer.from> => Buffer.from(JSON.stringify(value ?? null));

export const lambdaHandlers = (world: World, invoke: Invoke) =>
  ({
    GetAccountSettings: (
      input: lambda.GetAccountSettingsCommandInput,
    ): Answer<lambda.GetAccountSettingsCommandOutput> => {
      only('lambda GetAccountSettings', input, []);
      const { concurrency: ConcurrentExecutions, reserved } = world.deployment;
      return {
        AccountLimit: { ConcurrentExecutions, UnreservedConcurrentExecutions: ConcurrentExecutions - reserved },
      };
    },

    Invoke: async (input: lambda.InvokeCommandInput): Promise<Answer<lambda.InvokeCommandOutput>> => {
      only('lambda Invoke', input, ['FunctionName', 'Payload']);
      const name = /:function:([\w-]+)$/.exec(input.FunctionName ?? '')?.[1];
      if (name === undefined) throw awsError('ResourceNotFoundException', `Function not found: ${input.FunctionName}`);
      try {
        const payload: unknown = JSON.parse(Buffer.from(input.Payload as Uint8Array).toString());
        return { StatusCode: 200, Payload: encoded(await invoke(name, payload)) as never };
      } catch (error) {
        // A function that fails is an answer like any other.
        const { name: errorType, message: errorMessage } = error as Error;
        return { StatusCode: 200, FunctionError: 'Unhandled', Payload: encoded({ errorType, errorMessage }) as never };
      }
    },
  }) satisfies Handlers;
