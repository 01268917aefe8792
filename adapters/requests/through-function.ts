/** Sends an HTTP request through the `probe` function, the only one in the VPC. */
import { InvokeCommand } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { Transient } from '../../core/basics/errors.ts';
import { outsideLine } from '../../core/basics/outside-text.ts';
import { send } from '../aws/aws-errors.ts';
import type { Client } from '../aws/client.ts';
import type { Get } from './get.ts';

/** What the function answers: a failed connection is an answer, too. */
const answered = z.union([
  z.object({ status: z.number(), body: z.string() }),
  z.object({ failure: z.string(), timedOut: z.boolean() }),
]);
export type Answered = z.infer<typeof answered>;

/** `FunctionName`: its ARN. */
export const getThrough =
  (lambda: Client, FunctionName: string): Get =>
  async (request) => {
    const { Payload = new Uint8Array(), FunctionError } = await send(
      lambda,
      new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(request)) }),
    );
    const text = Buffer.from(Payload).toString();
    if (FunctionError !== undefined)
      throw new Transient(`the function in the VPC that asks for ${request.url} failed: ${outsideLine(text, 200)}`);
    const answer = answered.parse(JSON.parse(text));
    if ('status' in answer) return answer;
    const error = new Error(answer.failure);
    throw answer.timedOut ? Object.assign(error, { name: 'TimeoutError' }) : error;
  };
