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
  /** What to do about a reason without advice of its own; empty: each has to have its own. */
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
      'Each of these would make a rollout fail, or hurt users. Most of them refuse a rollout before it touches anything, so traffic is untouched; some are found by `cutover doctor shop` alone. `cutover doctor shop` and `cutover validate --stage <name>` find them beforehand. After you have mended one, ask for the version again: `cutover retry shop`.',
    otherwise: '',
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
      '`cutover adopt` gives these reasons before it changes anything. If a later part fails, it undoes the parts before. Traffic stays where it is. `cutover adopt shop --dry-run` shows what would be done.',
    otherwise: '',
    all: ['core/fleet/adoption.ts'],
    not: /^(make|delete|attach|detach|let|tag|take|suspend|resume) |^as found, version/,
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
      'An execution was stopped, crashed or stalled. Recoveries follow by themselves, with growing pauses. Traffic keeps the weights that it has. Only `stuck` needs you.',
    otherwise: '',
    all: ['pipeline/shared/recover.ts', 'pipeline/triggers/on-stopped.ts'],
    thrown: [],
  },
  {
    title: 'At rest',
    about:
      'Reconcile looks every two minutes at services without a rollout. It records these reasons in the history. Most of them say what it has corrected.',
    otherwise: '',
    all: ['pipeline/reconcile/*.ts'],
    thrown: [],
  },
  {
    title: 'The row protocol refuses a step',
    about:
      'You see it as `why` in an execution, and after a person\'s command as "cannot be aborted now: …". The step came late, twice, or after another decision. Traffic is untouched. `cutover status shop` shows the state of the service now.',
    otherwise: 'Nothing is to be done. The step came late, twice, or after another decision.',
    all: ['core/protocol/guards.ts'],
    thrown: [],
  },
  {
    title: 'A command is refused',
    about: 'The exit code is 2, and nothing was changed. Users notice nothing.',
    otherwise: '',
    all: [],
    thrown: ['pipeline/operations/*.ts', 'cli/**/*.ts'],
  },
  {
    title: 'AWS, the ledger or another version',
    about:
      'A call failed for good, or an item of the ledger cannot be read. Before the commit a rollout goes back to the old version; after it, and on the way back, it is tried again until it works. Traffic keeps its weights meanwhile. If an IAM right is missing, `cutover doctor shop --stage <name>` says which one.',
    not: /^(see what the code means|the (row|configuration) of …$)/,
    otherwise: '',
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
