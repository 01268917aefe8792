/** The demo's three acts: what is published, and what must then be so. */
import { countOf, formatRate } from '../../core/basics/format.ts';
import type { Claim } from './claims.ts';
import { alive, type Ended } from './measure.ts';

/** What was measured while one version was rolled out. */
export interface Measured {
  ended: Ended;
  release: string;
  /** The release that was live before. */
  live: string | null;
  requests: number;
  /** What users have lost: no answer, a broken one, or an error. */
  failed: number;
  /** Of 1; what `failed` is of `requests`. */
  failedShare: number;
  /** This machine had no time to send them: no user has lost these. */
  notSent: number;
  /** Requests that each version answered, from the publication to the end. */
  byVersion: Record<string, { requests: number; failed: number }>;
  /** The same, in the second after the end. */
  afterwards: Record<string, { requests: number; failed: number }>;
  /** Programs that ran before. */
  before: number[];
}

export interface Act {
  version: string;
  title: string;
  claims(measured: Measured): Claim[];
  /** One sentence on how it ended. */
  summary(measured: Measured): string;
}

const onlyVersion = (version: string, { afterwards }: Measured): boolean =>
  Object.keys(afterwards).join() === version && afterwards[version]?.failed === 0;

const highest = ({ ended }: Measured): number =>
  Math.max(0, ...(ended.rollout?.steps ?? []).map(({ weight }) => weight));

const allWeightOnLive = ({ ended: { row } }: Measured): boolean =>
  row.live !== null && row.wanted.weights[row.live.slot] === 100;

/** Back where it was: version 2 live, all traffic on it, nothing left of the new one. */
const backOn2 = (measured: Measured): Claim[] => [
  {
    claim: 'weights are back at 100 to 0 and version 2 is live',
    ok: allWeightOnLive(measured) && measured.ended.row.live?.release === measured.live,
  },
  {
    claim: 'its processes are gone',
    ok: measured.ended.started.size > 0 && alive(measured.ended.started).length === 0,
  },
  { claim: 'version 2 serves 100 % of the requests', ok: onlyVersion('2', measured) },
];

/** What a rollout that never leaves 25 % can cost users: that share of the requests, as often as version 3 fails. */
const mostFailed = 0.25 * 0.08;

export const acts: Act[] = [
  {
    version: '2',
    title: 'version 2, a good one',
    claims: (measured) => [
      {
        claim: 'it is live on version 2',
        ok:
          measured.ended.record.outcome === 'live' &&
          measured.ended.row.live?.release === measured.release &&
          allWeightOnLive(measured),
      },
      {
        claim: "version 1's processes are gone",
        ok: measured.before.length > 0 && alive(measured.before).length === 0,
      },
      { claim: 'version 2 serves 100 % of the requests', ok: onlyVersion('2', measured) },
      { claim: 'no request failed', ok: measured.requests > 0 && measured.failed === 0 },
    ],
    summary: (measured) => `live; ${countOf(measured.failed, measured.requests, 'request')} failed`,
  },
  {
    version: '3',
    title: 'version 3, which answers 8 % of its requests with a 500',
    claims: (measured) => [
      {
        claim: 'it was caught at 5 or 25 %',
        ok: measured.ended.record.outcome === 'failed' && [5, 25].includes(highest(measured)),
      },
      {
        claim: `at most ${formatRate(mostFailed)} of the requests failed: 25 % went to version 3, which fails 8 % of them`,
        ok: measured.requests > 0 && measured.failedShare <= mostFailed,
      },
      {
        claim: "every failed request was one of version 3's",
        ok: measured.failed > 0 && measured.failed === measured.byVersion['3']?.failed,
      },
      ...backOn2(measured),
    ],
    summary: (measured) =>
      `rolled back at ${highest(measured)} %; ${countOf(measured.failed, measured.requests, 'request')} failed (${formatRate(measured.failedShare)})`,
  },
  {
    version: '4',
    title: 'version 4, which never becomes healthy',
    claims: (measured) => [
      {
        claim: 'it never got a request',
        ok:
          measured.ended.record.outcome === 'failed' &&
          highest(measured) === 0 &&
          measured.byVersion['4'] === undefined &&
          measured.failed === 0,
      },
      { claim: 'the output of its process is kept', ok: measured.ended.said.some((text) => text.trim() !== '') },
      ...backOn2(measured),
    ],
    summary: (measured) =>
      `rolled back before any traffic; ${countOf(measured.failed, measured.requests, 'request')} failed`,
  },
];
