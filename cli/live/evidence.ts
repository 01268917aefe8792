/** What failed instances said, in lines for people. */
import type { RolloutHistory } from '../../core/release/history.ts';

/** Lines of a program's output that are shown. */
const mostLines = 16;

export const evidenceLines = ({ instance, said }: RolloutHistory['evidence'][number]): string[] => [
  `the last output of ${instance}:`,
  ...said
    .trimEnd()
    .split('\n')
    .slice(-mostLines)
    .map((line) => `  | ${line}`),
];
