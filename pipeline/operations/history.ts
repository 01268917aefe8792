/** Every attempt at a rollout, newest first and page by page, and the one that somebody waits for. */
import { limitsOfPlan, type RolloutLimits } from '../../core/plan/limits.ts';
import { readPlan } from '../../core/protocol/persisted-events.ts';
import type { PeriodFigures } from '../../core/release/figures.ts';
import { type HistoryEvent, type RolloutHistory, rolloutKey, rolloutsOf } from '../../core/release/history.ts';
import type { Ports } from '../ports/ports.ts';
import { namesOf } from './services.ts';

type Needs = Pick<Ports, 'ledger'>;

export interface HistoryRequest {
  /** The most rollouts per service, plus those published in the same millisecond as the last one; absent: all. */
  limit?: number | undefined;
  /** Only rollouts published before this time, in epoch milliseconds. */
  before?: number | undefined;
  /** Only rollouts of this image: a tag or label, a release, the end of a digest. */
  image?: string | undefined;
  /** Include the metrics of each period. */
  figures?: boolean | undefined;
}

/**
 * `limits`: by the plan that it was admitted with; null where it was never admitted, or by a version that did not record the plan.
 * `figures`: oldest first, where they were asked for; of 90 days, and none of a rollout that never had traffic.
 */
export type ShownRollout = RolloutHistory & { limits: RolloutLimits | null; figures?: PeriodFigures[] };

/** `more`: services with older rollouts than these, and the `before` that lists them. */
export interface HistoryPage {
  rollouts: ShownRollout[];
  more: { service: string; before: number }[];
}

/** Newest first, service by service; of all services if none is named. */
export const history = async (
  ports: Needs,
  given: string | undefined,
  { limit = Number.POSITIVE_INFINITY, before, image, figures = false }: HistoryRequest = {},
): Promise<HistoryPage> => {
  const page: HistoryPage = { rollouts: [], more: [] };
  for (const service of await namesOf(ports, given)) {
    const found: ShownRollout[] = [];
    for await (const rollout of newestFirst(ports, service, before)) {
      if (image !== undefined && !isOf(rollout, image)) continue;
      const last = found.at(-1);
      if (last !== undefined && found.length >= limit && rollout.publishedAt < last.publishedAt) {
        page.more.push({ service, before: last.publishedAt });
        break;
      }
      found.push(figures ? { ...rollout, figures: await ports.ledger.figures(service, rollout) } : rollout);
    }
    page.rollouts.push(...found);
  }
  return page;
};

/** Events read in one call. */
const pageSize = 200;

/**
 * A service's rollouts by their time of publication, each complete, even if its last event is much later. Events are read from the newest
 * back; when the first event of a rollout is reached, all its events are read.
 */
async function* newestFirst(
  { ledger }: Needs,
  service: string,
  before: number | undefined,
): AsyncGenerator<ShownRollout> {
  const eventsOf = new Map<string, HistoryEvent[]>();
  const shown = new Set<string>();
  const wholeOf = async (event: HistoryEvent): Promise<HistoryEvent[]> =>
    event.release === '' ? [] : ledger.rolloutEvents(service, event.release, event.attempt);
  let from: { at: number; id?: string } | undefined = before === undefined ? undefined : { at: before };
  for (;;) {
    const events: HistoryEvent[] = await ledger.history(service, pageSize, from);
    const keyed = events.flatMap((event) => {
      const key = rolloutKey(event);
      return key === null ? [] : [{ event, key }];
    });
    const unread = new Map(keyed.filter(({ key }) => !eventsOf.has(key)).map(({ event, key }) => [key, event]));
    const own = await Promise.all([...unread].map(async ([key, event]) => ({ key, events: await wholeOf(event) })));
    for (const { key, events } of own) eventsOf.set(key, events);
    for (const { event, key } of keyed) {
      const known = eventsOf.get(key) ?? [];
      const isFirst = known.length === 0 || known[0]?.id === event.id;
      // An event that is recorded again a little later is listed twice, under one id.
      if (!isFirst || shown.has(key)) continue;
      shown.add(key);
      yield* shownOf(service, [...known, event]);
    }
    from = events.at(-1);
    if (events.length < pageSize) return;
  }
}

const shownOf = (service: string, events: readonly HistoryEvent[]): ShownRollout[] => {
  const plan = readPlan(events.find(({ kind }) => kind === 'admitted')?.data?.plan);
  const limits = plan && limitsOfPlan(plan);
  return rolloutsOf(service, events).map((rollout) => ({ ...rollout, limits }));
};

/** The newest rollout of that image (a tag or label, a release, the end of a digest), or of any; undefined: nobody has published it yet. */
export const newestRollout = async (
  ports: Needs,
  service: string,
  image: string | undefined,
): Promise<RolloutHistory | undefined> => {
  for await (const rollout of newestFirst(ports, service, undefined))
    if (image === undefined || isOf(rollout, image)) return rollout;
  return undefined;
};

const isOf = ({ label, release }: RolloutHistory, image: string): boolean =>
  [label, release].includes(image) || (release !== '' && digestOf(image).startsWith(release));

/** `sha256:3f2a…` and `repository@sha256:3f2a…` → `3f2a…`, which begins with the release. */
const digestOf = (image: string): string => image.slice(image.lastIndexOf(':') + 1);
