/** Which worlds are searched: what is going on at first, and which disturbances may happen to it. */
import { startReserved } from './acting.ts';
import type { Disturbance } from './disturbances.ts';
import type { Scenario } from './model.ts';
import { publicationOf, restingWorld, type World } from './world.ts';

/** B has been published and is on its way in: over A, which is live in blue, or as the first ever. */
const rollingOut = ({ live }: { live: boolean }): World => {
  const world = restingWorld({ live, budget: 2 });
  const row = { ...world.row, lock: { state: 'reserved', publication: publicationOf('B', 1, false) } } as const;
  return startReserved({ ...world, row });
};

const over = rollingOut({ live: true });
const first = rollingOut({ live: false });
const all: Disturbance[] = ['timeout', 'stop', 'failure', 'redrive', 'console', 'alarm', 'sick blue', 'sick green'];
const publications: Disturbance[] = ['publish C', 'publish D', 'ask B', 'ask C', 'reconcile'];

/** Two disturbances each, in combinations that are cheap enough for every run. */
export const scenarios: Scenario[] = [
  {
    name: 'an execution of the past',
    about: ['turn', 'commit', 'shift', 'park', 'admitAnew'],
    initial: over,
    disturbances: ['redrive the past', 'sick blue', 'sick green'],
  },
  {
    name: 'late functions and aborts',
    about: ['shift', 'abort', 'turn', 'condemn', 'commit'],
    initial: over,
    disturbances: ['timeout', 'alarm', 'sick blue', 'sick green'],
  },
  {
    name: 'stopped and recovered',
    about: ['takeOver', 'finish', 'admit'],
    initial: over,
    disturbances: ['stop', 'failure', 'console'],
  },
  {
    name: 'going on in another execution',
    about: ['handOver'],
    initial: over,
    disturbances: ['hand over', 'stop', 'timeout', 'redrive'],
  },
  { name: 'redriven', about: [], initial: over, disturbances: ['stop', 'redrive'] },
  { name: 'the first release ever', about: [], initial: first, disturbances: ['stop', 'alarm', 'sick green'] },
  {
    name: 'reconcile at any speed',
    about: ['acquire', 'reserveAgain', 'sweep'],
    initial: over,
    disturbances: ['reconcile', 'stop', 'publish C'],
  },
  {
    name: 'a service at rest',
    about: ['stepAside'],
    initial: restingWorld({ live: true, budget: 2 }),
    disturbances: ['publish B', 'publish C', 'ask B', 'ask A', 'reconcile', 'console', 'stop'],
  },
  {
    name: 'newer releases',
    about: ['publish', 'stepAside'],
    initial: over,
    disturbances: ['publish C', 'publish D', 'ask B'],
  },
  {
    name: 'waiting for approval',
    about: ['signal', 'park'],
    initial: { ...over, isApproved: false },
    disturbances: ['approve', 'alarm', 'timeout', 'publish C'],
  },
];

/** Any two disturbances of all: millions of states, for `MODEL=full`. */
export const fullScenarios: Scenario[] = [
  {
    name: 'anything over a live release',
    about: [],
    initial: over,
    disturbances: [...all, ...publications, 'redrive the past'],
  },
  { name: 'anything over the first release ever', about: [], initial: first, disturbances: [...all, ...publications] },
];
