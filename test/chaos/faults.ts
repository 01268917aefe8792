/** What can go wrong, as data: at which call, and how. */
import type { Intercept } from '../../local/client.ts';
import type { Story } from '../build.ts';

/** One call, or one delivery of an event, that a fault has been drawn for. */
interface Struck {
  story: Story;
  random: () => number;
  next: () => Promise<unknown>;
}

export interface Kind {
  /** What it strikes. */
  of: 'call' | 'event';
  /** Which requests it may cost: none, or those of an instance until the load balancer sees that it is gone. */
  costs: 'nothing' | 'instance';
  strike: (struck: Struck) => Promise<unknown>;
}

const failing = (name: string, fault: 'client' | 'server', message: string): Error =>
  Object.assign(new Error(message), {
    name,
    $fault: fault,
    $metadata: { httpStatusCode: fault === 'client' ? 400 : 500 },
  });

const asleep = ({ time }: Story, seconds: number): Promise<void> =>
  new Promise((resolve) => void time.after(seconds * 1000, resolve));

const never = new Promise<never>(() => undefined);

const pick = <T>(random: () => number, all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];

export const kinds = {
  throttled: {
    of: 'call',
    costs: 'nothing',
    strike: () => Promise.reject(failing('ThrottlingException', 'client', 'Rate exceeded')),
  },
  refused: {
    of: 'call',
    costs: 'nothing',
    strike: () => Promise.reject(failing('InternalFailure', 'server', 'An internal error occurred')),
  },
  answerLost: {
    of: 'call',
    costs: 'nothing',
    strike: async ({ next }) => {
      await next();
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    },
  },
  denied: {
    of: 'call',
    costs: 'nothing',
    strike: () => Promise.reject(failing('AccessDeniedException', 'client', 'is not authorized to perform this')),
  },
  /** The function is cut off meanwhile, and what it sent is done all the same. */
  zombie: {
    of: 'call',
    costs: 'nothing',
    strike: async ({ story, next }) => {
      await asleep(story, 90);
      return next();
    },
  },
  /** The function's process ends after this call has had its effect. */
  killed: {
    of: 'call',
    costs: 'nothing',
    strike: async ({ next }) => {
      await next();
      return never;
    },
  },
  doubled: {
    of: 'call',
    costs: 'nothing',
    strike: async ({ next }) => {
      await next();
      return next();
    },
  },
  /** Somebody presses Stop. */
  stopped: {
    of: 'call',
    costs: 'nothing',
    strike: async ({ story, random, next }) => {
      const running = [...story.statuses].filter(([, status]) => status === 'RUNNING').map(([name]) => name);
      const name = pick(random, running);
      if (name !== undefined) story.cloud.machine.stop(name, { error: 'by hand' });
      return next();
    },
  },
  instanceDies: {
    of: 'call',
    costs: 'instance',
    strike: async ({ story, random, next }) => {
      const running = [...story.cloud.world.instances.values()].filter(({ state }) => state === 'running');
      const one = pick(random, running);
      if (one !== undefined) story.cloud.world.kill(one.id);
      return next();
    },
  },
  eventDropped: { of: 'event', costs: 'nothing', strike: () => Promise.reject(new Error('dropped')) },
  eventDoubled: {
    of: 'event',
    costs: 'nothing',
    strike: async ({ next }) => {
      await next();
      return next();
    },
  },
  eventLate: {
    of: 'event',
    costs: 'nothing',
    strike: async ({ story, next }) => {
      await asleep(story, 2 * 3600);
      return next();
    },
  },
} satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;

/** The `at`-th call of a command since the faults were armed; of any, where none is named; of an event, its `at`-th delivery. */
export interface Fault {
  kind: KindName;
  command: string | null;
  at: number;
}

/** Strikes each fault once; `struck` hears which call it was. */
export const armed = (
  story: Story,
  faults: readonly Fault[],
  random: () => number,
  struck: (fault: Fault, call: string) => void,
): Intercept => {
  const counts = new Map<string, number>();
  const counted = (name: string): number => {
    const at = counts.get(name) ?? 0;
    counts.set(name, at + 1);
    return at;
  };
  return (service, command, _input, next) => {
    const of = service === 'eventbridge' && command === 'Deliver' ? 'event' : 'call';
    const [at, own] = [counted(of), counted(command)];
    const fault = faults.find(
      (one) =>
        kinds[one.kind].of === of && (one.command === null ? one.at === at : one.command === command && one.at === own),
    );
    if (fault === undefined) return next();
    struck(fault, `${service}:${command}`);
    return kinds[fault.kind].strike({ story, random, next });
  };
};
