/** One rollout with faults from a seed, watched at every step, and what must be so when it is over. */

import type { Row } from '../../core/protocol/row.ts';
import type { AttemptRecord } from '../../core/release/publications.ts';
import { longestHistory } from '../../pipeline/shared/history-limit.ts';
import { agedBy, definition, releaseNamed } from '../build.ts';
import { perform, publishes } from './acts.ts';
import { armed } from './armed.ts';
import { boundsMoved, boundsOf, expected, notAtRest, unaccounted, unasked } from './ending.ts';
import { type Fault, faultText, kinds } from './faults.ts';
import { watch } from './invariants.ts';
import { unsafe } from './safety.ts';
import { drawn, images, type Scenario, serviceOf } from './scenario.ts';
import { createStage, type Stage } from './stage.ts';
import { hooksOf, type Seen, type Teller } from './timeline.ts';

export interface Played {
  seed: number;
  scenario: Scenario;
  faults: Fault[];
  /** Those that struck, with what they struck. */
  struck: { fault: Fault; what: string }[];
  outcome: string;
  violations: string[];
  /** From the first fault on: the most seconds from a look that found it unsafe to the next that did not, and why; 0: it was safe throughout. */
  unsafe: { seconds: number; why: string };
  /** Weights that were decided, and those that what truly answered did not carry. */
  decisions: { all: number; untrue: number };
  /** Events in the longest history of an execution. */
  events: number;
  /** How many there were of each place that a fault may strike, and of each of its names, until everything was at rest. */
  counts: ReadonlyMap<string, number>;
}

/** Minutes until everything is at rest, where nothing delays it. */
const usual = 60;

/** Seconds for which rest must last, so that reconcile has had its look. */
const still = 300;

export const play = async (seed: number, { scenario, faults } = drawn(seed), tell?: Teller): Promise<Played> => {
  const struck: Played['struck'] = [];
  const seen: Seen = { from: 0 };
  const looks: Looks = { struckAt: null, since: null, longest: { seconds: 0, why: '' } };
  const say = (text: string): void => {
    if (tell !== undefined && seen.stage !== undefined) tell((seen.stage.time.now() - seen.from) / 1000, text);
  };
  const faultsArmed = armed({
    faults,
    seed,
    struck: (fault, what) => {
      struck.push({ fault, what });
      looks.struckAt ??= seen.stage?.time.now() ?? null;
      say(`! ${faultText(fault)} strikes ${what}`);
    },
  });
  const stage = await createStage({
    seed,
    // Odd seeds are played on one kind of fleet, even ones on the other: each gets both.
    spot: Math.floor(seed / 2) % 2 === 0 || faults.some(({ kind }) => kind === 'instanceReclaimed'),
    service: serviceOf(scenario),
    definition: scenario.long === null ? definition : agedBy(longestHistory - scenario.long),
    hooks: hooksOf(faultsArmed.hooks, seen, tell && say),
  });
  seen.stage = stage;
  seen.from = stage.time.now();
  setTheScene(stage, scenario);
  const watched = watch(stage, await stage.row(), scenario, () => struck.map(({ fault }) => fault));
  seen.watched = watched;
  try {
    const bounds = boundsOf(stage);
    faultsArmed.arm(stage);
    stage.push('v2', images[scenario.image]);
    perform(stage, scenario.acts, say);
    const ends = faults.reduce((sum, { kind }) => sum + kinds[kind].minutes, usual + scenario.acts.length * usual);
    const look = (row: Row): void => {
      const isHeard = [...watched.publications.values()].some(({ release }) => release === releaseNamed('v2'));
      const why = unsafe(stage, row) ?? (isHeard ? null : unheard);
      if (looks.struckAt !== null) seeIn(looks, stage.time.now(), why);
    };
    let counts = new Map<string, number>();
    const rested = (): void => {
      counts = new Map(faultsArmed.counts);
    };
    const unrest = await atRest(stage, ends, { look, rested });
    // Counts what has failed until now.
    stage.cloud.traffic.totals();
    const records = await recordsOf(stage);
    const hit = struck.map(({ fault }) => fault);
    const outcome = records.find(({ release }) => release === releaseNamed('v2'))?.outcome ?? (await refusalOf(stage));
    const wanted = expected(scenario, hit);
    const row = await stage.row();
    const violations = [
      ...watched.violations,
      ...unrest,
      ...(unrest.length === 0 && row.live !== null
        ? boundsMoved(bounds, boundsOf(stage), row.live.slot, stage.counts.least)
        : []),
      ...unaccounted(watched.publications, records),
      ...unasked(records, scenario, hit),
      ...(outcome === 'none' && !missed(scenario, hit) ? [`R6: ${unheard}`] : []),
      ...(wanted !== null && outcome !== wanted
        ? [`R8: it ended ${outcome}, and nothing kept it from being ${wanted}`]
        : []),
    ];
    for (const one of violations.filter((line) => !watched.violations.includes(line))) say(`✗ ${one}`);
    const lengths = [...stage.statuses.keys()].map((name) => stage.cloud.machine.history(name).length);
    return {
      seed,
      scenario,
      faults,
      struck,
      outcome,
      violations,
      unsafe: looks.longest,
      decisions: { ...watched.decisions },
      events: Math.max(0, ...lengths),
      counts,
    };
  } finally {
    stage.cloud.intercept(undefined);
    stage.close();
  }
};

