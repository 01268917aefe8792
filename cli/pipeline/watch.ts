/** Where rollouts stand, told while somebody follows or waits: one line that is drawn over, and lines for every question to a person. */
import { type StatusView, statuses } from '../../pipeline/operations/status.ts';
import type { Terminal } from '../terminal.ts';
import type { Pipeline } from './pipeline.ts';
import { onStage, standing, waitingLines } from './status-text.ts';

/** Milliseconds between two looks: each reads metrics. */
const every = { local: 2000, deployed: 30_000 };

export interface Watch {
  /** Looks, if it is time to. */
  look(): Promise<void>;
  /** What was seen last. */
  views(): StatusView[];
}

/** `onQuestion`: a person is asked something, or has been answered. `known`: what has been told already. */
export const watch = (
  { ports, urls }: Pipeline,
  services: readonly string[],
  {
    terminal,
    stage,
    known = [],
    onQuestion,
  }: { terminal: Terminal; stage: string | undefined; known?: StatusView[]; onQuestion: (view: StatusView) => void },
): Watch => {
  const keyOf = ({ waiting }: StatusView): string => (waiting === null ? '' : `${waiting.for}/${waiting.since}`);
  const asked = new Map(known.map((view) => [view.service, keyOf(view)]));
  let seen = known;
  let due = performance.now();
  return {
    views: () => seen,
    look: async () => {
      if (performance.now() < due) return;
      due = performance.now() + (stage === undefined ? every.local : every.deployed);
      const { views } = await statuses(ports, services, urls);
      seen = views.map((view) => onStage(view, stage));
      for (const view of seen) {
        if ((asked.get(view.service) ?? '') !== keyOf(view)) onQuestion(view);
        asked.set(view.service, keyOf(view));
      }
      terminal.status(
        seen
          .map(standing)
          .filter((line) => line !== '')
          .join('; '),
      );
    },
  };
};

/** A question as it comes up: who waits, for what, and what to press. */
export const questionLines = ({ service, rollout, waiting }: StatusView): string[] =>
  waiting === null
    ? [`${service}: nothing is waited for any more, the rollout goes on.`]
    : [
        `${service}: ${rollout?.label ?? ''} waits${waiting.question === null ? '' : ' for a person'}.`,
        ...waitingLines(waiting),
      ];
