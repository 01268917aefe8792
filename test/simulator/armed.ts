/** Faults, armed: each strikes once, where its count says; and what they leave behind stays for its time. */
import { seededRandom } from '../../core/basics/random.ts';
import type { Row } from '../../core/protocol/row.ts';
import { type Fault, faultText, kinds, type Place, strikes } from './faults.ts';
import type { Hooks, Stage } from './stage.ts';
import type { Filter, Strike } from './strikes.ts';

export interface Armed {
  hooks: Pick<Hooks, 'call' | 'ledger' | 'invocation' | 'start' | 'moved' | 'wrote'>;
  /** From now on things are counted, and struck. */
  arm(stage: Stage): void;
  /** How many there were of each place, and of each of its names. */
  counts: Map<string, number>;
}

export interface ArmedOptions {
  faults: readonly Fault[];
  seed: number;
  struck(fault: Fault, what: string): void;
}

/** FNV-1a: a fault does the same whichever others there are. */
const hashed = (text: string): number =>
  [...text].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16777619), 2166136261) >>> 0;

export const armed = ({ faults, seed, struck }: ArmedOptions): Armed => {
  const counts = new Map<string, number>();
  let filters: { until: number; filter: Filter }[] = [];
  let stage: Stage | null = null;
  let phase: Row['phase'] = 'free';

  const counted = (key: string): number => {
    const at = counts.get(key) ?? 0;
    counts.set(key, at + 1);
    return at;
  };
  /** The fault that this is for. */
  const found = (place: Place, what: string): Fault | undefined => {
    const at = counted(place);
    const own = counted(`${place} ${what}`);
    const fault = faults.find(
      ({ kind, of, at: wanted }) =>
        kinds[kind].of === place && (of === null ? wanted === at : of === what && wanted === own),
    );
    if (fault !== undefined) struck(fault, what);
    return fault;
  };
  const through = (filter: number, command: string, input: unknown, next: () => Promise<unknown>): Promise<unknown> => {
    const one = filters[filter];
    return one === undefined ? next() : one.filter(command, input, () => through(filter + 1, command, input, next));
  };
  type Next = () => Promise<unknown>;
  const struckBy = (fault: Fault, on: Stage, what: string, next: Next): Promise<unknown> => {
    const how = (strikes[kinds[fault.kind].of] as Record<string, unknown>)[fault.kind] as Strike;
    const random = seededRandom(hashed(`${seed} ${faultText(fault)}`));
    const weather = (seconds: number, filter: Filter): void => {
      filters.push({ until: on.time.now() + seconds * 1000, filter });
    };
    return how({ stage: on, random, what, next, weather });
  };
  const strike = (on: Stage, place: Place, what: string, next: Next): Promise<unknown> => {
    const fault = found(place, what);
    return fault === undefined ? next() : struckBy(fault, on, what, next);
  };

  return {
    counts,
    arm: (on) => {
      stage = on;
    },
    hooks: {
      call: ({ command, input }, next) => {
        const on = stage;
        if (on === null) return next();
        if (command === 'Deliver') return strike(on, 'event', (input as { function: string }).function, next);
        if (filters.length > 0) filters = filters.filter(({ until }) => until > on.time.now());
        const last = filters.length === 0 ? next : () => through(0, command, input, next);
        if (phase === 'rollingBack') return strike(on, 'back', command, () => strike(on, 'call', command, last));
        if (phase === 'committed') return strike(on, 'after', command, () => strike(on, 'call', command, last));
        return strike(on, 'call', command, last);
      },
      ledger: (what, _, next) => (stage === null ? next() : strike(stage, 'ledger', what, next)),
      invocation: (name, _, run) => (stage === null ? run() : strike(stage, 'invocation', name, run)),
      start: (started, next) => {
        if (stage === null) return next(started);
        const fault = found('launch', 'launch');
        if (fault === undefined) return next(started);
        strikes.launch[fault.kind as keyof typeof strikes.launch](stage, started, next);
      },
      wrote: (_, after) => {
        phase = after.phase;
      },
      moved: (_, { type }) => {
        const on = stage;
        const fault = on === null ? undefined : found('moment', type);
        if (on === null || fault === undefined) return;
        // Not within the machine's own turn. What cannot be done at a console is not done.
        on.time.after(1, () => void struckBy(fault, on, type, async () => undefined).catch(() => undefined));
      },
    },
  };
};
