/** Runs the demo: the local cloud with version 1 and traffic on it, then the three acts, each measured from outside. */
import { join } from 'node:path';
import type { Service } from '../../core/config/service.ts';
import { load } from '../../local/load.ts';
import type { Configuration } from '../config/config-file.ts';
import { pause } from '../context.ts';
import { Interrupted } from '../failure.ts';
import { type Live, live } from '../live/live.ts';
import { type LocalCloud, startLocalCloud } from '../local/local-cloud.ts';
import { pushFolder } from '../local/publish-folder.ts';
import type { Terminal } from '../terminal.ts';
import { type Act, acts, type Measured } from './acts.ts';
import { type StrainGauge, strainGauge, tooBusy } from './busy-machine.ts';
import { type Claim, claimText } from './claims.ts';
import { alive, between, counted, ended, programs } from './measure.ts';

export interface ActResult {
  version: string;
  outcome: string;
  /** Why it ended as it did. */
  reason: string;
  /** One sentence on how it ended. */
  summary: string;
  seconds: number;
  requests: number;
  /** Requests that users have lost, and their share of all, of 1. */
  failed: number;
  failedShare: number;
  /** Requests that this machine had no time to send: no user has lost these. */
  notSent: number;
  /** What shows that this machine was too busy to measure; null: it was not. */
  tooBusy: string | null;
  byVersion: Measured['byVersion'];
  /** What its unready instances printed. */
  printed: string[];
  claims: Claim[];
}

export interface DemoResult {
  ok: boolean;
  /** A claim was not so, and this machine was too busy to tell whose doing that is: what shows it. */
  tooBusy: string | null;
  seconds: number;
  requests: number;
  failed: number;
  acts: ActResult[];
  claims: Claim[];
}

/** Seconds, so that three rollouts take a minute. */
const deregistrationDelay = 2;
/** Requests a second. */
const RATE = 200;
/** So many wait for an answer at most: usually a handful do. On a busy machine more would wait in a queue until each of them is given up. */
const IN_FLIGHT = 50;

export interface DemoOptions {
  terminal: Terminal;
  data: string;
  configuration: Configuration;
  /** The folder that holds v1 to v4. */
  images: string;
  port: number;
  fixedPort: boolean;
  stop: AbortSignal;
}

/** Everything it started is gone when it returns or throws. Throws Interrupted when stopped. */
export const runDemo = async (options: DemoOptions): Promise<DemoResult> => {
  const { terminal, stop } = options;
  const began = performance.now();
  const all = new Set<number>();
  let view: Live | null = null;
  const cloud = await startLocalCloud({
    ...options,
    health: '/health',
    temporary: true,
    deregistrationDelay,
    onState: (execution, state) => view?.state(execution, state),
  });
  const [service] = options.configuration.services as [Service];
  const [url = ''] = cloud.urls[service.name] ?? [];
  let traffic: ReturnType<typeof load> | null = null;
  const results: ActResult[] = [];
  try {
    terminal.say(`The local cloud runs: ${service.name} on ${url}, its data in ${options.data}`);
    terminal.say(
      `A deregistered instance has ${deregistrationDelay} s to finish its answers; on AWS it has 300 s by default.`,
    );
    for (const line of legendOf(service)) terminal.say(line);
    terminal.say(terminal.style('bold', 'To begin with: version 1, into an empty fleet'));
    view = live({ terminal, world: cloud.world, ledger: cloud.ledger, totals: () => traffic?.totals() ?? null });
    await first(options, cloud, service);
    const gauge = strainGauge();
    traffic = load({ url, perSecond: RATE, inFlight: IN_FLIGHT, onResult: gauge.answered, onLate: gauge.late });
    const { totals } = traffic;
    await counted(totals, RATE / 4, stop);
    gauge.take();
    terminal.say(`Version 1 is live on ${service.fleet.count} instances and gets ${RATE} requests a second.`);
    for (const [index, act] of acts.entries()) {
      terminal.say();
      terminal.say(terminal.style('bold', `Act ${index + 1}: ${act.title}`));
      for (const pid of programs(cloud)) all.add(pid);
      const result = await perform(act, options, cloud, service, totals, gauge);
      for (const pid of programs(cloud)) all.add(pid);
      results.push(result);
      tellResult(terminal, result);
    }
    await view.close();
    view = null;
    const { requests, failed } = await traffic.stop();
    traffic = null;
    await cloud.close();
    const claims = [{ claim: 'nothing is left running', ok: alive(all).length === 0 }];
    const ok = [...results.flatMap((result) => result.claims), ...claims].every((claim) => claim.ok);
    const busy = results.find((result) => result.claims.some(({ unmeasured }) => unmeasured))?.tooBusy ?? null;
    return { ok, tooBusy: busy, seconds: seconds(began), requests, failed, acts: results, claims };
  } finally {
    await view?.close();
    await traffic?.stop();
    await cloud.close();
  }
};

