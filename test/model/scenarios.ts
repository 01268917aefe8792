/** Which worlds are searched: what is going on at first, and which disturbances may happen to it. */
import { protocol } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import { startReserved } from './acting.ts';
import type { Disturbance } from './disturbances.ts';
import { modelOf, type Scenario } from './model.ts';
import { search } from './search.ts';
import { publicationOf, restingWorld, type World, withExecution } from './world.ts';

/** B has been published and is on its way in: over A, which is live in blue, or as the first ever. */
const rollingOut = ({ live }: { live: boolean }): World => {
  const world = restingWorld({ live, budget: 2 });
  const row = { ...world.row, lock: { state: 'reserved', publication: publicationOf('B', 1, false) } } as const;
  return startReserved({ ...world, row });
};

const over = rollingOut({ live: true });
const first = rollingOut({ live: false });

/** B has traffic already, and its execution, grown long, begins to hand over to another one. */
const handingOver = (phase: Row['phase']): World => {
  const model = modelOf(protocol, { name: '', about: [], initial: over, disturbances: [] });
  const isThere = ({ executions, row }: World) => row.phase === phase && executions[0]?.state === 'Judge';
  const { path } = search({ ...model, flaw: (world) => (isThere(world) ? 'there' : null) });
  const there = path.at(-1)?.to;
  if (there === undefined) throw new Error(`no rollout is ever judged while ${phase}`);
  return withExecution(there, 'B-1', { state: 'HandOver' });
};

const all: Disturbance[] = ['timeout', 'stop', 'failure', 'redrive', 'console', 'alarm', 'sick blue', 'sick green'];
const publications: Disturbance[] = ['publish C', 'publish D', 'publish E', 'ask B', 'ask C', 'reconcile'];

/** Two disturbances each, or going on in another execution and one, in combinations that are cheap enough for every run. */
export const scenarios: Scenario[] = [
  {
    name: 'an execution of the past',
    about: ['turn', 'commit', 'shift', 'park', 'admitAnew', 'abort'],
    initial: over,
    disturbances: ['redrive the past', 'sick blue', 'sick green'],
  },
  {
    name: 'late functions and aborts',
    about: ['shift', 'abort', 'turn', 'condemn', 'commit', 'admitAnew'],
    initial: over,
    disturbances: ['timeout', 'alarm', 'sick blue', 'sick green'],
  },
  {
    name: 'fleets lost on the way back',
    about: ['condemn'],
    initial: over,
    disturbances: ['sick green', 'lost blue'],
  },
  {
    name: 'stopped and recovered',
    about: ['takeOver', 'finish', 'admit', 'condemn'],
    initial: over,
    disturbances: ['stop', 'failure', 'console'],
  },
  {
    name: 'going on in another execution',
    about: [],
    initial: { ...over, continued: 1, budget: 1 },
    disturbances: [...all, 'reconcile', 'publish C'],
  },
  {
    name: 'handing over',
    about: ['handOver'],
    initial: handingOver('settling'),
    disturbances: ['stop', 'redrive', 'console', 'reconcile'],
  },
  { name: 'redriven', about: [], initial: over, disturbances: ['stop', 'redrive', 'timeout'] },
  { name: 'the first release ever', about: [], initial: first, disturbances: ['stop', 'alarm', 'sick green'] },
  {
    name: 'reconcile at any speed',
    about: ['acquire', 'reserveAgain', 'sweep'],
    initial: over,
    disturbances: ['reconcile', 'stop', 'publish C'],
  },
  {
    name: 'newer releases',
    about: ['publish', 'acquire', 'stepAside'],
    initial: over,
    disturbances: ['publish C', 'publish D', 'publish E', 'ask B', 'ask C'],
  },
  {
    name: 'a service at rest',
    about: ['stepAside'],
    initial: restingWorld({ live: true, budget: 2 }),
    disturbances: ['publish B', 'publish C', 'ask B', 'ask A', 'reconcile', 'console', 'stop'],
  },
  {
    name: 'waiting for approval',
    about: ['signal', 'park', 'ask'],
    initial: { ...over, isApproved: false, continued: 1 },
    disturbances: ['approve', 'reject', 'alarm', 'timeout', 'publish C'],
  },
];

/** Any two disturbances of all, and going on twice: millions of states, for `MODEL=full`. */
export const fullScenarios: Scenario[] = [
  {
    name: 'anything over a live release',
    about: [],
    initial: over,
    disturbances: [...all, ...publications, 'redrive the past'],
  },
  { name: 'anything over the first release ever', about: [], initial: first, disturbances: [...all, ...publications] },
  {
    name: 'anything while another execution goes on',
    about: [],
    initial: handingOver('shifting'),
    disturbances: [...all, ...publications],
  },
  {
    name: 'going on in another execution, ended twice',
    about: [],
    initial: { ...over, continued: 1 },
    disturbances: ['stop', 'redrive', 'console', 'reconcile'],
  },
  {
    name: 'going on in another execution, and another',
    about: [],
    initial: { ...over, continued: 2, budget: 1 },
    disturbances: [...all, ...publications],
  },
];