/** What looks have found, from the first fault on. */
interface Looks {
  struckAt: number | null;
  /** When the stretch began that has not ended, and why. */
  since: { at: number; why: string } | null;
  longest: Played['unsafe'];
}

const seeIn = (looks: Looks, at: number, why: string | null): void => {
  const { since, longest } = looks;
  if (why !== null) looks.since ??= { at, why };
  else if (since !== null) {
    const seconds = Math.round((at - since.at) / 1000);
    if (seconds > longest.seconds) looks.longest = { seconds, why: since.why };
    looks.since = null;
  }
};

const unheard = 'nobody has heard of the image';

/** An image whose only event is lost, or could not be looked into, and before which a newer one came: reconcile looks for the newest. */
const missed = (scenario: Scenario, struck: readonly Fault[]): boolean =>
  publishes(scenario) && struck.some(({ kind }) => kind === 'eventDropped' || kind === 'deniedLong');

const setTheScene = (stage: Stage, { sick, login }: Scenario): void => {
  if (login) for (const rule of stage.service.rules) stage.cloud.addLogin(rule);
  if (!sick) return;
  stage.describe('v1', { errorRate: 0.3 });
  stage.cloud.setAlarm('shop-5xx', 'ALARM', 'it was on before');
};

/** Seconds between two looks. */
const apart = 20;

/** Until everything is at rest, and has stayed so; or what keeps it from being so after so many minutes. */
const atRest = async (
  stage: Stage,
  minutes: number,
  { look, rested }: { look: (row: Row) => void; rested: () => void },
): Promise<string[]> => {
  const end = stage.time.now() + minutes * 60_000;
  // The image has not been heard of yet.
  const heard = stage.time.now() + 150_000;
  let since: number | null = null;
  for (;;) {
    const row = await stage.row();
    look(row);
    const now = stage.time.now();
    const found = [
      ...notAtRest(stage, row),
      ...(stage.sleeping > 0 || now < heard ? ['R10: something is still to come'] : []),
    ];
    if (found.length > 0) since = null;
    else if (since === null) {
      since = now;
      rested();
    }
    if (since !== null && now - since >= still * 1000) return [];
    if (now > end && found.length > 0) return found.map((one) => `${one}, ${minutes} minutes later`);
    await stage.time.run({ until: now + apart * 1000 });
  }
};

/** An image that a newer one came before has no attempt on record, and stands in the history. */
const refusalOf = async ({ ledger }: Stage): Promise<string> => {
  const events = await ledger.history('shop');
  return events.some(({ kind, release }) => kind === 'refused' && release === releaseNamed('v2')) ? 'refused' : 'none';
};

const recordsOf = async ({ ledger }: Stage): Promise<AttemptRecord[]> =>
  (await Promise.all(['v1', 'v2', 'v3'].map((version) => ledger.records('shop', releaseNamed(version))))).flat();
