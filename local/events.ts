/** EventBridge's default bus: matches events with statemachines/triggers.json and invokes functions as Lambda does asynchronously. */

import type { Wire } from './client.ts';
import type { Latencies } from './latencies.ts';
import { account, region } from './simulated/world.ts';
import { sleep, type Time } from './time.ts';

type Value = string | number | boolean | null;
export interface Pattern {
  [field: string]: Value[] | Pattern;
}

/** An entry of triggers.json: an event pattern or a schedule, and the function it invokes. */
export interface Trigger {
  name: string;
  pattern?: Pattern;
  /** `rate(n minutes)`. */
  schedule?: string;
  function: string;
  /** Seconds after which an event is no longer retried; Lambda's default is six hours. */
  maximumEventAge?: number;
  /** How often a failed invocation is repeated; Lambda's default is two. */
  retries?: number;
}

export interface AwsEvent {
  version: string;
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: unknown;
}

export interface Bus {
  /** Delivers to every trigger that matches, later and at least once, unless an intercept drops or repeats it. */
  put(event: Pick<AwsEvent, 'source' | 'detail-type' | 'detail'> & { resources?: string[] }): AwsEvent;
  /** Called with every event that is put. */
  watch(listener: (event: AwsEvent) => void): void;
  /** The last hundred events whose function failed each time. */
  deadLetters: { event: AwsEvent; function: string; error: unknown }[];
  /** Starts the schedules; the answer ends them. */
  startSchedules(): () => void;
}

/** Whether an event matches: each field of the pattern has one of the values listed for it. */
export const matches = (pattern: Pattern, event: unknown): boolean =>
  Object.entries(pattern).every(([field, wanted]) => {
    const value = (event as Record<string, unknown> | null | undefined)?.[field];
    return Array.isArray(wanted) ? wanted.includes(value as Value) : matches(wanted, value);
  });

/** EventBridge knows prefixes, wildcards and more. No trigger uses them, so they are refused rather than taken for values. */
const refuseOperators = (trigger: string, pattern: Pattern): void => {
  for (const wanted of Object.values(pattern)) {
    if (!Array.isArray(wanted)) refuseOperators(trigger, wanted);
    else {
      const [operator] = wanted.flatMap((value) => (typeof value === 'object' ? Object.keys(value ?? {}) : []));
      if (operator !== undefined)
        throw new Error(`local cloud: trigger ${trigger}: the pattern operator ${operator} is not simulated`);
    }
  }
};

const rateOf = ({ name, schedule = '' }: Trigger): number => {
  const minutes = /^rate\((\d+) minutes?\)$/.exec(schedule)?.[1];
  if (minutes === undefined)
    throw new Error(`local cloud: trigger ${name}: expected a schedule like rate(2 minutes), found ${schedule}`);
  return Number(minutes) * 60_000;
};

export interface BusOptions {
  time: Time;
  latencies: Latencies;
  /** triggers.json with its placeholders filled in. */
  triggers: Trigger[];
  invoke: (name: string, event: unknown) => Promise<unknown>;
  wire: Pick<Wire, 'intercept'>;
}

export const createBus = ({ time, latencies, triggers, invoke, wire }: BusOptions): Bus => {
  const listeners: ((event: AwsEvent) => void)[] = [];
  const deadLetters: Bus['deadLetters'] = [];
  const patterns = triggers.flatMap((trigger) =>
    trigger.pattern === undefined ? [] : [{ ...trigger, pattern: trigger.pattern }],
  );
  for (const { name, pattern } of patterns) refuseOperators(name, pattern);
  let ids = 0;

  const envelope: (event: Parameters<Bus['put']>[0]) => AwsEvent = ({ source, resources = [], detail, ...rest }) => ({
    version: '0',
    id: `00000000-0000-4000-8000-${(++ids).toString(16).padStart(12, '0')}`,
    'detail-type': rest['detail-type'],
    source,
    account,
    time: `${new Date(time.now()).toISOString().slice(0, 19)}Z`,
    region,
    resources,
    detail,
  });

  const deliver = async (trigger: Trigger, event: AwsEvent): Promise<void> => {
    const deadline = time.now() + (trigger.maximumEventAge ?? 21_600) * 1000;
    for (let attempt = 0; ; attempt++) {
      try {
        await invoke(trigger.function, event);
        return;
      } catch (error) {
        const pause = attempt < (trigger.retries ?? 2) ? latencies.asyncRetry[attempt] : undefined;
        if (pause === undefined || time.now() + pause > deadline) {
          // What comes again by itself is not kept.
          if (trigger.schedule !== undefined) return;
          deadLetters.push({ event, function: trigger.function, error });
          if (deadLetters.length > 100) deadLetters.shift();
          return;
        }
        await sleep(time, pause);
      }
    }
  };

  const send = (trigger: Trigger, event: AwsEvent): void => {
    const next = () => deliver(trigger, event);
    time.after(latencies.event, () => {
      const delivered =
        wire.intercept === undefined
          ? next()
          : wire.intercept('eventbridge', 'Deliver', { event, function: trigger.function }, next);
      // An intercept that throws has dropped the event, as a best-effort source may.
      delivered.catch(() => undefined);
    });
  };

  return {
    put: (partial) => {
      const event = envelope(partial);
      for (const listener of listeners) listener(event);
      for (const trigger of patterns) if (matches(trigger.pattern, event)) send(trigger, event);
      return event;
    },
    watch: (listener) => {
      listeners.push(listener);
    },
    deadLetters,
    startSchedules: () => {
      const cancels = new Map<string, () => void>();
      for (const trigger of triggers.filter(({ schedule }) => schedule !== undefined)) {
        const rate = rateOf(trigger);
        const tick = (): void => {
          send(trigger, envelope({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} }));
          cancels.set(trigger.name, time.after(rate, tick));
        };
        cancels.set(trigger.name, time.after(rate, tick));
      }
      return () => {
        for (const cancel of cancels.values()) cancel();
      };
    },
  };
};
