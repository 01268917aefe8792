/** What the ledger has kept, read as this version knows it: another version may have written it, or a person who mended it by hand. */

import { Rejected } from '../basics/errors.ts';
import type { Image } from '../basics/image.ts';
import type { Slot, Weights } from '../basics/slot.ts';
import { usualDecisions } from '../config/defaults.ts';
import { formatValue, type Problem, problemText } from '../config/problems.ts';
import { persistedMetrics } from '../config/providers/providers.ts';
import {
  choice,
  exactly,
  flag,
  kinds,
  leniently,
  list,
  nullable,
  number,
  optional,
  otherwise,
  part,
  type Reader,
  text,
  under,
} from '../config/reader.ts';
import type { ComparisonSettings, Decisions, FleetConfiguration, Service, SmokeProbe } from '../config/service.ts';
import { persistedSource } from '../config/sources/sources.ts';
import type { Limits, Plan, PlanStep, Template, Traffic } from '../plan/plan.ts';
import type { HistoryEvent } from '../release/history.ts';
import type { AttemptRecord, Lock, Publication } from '../release/publications.ts';
import type { Abort, Live, Question, Row, Signal } from './row.ts';

// Every `otherwise` is what versions did that did not have the field: no more is guessed.

/** For people. */
const words = leniently(text, '');
const slot = choice<Slot>('blue', 'green');
const bySlot = <T>(reader: Reader<T>): Reader<Record<Slot, T>> => part({ blue: reader, green: reader });

const step = part<PlanStep>({ weight: number, bake: number, atLeast: optional(number) });
const margin = part<ComparisonSettings['worse']>({ ratio: number, plus: number });

const service = part<Service>({
  name: text,
  image: persistedSource,
  fleet: kinds<FleetConfiguration, 'kind'>('kind', {
    groups: part({ kind: exactly('groups'), blue: text, green: text, count: number }),
    instances: part({ kind: exactly('instances'), launchTemplate: text, subnets: list(text), count: number }),
  }),
  rules: list(text),
  slots: bySlot(text),
  strategy: part({ steps: list(step) }),
  checks: part<Service['checks']>({
    smoke: list(part<SmokeProbe>({ path: text, from: number, to: number, within: number })),
    alarms: list(text),
    errorRate: part({ atMost: number }),
    comparison: otherwise(
      nullable(
        part<ComparisonSettings>({
          falseAlarms: number,
          falsePasses: number,
          worse: margin,
          harmful: margin,
          slower: otherwise(nullable(margin), null),
          burst: otherwise(nullable(number), null),
        }),
      ),
      null,
    ),
    decisions: otherwise(
      part<Decisions>({
        worse: choice('rollback', 'pause'),
        notSeenWorse: choice('advance', 'pause', 'rollback'),
        noTraffic: choice('pause', 'advance', 'rollback'),
        noMetrics: choice('pause', 'advance', 'rollback'),
      }),
      usualDecisions,
    ),
    passes: number,
    readyWithin: number,
    warmUp: number,
  }),
  metrics: otherwise(persistedMetrics, { kind: 'cloudwatch' }),
  approval: nullable(part({ within: number })),
  growth: nullable(choice('withWeight', 'upfront')),
  maxExtra: otherwise(nullable(number), null),
  mode: otherwise(choice('automatic', 'observe'), 'automatic'),
  prices: otherwise(under(number), {}),
  timing: part({ period: number, settling: number }),
});

const image = part<Image>({ reference: text, ami: optional(text), label: words });
const template = nullable(
  part<Template>({ id: text, version: text, types: otherwise(list(text), []), image: optional(text) }),
);
const limits = otherwise(
  nullable(bySlot(part<Limits>({ min: number, max: number, desired: number, suspended: list(text) }))),
  null,
);
const publication = part<Publication>({
  release: text,
  image,
  attempt: number,
  order: number,
  asked: flag,
  by: words,
});

const plan = part<Plan>({
  schema: exactly(1),
  service: text,
  release: text,
  image,
  attempt: number,
  by: words,
  asked: flag,
  old: part<Plan['old']>({ slot, kind: choice('none', 'ours', 'foreign'), release: nullable(text), count: number }),
  new: part({ slot }),
  steps: list(step),
  template,
  limits,
  alarmsOn: list(text),
  traffic: optional(nullable(part<Traffic>({ requests: number, errors: number }))),
  times: optional(list(number)),
  configuration: service,
  at: number,
});

const live = part<Live>({ release: text, image, attempt: number, template, slot, order: number, since: number });

