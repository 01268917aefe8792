/** Who calls: an invocation is known to whatever it calls, however deep, and can be cut off as Lambda cuts off. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Slot, Weights } from '../../core/basics/slot.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Time } from '../../local/time.ts';

/** What one look at a slot's targets has shown. */
export interface Look {
  at: number;
  healthy: string[];
}

export interface Invocation {
  id: number;
  name: string;
  /** The token that the step was started with; null for what is no step of a rollout. */
  token: number | null;
  startedAt: number;
  /** Cut off: what it has sent goes on, and it sends nothing more. */
  dead: boolean;
  /** The row as it has read it last. */
  row: Row | null;
  looks: Partial<Record<Slot, Look>>;
  /** Rules as it has read them last, by ARN. */
  rules: Map<string, Weights>;
  /** Its process ends at once. */
  kill(): void;
}

const current = new AsyncLocalStorage<Invocation>();

/** The invocation in whose course this runs. */
export const caller = (): Invocation | undefined => current.getStore();

/** Each time another: one that lives on would keep whatever has waited for it. */
export const never = (): Promise<never> => new Promise(() => undefined);

const tokenOf = (event: unknown): number | null => {
  const { token, rollout } = (event ?? {}) as { token?: unknown; rollout?: { token?: unknown } };
  const found = token ?? rollout?.token;
  return typeof found === 'number' ? found : null;
};

/** Where functions run. */
export interface Lambda {
  time: Time;
  /** Those that have not ended; the last one's number tells how many there were. */
  invocations: Set<Invocation>;
  invoked: number;
}

/** Runs `work` as an invocation that is over after `seconds`, whatever it still does then. */
export const invoke = (
  lambda: Lambda,
  { name, event, seconds }: { name: string; event: unknown; seconds: number },
  work: (invocation: Invocation) => Promise<unknown>,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const { time, invocations } = lambda;
    const invocation: Invocation = {
      id: ++lambda.invoked,
      name,
      token: tokenOf(event),
      startedAt: time.now(),
      dead: false,
      row: null,
      looks: {},
      rules: new Map(),
      kill: () => {
        invocation.dead = true;
        end();
        reject(Object.assign(new Error('Error: Runtime exited'), { name: 'Runtime.ExitError' }));
      },
    };
    const cancel = time.after(seconds * 1000, () => {
      invocation.dead = true;
      end();
    });
    const end = (): void => {
      cancel();
      invocations.delete(invocation);
    };
    invocations.add(invocation);
    current
      .run(invocation, () => work(invocation))
      .finally(end)
      .then(resolve, reject);
  });
