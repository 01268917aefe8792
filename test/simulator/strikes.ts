/** What happens to a call, a delivery or an invocation when a fault strikes it; and what people do at a console. */
import { Transient } from '../../core/basics/errors.ts';
import { awsError } from '../../local/client.ts';
import { caller, never } from './invocations.ts';
import type { Stage } from './stage.ts';

/** One thing that a fault has been drawn for. */
export interface Struck {
  stage: Stage;
  random: () => number;
  /** The call's command, the event's or invocation's function. */
  what: string;
  /** What is under way, done as often as it is called. */
  next: () => Promise<unknown>;
  /** From now on, for so many seconds, calls of these commands go through the filter. */
  weather(seconds: number, filter: Filter): void;
}
export type Filter = (command: string, input: unknown, next: () => Promise<unknown>) => Promise<unknown>;
export type Strike = (struck: Struck) => Promise<unknown>;

/** The world is not at rest before it is over. */
export const asleep = async (stage: Stage, seconds: number): Promise<void> => {
  stage.sleeping++;
  await new Promise<void>((resolve) => void stage.time.after(seconds * 1000, resolve));
  stage.sleeping--;
};

/** As long as a caller can still wait, and half a minute: what was sent lands when nobody listens any more. */
const pastDeadline = async (stage: Stage): Promise<void> => {
  const started = caller()?.startedAt ?? stage.time.now();
  await asleep(stage, (started - stage.time.now()) / 1000 + 60 + 30);
};

const lost = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

const deny = () => Promise.reject(awsError('AccessDeniedException', 'is not authorized to perform this'));

export const calls = {
  /** For longer than the SDK itself tries again. */
  throttled: ({ what, weather }) => {
    const refuse = () => Promise.reject(awsError('ThrottlingException', 'Rate exceeded'));
    weather(15, (command, _, next) => (command === what ? refuse() : next()));
    return refuse();
  },
  refused: () => Promise.reject(awsError('InternalFailure', 'An internal error occurred', 'server')),
  answerLost: async ({ next }) => {
    await next();
    throw lost();
  },
  /** The function is cut off meanwhile, and what it sent is done all the same. */
  zombie: async ({ stage, next }) => {
    await pastDeadline(stage);
    return next();
  },
  doubled: async ({ next }) => {
    await next();
    return next();
  },
  /** The function's process ends after this call has had its effect. */
  killed: async ({ next }) => {
    await next();
    caller()?.kill();
    return never();
  },
  denied: deny,
  /** A policy is wrong for twenty minutes. */
  deniedLong: ({ stage, what, weather }) => {
    void asleep(stage, 20 * 60);
    weather(20 * 60, (command, _, next) => (command === what ? deny() : next()));
    return deny();
  },
} satisfies Record<string, Strike>;

export const ledger = {
  ledgerThrottled: () => Promise.reject(new Transient('DynamoDB throttles this; it is tried again')),
  ledgerAnswerLost: async ({ next }) => {
    await next();
    throw new Transient('TransactWriteItems failed: socket hang up. This passes: it is tried again');
  },
  /** The function's process ends after this has had its effect. */
  ledgerKilled: async ({ next }) => {
    await next();
    caller()?.kill();
    return never();
  },
  /** A retry of the SDK's own meets what the lost try has written. */
  ledgerConflict: async ({ what, next }) => {
    const answer = await next();
    return what === 'write' ? 'conflict' : answer;
  },
  ledgerSlow: async ({ stage, random, next }) => {
    const seconds = 5 + 10 * random();
    if (random() < 0.5) {
      await asleep(stage, seconds);
      return next();
    }
    const answer = await next();
    await asleep(stage, seconds);
    return answer;
  },
  ledgerZombie: async ({ stage, next }) => {
    await pastDeadline(stage);
    return next();
  },
} satisfies Record<string, Strike>;

export const events = {
  eventDropped: () => Promise.reject(new Error('dropped')),
  eventDoubled: async ({ stage, random, next }) => {
    await next();
    await asleep(stage, 300 * random());
    return next();
  },
  eventLate: async ({ stage, next }) => {
    await asleep(stage, 2 * 3600);
    return next();
  },
} satisfies Record<string, Strike>;

export const invocations = {
  invokedTwice: async ({ stage, random, next }) => {
    const first = next();
    const again = asleep(stage, 5 * random()).then(next);
    again.catch(() => undefined);
    return first;
  },
  invokedLate: async ({ stage, random, next }) => {
    await asleep(stage, random() < 0.5 ? 75 : 900);
    return next();
  },
} satisfies Record<string, Strike>;

const pick = <T>(random: () => number, all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];

const withStatus = ({ statuses }: Stage, ...wanted: string[]): string[] =>
  [...statuses].filter(([, status]) => wanted.includes(status)).map(([name]) => name);

const stop = (stage: Stage, random: () => number): string | undefined => {
  const name = pick(random, withStatus(stage, 'RUNNING'));
  if (name !== undefined) stage.cloud.machine.stop(name, { error: 'by hand' });
  return name;
};

/** Stopped, and some time later redriven, whatever has come of it by then. */
const redriven =
  (seconds: number): Strike =>
  async ({ stage, random }) => {
    stop(stage, random);
    await asleep(stage, seconds);
    const name = pick(random, withStatus(stage, 'FAILED', 'ABORTED', 'TIMED_OUT'));
    if (name !== undefined) stage.cloud.machine.redrive(name);
  };

/** Stopped, and some time later started as the console does: under a name of its own, with the same input. */
const startedAnew =
  (seconds: number): Strike =>
  async ({ stage, random }) => {
    const name = stop(stage, random);
    if (name === undefined) return;
    const { input } = stage.cloud.machine.describe(name);
    await asleep(stage, seconds);
    stage.cloud.machine.start({ name: `by-hand-${name.slice(-30)}`, input });
  };

const soon = 1;
const afterwards = 1200;

export const people = {
  /** Whatever functions run, their processes end. */
  crashed: async ({ stage }) => {
    for (const invocation of stage.invocations) invocation.kill();
  },
  stopped: async ({ stage, random }) => stop(stage, random),
  redriven: redriven(soon),
  redrivenLater: redriven(afterwards),
  startedAnew: startedAnew(soon),
  startedAnewLater: startedAnew(afterwards),
} satisfies Record<string, Strike>;
