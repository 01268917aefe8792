/** What the demo's claims are checked against: programs by process id, requests by version, the row, the records, the history. */
import { existsSync, readdirSync } from 'node:fs';
import type { Row } from '../../core/protocol/row.ts';
import { type RolloutHistory, rolloutsOf } from '../../core/release/history.ts';
import type { AttemptRecord } from '../../core/release/publications.ts';
import type { Totals } from '../../local/load.ts';
import { isAlive } from '../../local/process-list.ts';
import { pause } from '../context.ts';
import { Interrupted } from '../failure.ts';
import type { LocalCloud } from '../local/local-cloud.ts';

/** Process ids of this run's programs. */
export const programs = (cloud: LocalCloud): number[] => {
  // The folder comes with the first program.
  if (!existsSync(cloud.processes)) return [];
  return readdirSync(cloud.processes).flatMap((name) => {
    const [owner, pid] = name.split('-').map(Number);
    return owner === process.pid && pid !== undefined ? [pid] : [];
  });
};

export const alive = (pids: Iterable<number>): number[] => [...pids].filter(isAlive);

/** Requests between two counts. */
export const between = (
  before: Totals,
  after: Totals,
): Pick<Totals, 'requests' | 'failed' | 'notSent' | 'byVersion'> & { failedShare: number } => {
  const byVersion = Object.entries(after.byVersion).map(([version, { requests, failed }]) => {
    const earlier = before.byVersion[version] ?? { requests: 0, failed: 0 };
    return [version, { requests: requests - earlier.requests, failed: failed - earlier.failed }] as const;
  });
  const requests = after.requests - before.requests;
  const failed = after.failed - before.failed;
  return {
    requests,
    failed,
    failedShare: requests === 0 ? 0 : failed / requests,
    notSent: after.notSent - before.notSent,
    byVersion: Object.fromEntries(byVersion.filter(([, { requests }]) => requests > 0)),
  };
};

export interface Ended {
  record: AttemptRecord;
  row: Row;
  rollout: RolloutHistory | undefined;
  /** What its unready instances printed. */
  said: string[];
  /** Programs that were started meanwhile. */
  started: Set<number>;
}

/** How often the ledger is looked at, and how long one rollout may take here, in milliseconds. */
const LOOK = 100;
const LONGEST = 180_000;

/** Waits until the release's attempt is on record and the service is free. Throws Interrupted when stopped. */
export const ended = async (cloud: LocalCloud, service: string, release: string, stop: AbortSignal): Promise<Ended> => {
  const before = new Set(programs(cloud));
  const started = new Set<number>();
  for (const end = performance.now() + LONGEST; performance.now() < end; ) {
    if (stop.aborted) throw new Interrupted();
    for (const pid of programs(cloud)) if (!before.has(pid)) started.add(pid);
    const record = (await cloud.ledger.records(service, release)).at(-1);
    const row = await cloud.ledger.row(service);
    if (record !== undefined && row?.lock.state === 'free') {
      const events = await cloud.ledger.history(service);
      return {
        record,
        row,
        rollout: rolloutsOf(service, events).find((one) => one.release === release),
        said: events.filter((event) => event.release === release && event.kind === 'evidence').map(({ text }) => text),
        started,
      };
    }
    await pause(LOOK, stop);
  }
  throw new Error(
    `the rollout of ${release} has not ended within ${LONGEST / 1000} seconds, and takes 30: this machine is too busy for the demo, or a program cannot start; end other programs and run it again`,
  );
};

/** How long requests are waited for, in milliseconds: they come at 200 a second. */
const NO_TRAFFIC = 20_000;

/** What was counted in a second or more, until there are enough requests to tell who answers. Throws Interrupted when stopped. */
export const counted = async (totals: () => Totals, least: number, stop: AbortSignal): Promise<Totals['byVersion']> => {
  const start = totals();
  const began = performance.now();
  for (;;) {
    await pause(LOOK, stop);
    if (stop.aborted) throw new Interrupted();
    const since = between(start, totals());
    const waited = performance.now() - began;
    if (waited >= 1000 && since.requests >= least) return since.byVersion;
    if (waited > NO_TRAFFIC)
      throw new Error(
        `only ${since.requests} requests were answered within ${NO_TRAFFIC / 1000} seconds, ${least} were expected: this machine is too busy for the demo; end other programs and run it again`,
      );
  }
};
