/** Faults of the surroundings: hardware, capacity, metrics, clocks and stale reads. */
import type { Instance } from '../../local/simulated/resources.ts';
import { caller } from './invocations.ts';
import type { Stage, Started } from './stage.ts';
import { asleep, type Strike, type Struck } from './strikes.ts';

const pick = <T>(random: () => number, all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];

const running = ({ cloud }: Stage): Instance[] =>
  [...cloud.world.instances.values()].filter(({ state }) => state === 'running');

/** Later, and in nobody's name. */
const later = (stage: Stage, seconds: number, run: () => void): void => void asleep(stage, seconds).then(run);

/** From here on, until the load balancer's check sees it, its requests may fail. */
const silence = (stage: Stage, id: string, work: () => void): void => {
  work();
  stage.silenced.set(id, { since: stage.time.now(), costs: 'routed' });
};

export const capacity = {
  /** No zone has room for one more, for a quarter of an hour. */
  capacityShort: async ({ stage, next }) => {
    const { world } = stage.cloud;
    const zones = new Set([...world.subnets.values()].map(({ zone }) => zone));
    for (const zone of zones) {
      const live = [...world.instances.values()].filter(
        (one) => one.subnet.zone === zone && one.state !== 'terminated',
      );
      world.capacity.set(zone, live.length);
    }
    later(stage, 900, () => world.capacity.clear());
    return next();
  },
} satisfies Record<string, Strike>;

export const instances = {
  instanceDies: async ({ stage, random, next }) => {
    const one = pick(random, running(stage));
    if (one !== undefined) silence(stage, one.id, () => stage.cloud.world.kill(one.id));
    return next();
  },
  instanceReclaimed: async ({ stage, random, next }) => {
    const one = pick(
      random,
      running(stage).filter(({ spot, interrupted }) => spot && !interrupted),
    );
    if (one !== undefined) {
      stage.cloud.interruptSpot(one.id);
      const since = stage.time.now() + stage.latencies.spotWarning;
      // What is no target yet when the warning comes cannot be taken out of traffic for it.
      stage.silenced.set(one.id, { since, costs: one.groups.size > 0 ? 'inFlight' : 'routed' });
    }
    return next();
  },
  /** All that runs in one zone. */
  zoneDies: async ({ stage, random, next }) => {
    const zone = pick(random, running(stage))?.subnet.zone;
    for (const { id, subnet } of running(stage))
      if (subnet.zone === zone) silence(stage, id, () => stage.cloud.world.kill(id));
    return next();
  },
} satisfies Record<string, Strike>;

export const targets = {
  /** It stops answering for long enough to be found unhealthy, and answers again. */
  targetFlaps: async ({ stage, random, next }) => {
    const { world } = stage.cloud;
    const one = pick(
      random,
      running(stage).filter(({ answers }) => answers),
    );
    if (one !== undefined) {
      silence(stage, one.id, () => world.reportHealth(one.id, false, 'Request timed out'));
      later(stage, 25, () => world.reportHealth(one.id, true));
    }
    return next();
  },
} satisfies Record<string, Strike>;

interface Figures {
  MetricDataResults?: { Timestamps: Date[]; Values: number[] }[];
}

/** For ten minutes GetMetricData tells nothing that is newer than this. */
const blind = ({ stage, weather, next }: Struck, newest: () => number): Promise<unknown> => {
  weather(600, async (command, _, go) => {
    const answer = (await go()) as Figures;
    if (command !== 'GetMetricData') return answer;
    const MetricDataResults = answer.MetricDataResults?.map((one) => {
      const kept = one.Timestamps.map((at) => Number(at) <= newest());
      const only = <T>(all: T[]): T[] => all.filter((_one, index) => kept[index]);
      return { ...one, Timestamps: only(one.Timestamps), Values: only(one.Values) };
    });
    return { ...answer, MetricDataResults };
  });
  return stage === undefined ? next() : next();
};

export const metrics = {
  metricsAbsent: (struck) => {
    const at = struck.stage.time.now();
    return blind(struck, () => at);
  },
  metricsLate: (struck) => blind(struck, () => struck.stage.time.now() - 360_000),
} satisfies Record<string, Strike>;

export const weights = {
  weightsSlow: async ({ stage, next }) => {
    const { latencies } = stage;
    const { weightPropagation } = latencies;
    latencies.weightPropagation = Math.max(weightPropagation, 40_000);
    later(stage, 900, () => {
      latencies.weightPropagation = 10_000;
    });
    return next();
  },
} satisfies Record<string, Strike>;

/** Milliseconds by which a stale answer is old at most. */
const oldest = 5_000;

export const stale = {
  /** For a minute, who reads again soon after is told what was so then. */
  readsStale: ({ stage, weather, next }) => {
    const told = new Map<string, { at: number; answer: unknown }>();
    weather(60, async (command, input, go) => {
      if (!command.startsWith('Describe')) return go();
      const key = `${command} ${JSON.stringify(input)}`;
      const before = told.get(key);
      if (before !== undefined && stage.time.now() - before.at <= oldest) return before.answer;
      const answer = await go();
      told.set(key, { at: stage.time.now(), answer });
      return answer;
    });
    return next();
  },
} satisfies Record<string, Strike>;

const skewed =
  (seconds: number): Strike =>
  ({ stage, next }) => {
    const name = caller()?.name;
    if (name !== undefined) stage.skews.set(name, seconds * 1000);
    return next();
  };

export const clocks = { clockAhead: skewed(15), clockBehind: skewed(-15) } satisfies Record<string, Strike>;

type Launch = (stage: Stage, started: Started, next: (started: Started) => void) => void;

/** What becomes of an instance's program. */
export const launches = {
  instanceSlow: (stage, [of, on], next) => {
    const answers = (ok: boolean, why?: string) => later(stage, 180, () => on.answers?.(ok, why));
    next([of, { ...on, answers }]);
  },
  instanceDeadOnArrival: (_, [of, on], next) => next([of, { ...on, answers: () => undefined }]),
  instanceDiesLater: (stage, [of, on], next) => {
    const answers = (ok: boolean, why?: string) => {
      on.answers?.(ok, why);
      if (ok) later(stage, 150, () => silence(stage, of.id, () => on.answers?.(false, 'Request timed out')));
    };
    next([of, { ...on, answers }]);
  },
} satisfies Record<string, Launch>;
