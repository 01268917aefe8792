/** The faults as data: what each strikes, what it may cost, and whether it may change a rollout's outcome. */

import { calls, events, invocations, ledger, people } from './strikes.ts';
import { endings, waysBack } from './strikes-back.ts';
import { capacity, clocks, instances, launches, metrics, stale, targets, weights } from './strikes-world.ts';

/**
 * Of whose requests it may fail any: nobody's; those that an instance was answering when it went (none here, where a request takes no
 * time); those that are routed to one until the load balancer's check sees it.
 */
export type Cost = 'none' | 'inFlight' | 'routed';

/**
 * What it strikes: a call of a function's, a call to the ledger, a delivery of an event, an invocation, a launch, a moment of the machine's;
 * a call on the way back, or after commit.
 */
export const places = ['call', 'ledger', 'event', 'invocation', 'launch', 'moment', 'back', 'after'] as const;
export type Place = (typeof places)[number];

export interface Kind {
  of: Place;
  costs: Cost;
  /** Whether a good image may fail for it. */
  ends: boolean;
  /** By how many minutes it may delay that everything is at rest. */
  minutes: number;
}

const kind = (of: Place, costs: Cost, ends: 'ends' | 'passes', minutes: number): Kind => ({
  of,
  costs,
  ends: ends === 'ends',
  minutes,
});

export const kinds = {
  throttled: kind('call', 'none', 'passes', 5),
  refused: kind('call', 'none', 'passes', 5),
  answerLost: kind('call', 'none', 'passes', 5),
  zombie: kind('call', 'none', 'passes', 10),
  doubled: kind('call', 'none', 'passes', 5),
  killed: kind('call', 'none', 'passes', 5),
  denied: kind('call', 'none', 'ends', 30),
  deniedLong: kind('call', 'none', 'ends', 480),
  capacityShort: kind('call', 'none', 'ends', 30),
  instanceDies: kind('call', 'routed', 'ends', 20),
  instanceReclaimed: kind('call', 'inFlight', 'ends', 20),
  zoneDies: kind('call', 'routed', 'ends', 30),
  targetFlaps: kind('call', 'routed', 'ends', 20),
  metricsAbsent: kind('call', 'none', 'ends', 60),
  metricsLate: kind('call', 'none', 'ends', 60),
  weightsSlow: kind('call', 'none', 'passes', 10),
  readsStale: kind('call', 'none', 'passes', 20),
  clockAhead: kind('call', 'none', 'passes', 5),
  clockBehind: kind('call', 'none', 'passes', 5),
  ledgerThrottled: kind('ledger', 'none', 'passes', 5),
  ledgerAnswerLost: kind('ledger', 'none', 'passes', 5),
  ledgerKilled: kind('ledger', 'none', 'passes', 5),
  ledgerConflict: kind('ledger', 'none', 'passes', 5),
  ledgerSlow: kind('ledger', 'none', 'passes', 5),
  ledgerZombie: kind('ledger', 'none', 'passes', 10),
  invokedTwice: kind('invocation', 'none', 'passes', 5),
  invokedLate: kind('invocation', 'none', 'passes', 20),
  eventDropped: kind('event', 'none', 'passes', 10),
  eventDoubled: kind('event', 'none', 'passes', 5),
  eventLate: kind('event', 'none', 'passes', 130),
  instanceSlow: kind('launch', 'none', 'ends', 20),
  instanceDeadOnArrival: kind('launch', 'none', 'ends', 30),
  instanceDiesLater: kind('launch', 'routed', 'ends', 30),
  crashed: kind('moment', 'none', 'passes', 5),
  stopped: kind('moment', 'none', 'ends', 60),
  redriven: kind('moment', 'none', 'ends', 60),
  redrivenLater: kind('moment', 'none', 'ends', 60),
  startedAnew: kind('moment', 'none', 'ends', 60),
  startedAnewLater: kind('moment', 'none', 'ends', 60),
  oldFleetDies: kind('back', 'routed', 'ends', 60),
  oldHalfDies: kind('back', 'routed', 'ends', 40),
  newFleetDies: kind('back', 'routed', 'ends', 40),
  bothHalvesDie: kind('back', 'routed', 'ends', 60),
  oneOfEachDies: kind('back', 'routed', 'ends', 40),
  newHalfDiesAfter: kind('after', 'routed', 'ends', 60),
  allDiesAfter: kind('after', 'routed', 'ends', 60),
} satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as KindName[];

/** How each one strikes, by what it strikes. */
export const strikes = {
  call: { ...calls, ...capacity, ...instances, ...targets, ...metrics, ...weights, ...stale, ...clocks },
  ledger,
  event: events,
  invocation: invocations,
  launch: launches,
  moment: people,
  back: waysBack,
  after: endings,
};

/** The `at`-th of its place since the faults were armed; of the calls, of one command or function only where one is named. */
export interface Fault {
  kind: KindName;
  /** A command, an event's function, a function; null: whatever comes. */
  of: string | null;
  at: number;
}

/** `zombie@ModifyRule:2`: the third ModifyRule; `killed@call:40`: the 41st call of any. */
export const faultText = ({ kind, of, at }: Fault): string => `${kind}@${of ?? kinds[kind].of}:${at}`;

/** Throws, with what was expected, where the text names no fault. */
export const parseFault = (text: string): Fault => {
  const [, kind, of, at] = /^(\w+)@([\w-]+):(\d+)$/.exec(text) ?? [];
  const known = kindNames.find((one) => one === kind);
  if (known === undefined || of === undefined)
    throw new Error(`expected a fault like zombie@ModifyRule:2, found ${text}; the kinds are ${kindNames.join(', ')}`);
  return { kind: known, of: (places as readonly string[]).includes(of) ? null : of, at: Number(at) };
};
