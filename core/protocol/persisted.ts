/** Reads what the ledger has persisted, which another version, or a person who mended it by hand, may have written. */

import { Disbelieved } from '../basics/errors.ts';
import type { Image } from '../basics/image.ts';
import { withoutControls } from '../basics/outside-text.ts';
import type { Slot, Weights } from '../basics/slot.ts';
import { usualDecisions } from '../config/defaults.ts';
import { type Problem, problemText } from '../config/problems.ts';
import { persistedMetrics } from '../config/providers/providers.ts';
import {
  choice,
  exactly,
  flag,
  kinds,
  leniently,
  list,
  nullable,
  optional,
  otherwise,
  part,
  type Reader,
  text,
  under,
} from '../config/reader.ts';
import type { ComparisonSettings, Decisions, FleetConfiguration, Service, SmokeProbe } from '../config/service.ts';
import { persistedSource } from '../config/sources/sources.ts';
import { type Admitted, launchDifference } from '../plan/admitted.ts';
import type { Limits, Plan, PlanStep, Template, Traffic } from '../plan/plan.ts';
import type { AttemptRecord, Lock, Publication } from '../release/publications.ts';
import { contradictions, foreignRecord, mustBe } from './contradictions.ts';
import {
  amiId,
  atLeastZero,
  configuredCount,
  count,
  execution,
  nonce,
  ordinal,
  ratio,
  reference,
  release,
  rule,
  seconds,
  serviceName,
  share,
  status,
  subnet,
  targetGroup,
  templateId,
  templateVersion,
  time,
  weight,
} from './persisted-values.ts';
import type { Abort, Live, Question, Row, Signal } from './row.ts';

// Each `otherwise` is what versions without the field did. Nothing else is guessed.

/** Text for people. */
export const words: Reader<string> = (value, path, problems) => {
  const read = leniently(text, '')(value, path, problems);
  return withoutControls(read);
};
const slot = choice<Slot>('blue', 'green');
const bySlot = <T>(reader: Reader<T>): Reader<Record<Slot, T>> => part({ blue: reader, green: reader });

const step = part<PlanStep>({ weight, bake: seconds, atLeast: optional(seconds) });
const margin = part<ComparisonSettings['worse']>({ ratio, plus: atLeastZero });

const fleet = kinds<FleetConfiguration, 'kind'>('kind', {
  groups: part({ kind: exactly('groups'), blue: text, green: text, count: configuredCount }),
  instances: part({
    kind: exactly('instances'),
    launchTemplate: text,
    subnets: list(subnet),
    count: configuredCount,
  }),
});

