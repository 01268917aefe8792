/** The one middy stack, on AWS and locally: checks the input, and logs one line at the start and one at the end. */
import middy from '@middy/core';
import type * as z from 'zod';
import { Rejected } from '../core/basics/errors.ts';
import { cutText, shownValue, withoutControls } from '../core/basics/outside-text.ts';
import { awsEnvironment } from './aws-environment.ts';
import type { Environment } from './environment.ts';

export type Handler = (event: unknown, context: unknown) => Promise<unknown>;
/** What a function file exports: the handler over an environment. */
export type Create = (environment: Environment) => Handler;

/** Makes ports over an environment; the keys a function file names are the powers it has. */
export type PortMakers<P> = { [K in keyof P]: (environment: Environment) => P[K] };

/**
 * A step as a Lambda function. `input` is the step's schema; what does not fit it is Rejected, with every path that is wrong.
 * An `event` is any JSON, for functions that look at several kinds of event themselves.
 */
export const toLambda =
  <P extends object, Input, Result>(
    name: string,
    step: (ports: P) => (input: Input) => Promise<Result>,
    input: z.ZodType<Input>,
    makers: PortMakers<P>,
  ): Create =>
  (environment) => {
    const ports = Object.fromEntries(
      Object.entries<(environment: Environment) => unknown>(makers).map(([port, make]) => [port, make(environment)]),
    ) as P;
    const run = step(ports);
    const { logger } = environment;
    // timeoutEarlyInMillis 0: middy would set a timer for each invocation; the platform's own time-out is enough.
    return middy({ timeoutEarlyInMillis: 0 })
      .before((request) => {
        logger.info('in', { function: name, event: shownValue(withoutToken(request.event), mostLogged) });
        const parsed = input.safeParse(request.event);
        if (!parsed.success)
          throw new Rejected(
            `${name} cannot read its input: ${parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the event'}: ${message}`).join('; ')}`,
          );
        request.event = parsed.data;
      })
      .after((request) => {
        logger.info('out', { function: name, result: shownValue(shortened(request.response as object), mostLogged) });
      })
      .onError((request) => {
        const { error } = request;
        logger.error('failed', { function: name, error: loggedError(error) });
      })
      .handler((event: unknown) => run(event as Input)) as unknown as Handler;
  };

/** Characters of one text in a log line. */
const mostLogged = 2000;

/** The same error for a log: its texts may be somebody else's. */
const loggedError = (error: unknown): Error => {
  const shown = (text: string) => cutText(withoutControls(text), mostLogged);
  if (!(error instanceof Error)) return new Error(shown(String(error)));
  if (shown(error.message) === error.message) return error;
  const clean = new Error(shown(error.message));
  return Object.assign(clean, { name: error.name, stack: shown(error.stack ?? '') });
};

/** An answer from elsewhere may be long, and is nobody's to read in a log. */
const shortened = (result: object | null | undefined): object | null | undefined =>
  result != null && 'body' in result ? { ...result, body: String(result.body).slice(0, 200) } : result;

/** A task's token allows ending the task, so it is never logged. */
const withoutToken = (event: unknown): object => {
  if (typeof event !== 'object' || event === null) return { event };
  return 'taskToken' in event ? { ...event, taskToken: '…' } : event;
};

/** A handler that is made with its first event. */
export const lazily = (make: () => Handler): Handler => {
  let made: Handler | null = null;
  return (event, context) => {
    made ??= make();
    return made(event, context);
  };
};

/** The handler that Lambda calls; importing its file has no effect. */
export const onAws = (create: Create): Handler => lazily(() => create(awsEnvironment()));
