/** probe: sends one HTTP request with a time limit from inside the VPC, without AWS rights. A failed request is an answer, not an error. */
import { type Get, getRequest } from '../adapters/requests/get.ts';
import type { Answered } from '../adapters/requests/through-function.ts';
import { messageOf } from '../core/basics/errors.ts';
import { bareEnvironment } from './bare-environment.ts';
import { lazily, toLambda } from './lambda.ts';
import { get } from './ports.ts';

const ask =
  ({ get: ask }: { get: Get }) =>
  async (request: Parameters<Get>[0]): Promise<Answered> => {
    try {
      return await ask(request);
    } catch (error) {
      return { failure: messageOf(error), timedOut: (error as Error).name === 'TimeoutError' };
    }
  };

export const create = toLambda('probe', ask, getRequest, { get });

export const handler = lazily(() => create(bareEnvironment()));