const row = part<Row>({
  service: text,
  token: number,
  live: nullable(live),
  next: nullable(publication),
  wanted: part<Row['wanted']>({
    weights: bySlot(number) as Reader<Weights>,
    seq: number,
    since: number,
    edited: optional(number),
  }),
  step: number,
  condemned: nullable(slot),
  lock: kinds<Lock, 'state'>('state', {
    free: part({ state: exactly('free') }),
    reserved: part({ state: exactly('reserved'), publication }),
    held: part({ state: exactly('held'), publication, execution: text }),
  }),
  phase: choice('free', 'preparing', 'shifting', 'settling', 'committed', 'rollingBack'),
  plan: nullable(plan),
  limits,
  abort: nullable(
    part<Abort>({
      kind: choice('failed', 'superseded'),
      why: words,
      by: words,
      at: number,
      waits: optional(flag),
    }),
  ),
  steppedAside: otherwise(flag, false),
  raised: otherwise(list(number), []),
  question: otherwise(
    nullable(
      part<Question>({ id: text, kinds: list(text), step: number, asked: number, until: nullable(number), why: words }),
    ),
    null,
  ),
  signals: otherwise(
    list(
      part<Signal>({
        kind: choice('approve', 'reject'),
        by: words,
        at: number,
        question: optional(text),
        kinds: optional(list(text)),
      }),
    ),
    [],
  ),
  parked: otherwise(list(text), []),
});

/** An outcome that is not known is as good as a failure: nothing automatic tries it again, and a person may. */
const record = part<AttemptRecord>({
  service: text,
  release: text,
  image,
  attempt: number,
  outcome: leniently(choice('live', 'failed', 'superseded', 'refused'), 'failed'),
  reason: leniently(text, 'no reason is on record'),
  at: number,
});

/** Nothing is decided by what was told, and nobody mends it: what lacks is left blank. Kinds that are not known are known to whoever wrote them. */
const event = part<HistoryEvent>({
  id: text,
  at: number,
  release: words,
  attempt: leniently(number, 0),
  by: words,
  kind: leniently(text as Reader<HistoryEvent['kind']>, 'problem'),
  text: words,
  data: leniently(optional(under<unknown>((value) => value)), undefined),
});

/** What no field of a row says by itself. */
const contradictions = ({ service, lock, phase, plan, abort, wanted }: Row, name: string): Problem[] => {
  const held = lock.state === 'held';
  const { blue, green } = wanted.weights;
  const problem = (path: string, expected: string, found: unknown) => ({ path, expected, found: formatValue(found) });
  return [
    ...(service === name ? [] : [problem('service', formatValue(name), service)]),
    ...(held === (phase !== 'free') ? [] : [problem('phase', `one of a service that is ${lock.state}`, phase)]),
    ...(held && plan === null ? [problem('plan', 'the plan of the holder', plan)] : []),
    // Those of groups have been changed since, and somebody has to know what they were.
    ...(plan?.configuration.fleet.kind === 'groups' && plan.limits === null
      ? [problem('plan.limits', 'what both groups scaled within', plan.limits)]
      : []),
    ...(phase === 'rollingBack' && abort === null ? [problem('abort', 'why it is rolled back', abort)] : []),
    // Without the word it would neither go back further nor ever be done.
    ...(abort !== null && abort.waits !== true && blue > 0 && green > 0
      ? [problem('abort.waits', 'true where both slots have weight', abort.waits)]
      : []),
  ];
};

/** Throws Rejected with every place that is wrong, and what a person can do. */
const whole = <T>(
  reader: Reader<T>,
  value: unknown,
  what: string,
  remedy: string,
  between: (read: T) => Problem[] = () => [],
): T => {
  const problems: Problem[] = [];
  const read = reader(value, '', problems);
  if (problems.length === 0) problems.push(...between(read));
  if (problems.length === 0) return read;
  throw new Rejected({ problem: `${what} cannot be read: ${problems.map(problemText).join('; ')}`, remedy });
};

const otherVersion = 'another version of Cutover has written it, or a person: deploy that version';

export const readRow = (name: string, value: unknown): Row =>
  whole(
    row,
    value,
    `the row of ${name}`,
    `${otherVersion}, or mend the item service#${name}, row, in the ledger; until then ${name} is left as it stands`,
    (read) => contradictions(read, name),
  );

export const readService = (name: string, value: unknown): Service =>
  whole(service, value, `the configuration of ${name}`, `${otherVersion}, or apply the configuration again`);

/** `key`: where it is kept. */
export const readRecord = (name: string, key: string, value: unknown): AttemptRecord =>
  whole(
    record,
    value,
    `the ${key} of ${name}`,
    `${otherVersion}, or mend the item service#${name}, ${key}, in the ledger`,
  );

/** Never throws. `id` and `at` are in its key. */
export const readEvent = (id: string, at: number, value: unknown): HistoryEvent =>
  event({ ...(value as object), id, at }, '', []);
