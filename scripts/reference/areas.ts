/** Where users meet reasons: the sources, what the reasons mean for traffic, and what to do. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { type Reason, reasonsIn } from './reasons.ts';

export interface Area {
  title: string;
  /** What happened, what it means for traffic, what to do. */
  about: string;
  /** Globs of sources whose every sentence is a reason, and of those that throw or find some. */
  all: string[];
  thrown: string[];
  /** What to do about a reason that says all of it, or needs nothing; empty: each has to have its own. */
  otherwise: string;
  /** Sentences that ask for nothing and explain nothing. */
  not?: RegExp;
}

export const areas: Area[] = [
  {
    title: 'A publication is not rolled out',
    about:
      'You see it in `cutover history shop`, in the answer of `cutover publish`, and as exit code 2 of `cutover wait`. Traffic is untouched. Most of these need nothing: the release is old, or live already.',
    otherwise: '',
    not: /^(EC2|ECR|Parameter)|State Change|^(is (live|rolling out|next)|the (repository|AMIs|parameter) …)/,
    all: ['core/release/publications.ts', 'core/release/image-events.ts'],
    thrown: [],
  },
  {
    title: 'Something in the account is in the way of a rollout',
    about:
      'An admission refuses with these before anything is touched, so traffic is untouched. `cutover doctor shop` and `cutover validate --stage <name>` find them beforehand. After you have mended it, ask for the release again: `cutover retry shop`.',
    otherwise: 'Correct it in the configuration or in the account, as the reason says.',
    all: ['core/plan/capacity.ts', 'pipeline/operations/references.ts', 'core/config/local-only.ts'],
    thrown: [
      'pipeline/operations/doctor/*.ts',
      'pipeline/shared/admission-findings.ts',
      'adapters/aws/preflight/*.ts',
      'adapters/aws/load-balancer/*.ts',
      'adapters/aws/groups/*.ts',
      'adapters/aws/instances/*.ts',
      'adapters/aws/ownership.ts',
      'adapters/aws/inspection.ts',
    ],
  },
  {
    title: 'A fleet cannot be adopted or given back',
    about:
      '`cutover adopt` says these before it changes anything; if a later part fails, all of it is undone. Traffic stays where it is. `cutover adopt shop --dry-run` shows what would be done.',
    otherwise: 'Correct it as the reason says, then run the command again.',
    all: ['core/fleet/adoption.ts'],
    not: /^(make|delete|attach|detach|let|tag|take|suspend|resume) /,
    thrown: ['pipeline/operations/adopt.ts'],
  },
  {
    title: 'A rollout is rolled back, waits or pauses',
    about:
      'You see it in `cutover status shop` and `cutover history shop`. After a rollback all traffic is on the old version. A rollout that waits goes on by itself. One that pauses keeps its weights until a person answers: `cutover approve shop` or `cutover reject shop`.',
    otherwise: '',
    not: /^(,|judged by what|at least … times|no reason given|… to 1)/,
    all: [
      'core/analysis/evidence.ts',
      'core/analysis/verdict.ts',
      'core/fleet/readiness.ts',
      'core/protocol/stalled.ts',
      'pipeline/states/*.ts',
      'pipeline/triggers/on-alarm.ts',
      'pipeline/triggers/on-interruption.ts',
      'pipeline/shared/!(recover|admission-findings|plan-or-reason).ts',
    ],
    thrown: [],
  },
  {
    title: 'A rollout is stuck, or is recovered',
    about:
      'An execution ended from outside, or stalled. Recoveries follow by themselves, with growing pauses; traffic keeps the weights that it has. Only `stuck` asks for you: look at the last execution in the Step Functions console for the cause, remove it, then run `cutover retry shop`.',
    otherwise: '',
    all: ['pipeline/shared/recover.ts', 'pipeline/triggers/on-stopped.ts'],
    thrown: [],
  },
  {
    title: 'At rest',
    about:
      'Reconcile looks every two minutes at services without a rollout. It records these in the history; most of them say what it has corrected.',
    otherwise: '',
    all: ['pipeline/reconcile/*.ts'],
    thrown: [],
  },
  {
    title: 'The row protocol refuses a step',
    about:
      'You see it as `why` in an execution, and after a person\'s command as "cannot be aborted now: …". A step came late, twice, or after somebody else had decided: nothing is to be done. Look at `cutover status shop` for what holds now.',
    otherwise: 'Nothing is to be done.',
    all: ['core/protocol/guards.ts'],
    thrown: [],
  },
  {
    title: 'A command is refused',
    about: 'Exit code 2, and nothing was changed. The message says what to correct.',
    otherwise: 'Correct it as the message says.',
    all: [],
    thrown: ['pipeline/operations/*.ts', 'cli/**/*.ts'],
  },
  {
    title: 'AWS, the ledger or another version',
    about:
      'A call failed for good, or something stored cannot be read. Before the commit a rollout goes back to the old version; after it, and on the way back, it is tried again until it works. Traffic keeps its weights meanwhile. If an IAM right is missing, `cutover doctor shop --stage <name>` says which one.',
    not: /^(see what the code means|the (row|configuration) of …$)/,
    otherwise: 'Correct it as the message says.',
    all: ['adapters/aws/aws-errors.ts'],
    thrown: ['adapters/ledger/*.ts', 'core/protocol/persisted.ts', 'functions/*.ts'],
  },
];

const root = join(import.meta.dirname, '..', '..');

/** Each reason once, under the first area that has it. */
export const reasonsByArea = (): { area: Area; reasons: Reason[] }[] => {
  const seen = new Set<string>();
  const filesOf = (globs: string[]) => globs.flatMap((one) => globSync(one, { cwd: root }).sort());
  return areas.map((area) => ({
    area,
    reasons: [
      ...filesOf(area.all).flatMap((file) => reasonsIn(file, 'all')),
      ...filesOf(area.thrown).flatMap((file) => reasonsIn(file, 'thrown')),
    ].filter(({ text }) => !area.not?.test(text) && !seen.has(text) && seen.add(text)),
  }));
};
