/** Draws the README's picture: one rollout of a bad version in virtual time. */
import type { Slot } from '../../core/basics/slot.ts';
import type { HistoryEvent } from '../../core/release/history.ts';
import type { SlotCounts } from '../../pipeline/ports/metrics.ts';
import { type Chart, type Line, svgOf } from '../../report/chart.ts';
import { liveStory } from '../../test/build.ts';

const requestsPerMinute = 2000;
const [usualErrors, badErrors] = [0.001, 0.02];
const minute = 60_000;

interface Played {
  events: HistoryEvent[];
  figures: Record<Slot, SlotCounts[]>;
  /** Where the new version was. */
  slot: Slot;
}

const play = async (): Promise<Played> => {
  const story = await liveStory({ rpm: requestsPerMinute, isRecorded: false });
  story.machines.describe(story.reference('v1'), { errorRate: usualErrors });
  // Admission reads three hours of the old version's figures.
  await story.after(3 * 3600 + 600);
  const from = story.time.now();
  story.push('v2', { errorRate: badErrors });
  await story.rest();
  await story.after(600);
  const figures = await story.during(story.ports().metrics.series(story.service, from, story.time.now()));
  const events = (await story.events()).filter(({ at }) => at >= from);
  const slot: Slot = (await story.row()).live?.slot === 'blue' ? 'green' : 'blue';
  story.close();
  return { events, figures, slot };
};

const percent = (value: number): string => `${value} %`;

const chartsOf = ({ events, figures, slot }: Played): [Chart, Chart] => {
  const shifts = events.filter(({ kind }) => kind === 'shifted' || kind === 'aborted');
  const began = shifts[0]?.at ?? 0;
  const end = shifts.at(-1);
  if (end?.kind !== 'aborted') throw new Error('expected that the bad version is rolled back');
  const since = (at: number): number => (at - began) / minute;
  const caught = since(end.at);
  const x = { title: 'minutes since the first request to the new version', from: 0, to: Math.ceil(caught) + 4 };
  const other: Slot = slot === 'blue' ? 'green' : 'blue';

  const weights = shifts.map(
    ({ at, data }) => [since(at), ((data?.weights ?? {}) as Partial<Record<Slot, number>>)[slot] ?? 0] as const,
  );
  /** In each minute that counts; a minute's figures stand in its middle. */
  const shown = (of: Slot): SlotCounts[] =>
    figures[of].filter(({ at, requests }) => requests > 0 && since(at) > -1 && since(at) < x.to - 1);
  const rates = (of: Slot, name: string): Line => ({
    name,
    points: shown(of).map(
      ({ at, requests, errors }) => [Math.max(0, since(at) + 0.5), (100 * errors) / requests] as const,
    ),
  });
  const failed = shown(slot).reduce((sum, { errors }) => sum + errors, 0);
  const requests = [...shown(slot), ...shown(other)].reduce(
    (sum, one) => sum + (since(one.at) < caught ? one.requests : 0),
    0,
  );
  return [
    {
      title: `A bad version, rolled back ${Math.round(caught)} minutes after its first request`,
      x: { ...x, title: '' },
      y: { title: 'its share of traffic', from: 0, to: 40, text: percent },
      lines: [{ name: '', points: [...weights, [x.to, 0]], steps: true }],
      moments: [{ x: caught, text: `at ${weights.at(-2)?.[1]} %, all traffic goes back to the old version` }],
      height: 200,
    },
    {
      title: 'Requests that fail, minute by minute',
      x,
      y: { title: 'share of requests', from: 0, to: 5, text: percent },
      lines: [rates(slot, 'new version'), rates(other, 'old version')],
      moments: [{ x: caught, text: `the new version failed ${failed} of ${requests.toLocaleString('en')} requests` }],
      height: 300,
    },
  ];
};

export const caughtPicture = async (): Promise<string> => svgOf(...chartsOf(await play()));