const service = part<Service>({
  name: serviceName,
  image: persistedSource,
  fleet,
  rules: list(rule),
  slots: bySlot(targetGroup),
  strategy: part({ steps: list(step) }),
  checks: part<Service['checks']>({
    smoke: list(part<SmokeProbe>({ path: text, from: status, to: status, within: seconds })),
    alarms: list(text),
    errorRate: part({ atMost: share }),
    comparison: otherwise(
      nullable(
        part<ComparisonSettings>({
          falseAlarms: share,
          falsePasses: share,
          worse: margin,
          harmful: margin,
          slower: otherwise(nullable(margin), null),
          burst: otherwise(nullable(ratio), null),
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
    passes: ordinal,
    readyWithin: seconds,
    warmUp: seconds,
  }),
  metrics: otherwise(persistedMetrics, { kind: 'cloudwatch' }),
  approval: nullable(part({ within: seconds })),
  growth: nullable(choice('withWeight', 'upfront')),
  maxExtra: otherwise(nullable(configuredCount), null),
  mode: otherwise(choice('automatic', 'observe'), 'automatic'),
  prices: otherwise(under(atLeastZero), {}),
  timing: part({ period: seconds, settling: seconds }),
});

const image = part<Image>({ reference, ami: optional(amiId), label: words });
const template = nullable(
  part<Template>({
    id: templateId,
    version: templateVersion,
    types: otherwise(list(text), []),
    image: optional(amiId),
  }),
);
const limits = otherwise(
  nullable(bySlot(part<Limits>({ min: count, max: count, desired: count, suspended: list(text) }))),
  null,
);
const publication = part<Publication>({ release, image, attempt: ordinal, order: time, asked: flag, by: words });

export const persistedPlan = part<Plan>({
  schema: exactly(1),
  service: text,
  release,
  image,
  attempt: ordinal,
  by: words,
  asked: flag,
  old: part<Plan['old']>({ slot, kind: choice('none', 'ours', 'foreign'), release: nullable(release), count }),
  new: part({ slot }),
  steps: list(step),
  template,
  limits,
  alarmsOn: list(text),
  traffic: optional(nullable(part<Traffic>({ requests: atLeastZero, errors: atLeastZero }))),
  times: optional(list(atLeastZero)),
  configuration: service,
  at: time,
});

const live = part<Live>({ release, image, attempt: ordinal, template, slot, order: time, since: time });

const row = part<Row>({
  service: text,
  token: ordinal,
  live: nullable(live),
  next: nullable(publication),
  wanted: part<Row['wanted']>({
    weights: bySlot(weight) as Reader<Weights>,
    seq: ordinal,
    since: time,
    edited: optional(time),
  }),
  step: ordinal,
  condemned: nullable(slot),
  lock: kinds<Lock, 'state'>('state', {
    free: part({ state: exactly('free') }),
    reserved: part({ state: exactly('reserved'), publication }),
    held: part({ state: exactly('held'), publication, execution }),
  }),
  phase: choice('free', 'preparing', 'shifting', 'settling', 'committed', 'rollingBack'),
  plan: nullable(persistedPlan),
  limits,
  abort: nullable(
    part<Abort>({
      kind: choice('failed', 'superseded'),
      why: words,
      by: words,
      at: time,
      waits: optional(flag),
    }),
  ),
  steppedAside: otherwise(flag, false),
  raised: otherwise(list(time), []),
  question: otherwise(
    nullable(
      part<Question>({
        id: text,
        kinds: list(text),
        step: ordinal,
        asked: time,
        until: nullable(time),
        why: words,
      }),
    ),
    null,
  ),
  signals: otherwise(
    list(
      part<Signal>({
        kind: choice('approve', 'reject'),
        by: words,
        at: time,
        question: optional(text),
        kinds: optional(list(text)),
      }),
    ),
    [],
  ),
  nonce: optional(nonce),
  parked: otherwise(list(text), []),
});

/** An unknown outcome counts as a failure: nothing retries it automatically, but a person may. */
const record = part<AttemptRecord>({
  service: text,
  release,
  image,
  attempt: ordinal,
  outcome: leniently(choice('live', 'failed', 'superseded', 'refused'), 'failed'),
  reason: leniently(text, 'no reason is on record'),
  at: time,
});

/** Throws Disbelieved with every wrong place, and with what a person can do. */
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
  const few = problems.slice(0, mostProblems).map(problemText);
  const more = problems.length > mostProblems ? [`${problems.length - mostProblems} more`] : [];
  throw new Disbelieved({ problem: `${what} cannot be read: ${[...few, ...more].join('; ')}`, remedy });
};

/** More would not fit into a sentence. */
const mostProblems = 5;

const otherVersion = 'another version of Cutover or a person wrote it: deploy that version';

export const readRow = (name: string, value: unknown): Row =>
  whole(
    row,
    value,
    `the row of ${name}`,
    `${otherVersion}, or mend the item service#${name}, row, in the ledger; until then the pipeline leaves ${name} as it is`,
    (read) => contradictions(read, name),
  );

export const readService = (name: string, value: unknown): Service =>
  whole(service, value, `the configuration of ${name}`, `${otherVersion}, or apply the configuration again`, (read) =>
    mustBe('name', name, read.name),
  );

/** `key`: the record's key in the ledger, `record#<release>#<attempt>`. */
export const readRecord = (name: string, key: string, value: unknown): AttemptRecord =>
  whole(
    record,
    value,
    `the ${key} of ${name}`,
    `${otherVersion}, or mend the item service#${name}, ${key}, in the ledger`,
    (read) => foreignRecord(read, name, key),
  );

const admitted = part<Admitted>({
  image,
  template,
  from: nullable(part<NonNullable<Admitted['from']>>({ fleet, slots: bySlot(targetGroup), rules: list(rule) })),
});

export const readAdmitted = (name: string, key: string, value: unknown): Admitted =>
  whole(
    admitted,
    value,
    `the ${key} of ${name}`,
    `${otherVersion}, or roll out the version again with cutover deploy ${name}`,
  );

/** Throws Disbelieved if the plan in a row differs from what was admitted; null: nothing is known to have been admitted. */
export const expectAdmitted = (name: string, plan: Plan, kept: Admitted | null): void => {
  const { image, template, attempt, configuration } = plan;
  const difference =
    kept === null
      ? `attempt ${attempt} of ${plan.release} was never admitted`
      : launchDifference({ image, template, from: configuration }, kept);
  if (difference === null) return;
  const problem = `the plan in the row of ${name} is not the one that was admitted: ${difference}`;
  const remedy = `mend the item service#${name}, row, in the ledger; until then the pipeline leaves ${name} as it is`;
  throw new Disbelieved({ problem, remedy });
};
