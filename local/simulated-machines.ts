/** Instances in virtual time: a description of an image's behaviour instead of a program. */
import { latencies as facts, type Latencies } from './latencies.ts';
import type { Machines } from './machines.ts';
import { sleep, type Time } from './time.ts';

/** How an image behaves. Times are milliseconds. */
export interface Behaviour {
  /** From launch until it answers. */
  boot?: number;
  /** Share of requests answered with a 5xx, 0 to 1. */
  errorRate?: number;
  /** Share of requests that it never answers, so that the load balancer does, with a 504. */
  hangRate?: number;
  /** What half of its answers take less than; 100 unless told. */
  latency?: number;
  /** Until an instance has answered for `for` milliseconds, its answers take `times` as long: an empty cache, code that is not compiled. */
  cold?: { times: number; for: number };
  /** It runs, and never passes a health check. */
  neverHealthy?: boolean;
  /** How long after its boot it stops answering, while the instance stays. */
  diesAfter?: number;
  /** Its program ends at the end of its boot, with these words. */
  exits?: string;
  /** What it prints. */
  output?: string;
}

export interface DescribedMachines extends Machines {
  /** How instances of an image that are launched from now on behave. */
  describe(image: string, behaviour: Behaviour): void;
  errorRate(image: string): number;
  hangRate(image: string): number;
  latency(image: string): { median: number; spread: number };
  /** How many times as long an instance's answers take, and until when; undefined: it is warm. */
  coldness(id: string): { times: number; until: number } | undefined;
}

/** An image that nobody described boots in the usual time and is healthy. */
export const describedMachines = ({
  time,
  latencies = facts,
}: {
  time: Time;
  latencies?: Latencies;
}): DescribedMachines => {
  const behaviours = new Map<string, Behaviour>();
  const running = new Map<string, { behaviour: Behaviour; bootedAt: number; cancel: (() => void)[] }>();

  const end = (id: string): void => {
    for (const cancel of running.get(id)?.cancel ?? []) cancel();
    running.delete(id);
  };

  return {
    describe: (image, behaviour) => {
      behaviours.set(image, behaviour);
    },
    errorRate: (image) => behaviours.get(image)?.errorRate ?? 0,
    hangRate: (image) => behaviours.get(image)?.hangRate ?? 0,
    // One in a hundred takes four times as long as the middle one.
    latency: (image) => ({ median: behaviours.get(image)?.latency ?? 100, spread: 0.6 }),
    coldness: (id) => {
      const { behaviour, bootedAt } = running.get(id) ?? {};
      if (behaviour?.cold === undefined || bootedAt === undefined) return undefined;
      const until = bootedAt + behaviour.cold.for;
      return until <= time.now() ? undefined : { times: behaviour.cold.times, until };
    },
    start: ({ id, image }, on) => {
      const behaviour = behaviours.get(image) ?? {};
      const boot = behaviour.boot ?? latencies.boot;
      const booted = (): void => {
        if (behaviour.exits !== undefined) on.exited(behaviour.exits);
        else if (behaviour.neverHealthy !== true) on.answers?.(true);
      };
      const cancel = [time.after(Math.min(latencies.running, boot), on.running), time.after(boot, booted)];
      const { diesAfter } = behaviour;
      if (diesAfter !== undefined)
        cancel.push(time.after(boot + diesAfter, () => on.answers?.(false, 'Request timed out')));
      running.set(id, { behaviour, bootedAt: time.now() + boot, cancel });
    },
    stop: (id) => {
      end(id);
      return sleep(time, latencies.shuttingDown);
    },
    output: (id) => running.get(id)?.behaviour.output ?? '',
    address: () => undefined,
  };
};
