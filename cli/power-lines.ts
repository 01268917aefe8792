/** What the comparison of a plan can detect, as lines for a terminal. */
import type { Power } from '../core/analysis/power.ts';
import { formatRate } from '../core/basics/format.ts';
import { tableOf } from '../report/table.ts';
import { wrapped } from '../report/width.ts';

/** `width` in columns. None where the traffic is not known. */
export const powerLines = ({ rows, note }: Power, width: number): string[] => {
  const [first] = rows;
  if (note !== null) return wrapped(`Statistical power: ${note}.`, width);
  if (first === undefined) return [];
  const heading = ['error rate', ...first.detected.map(({ weight }) => `${weight} % step`)];
  const cells = rows.map(({ errorRate, detected }) => [
    formatRate(errorRate),
    ...detected.map(({ share }) => formatRate(share)),
  ]);
  const title =
    'Statistical power at this traffic: the share of rollouts in which a bad version is detected by the end of each step:';
  return [...wrapped(title, width), ...tableOf(heading, cells, width).map((line) => `  ${line}`)];
};