/** What the lines of Judge speak of. */
const legendOf = ({ checks: { comparison } }: Service): string[] =>
  comparison === null
    ? []
    : [
        'At each weight, Judge compares errors of the new version with errors of the old one. It prints the evidence that',
        `the new version is worse: 1 to 1 says nothing, and from ${Math.round(1 / comparison.falseAlarms)} to 1 on the new version is rolled back.`,
      ];

const seconds = (since: number): number => Math.round((performance.now() - since) / 100) / 10;

const push = ({ images, configuration }: DemoOptions, cloud: LocalCloud, service: Service, version: string) =>
  pushFolder(
    { folder: join(images, `v${version}`), cwd: configuration.file, service, registry: cloud.registry },
    ({ repository, digest, tags }) => cloud.push(repository, { digest, tags }),
  );

const releaseIn = (digest: string): string => digest.slice('sha256:'.length, 'sha256:'.length + 12);

/** Version 1 goes live through the pipeline like any other, as the first rollout ever. */
const first = async (options: DemoOptions, cloud: LocalCloud, service: Service): Promise<void> => {
  const { digest } = await push(options, cloud, service, '1');
  const { record } = await ended(cloud, service.name, releaseIn(digest), options.stop);
  if (record.outcome !== 'live') throw new Error(`version 1 did not go live: ${record.reason}`);
};

const perform = async (
  act: Act,
  options: DemoOptions,
  cloud: LocalCloud,
  service: Service,
  totals: ReturnType<typeof load>['totals'],
  gauge: StrainGauge,
): Promise<ActResult> => {
  const began = performance.now();
  const start = totals();
  const before = programs(cloud);
  const liveBefore = (await cloud.ledger.row(service.name))?.live?.release ?? null;
  const { digest } = await push(options, cloud, service, act.version);
  const release = releaseIn(digest);
  const end = await ended(cloud, service.name, release, options.stop);
  const whole = between(start, totals());
  const took = seconds(began);
  // What was in flight at the end has been answered; then a second's worth is looked at.
  await pause(300, options.stop);
  if (options.stop.aborted) throw new Interrupted();
  const afterwards = await counted(totals, RATE / 4, options.stop);
  const busy = tooBusy(gauge.take(), whole.notSent, whole.requests);
  const measured: Measured = { ...whole, ended: end, release, live: liveBefore, afterwards, before };
  return {
    version: act.version,
    outcome: end.record.outcome,
    reason: end.record.reason,
    summary: act.summary(measured),
    seconds: took,
    requests: whole.requests,
    failed: whole.failed,
    failedShare: whole.failedShare,
    notSent: whole.notSent,
    tooBusy: busy,
    byVersion: whole.byVersion,
    printed: end.said,
    claims: act.claims(measured).map((one) => (one.ok || busy === null ? one : { ...one, unmeasured: true })),
  };
};

const tellResult = (terminal: Terminal, { version, outcome, reason, summary, claims }: ActResult): void => {
  terminal.say(terminal.style('bold', `  Version ${version}: ${summary}.`));
  if (outcome !== 'live') terminal.say(`  Why: ${reason}.`);
  for (const claim of claims) terminal.say(`    ${claimText(terminal, claim)}`);
};
