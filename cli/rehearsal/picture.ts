/** Rehearsals drawn: in how many rollouts the image had been caught, by when. */
import type { Chart, Line } from '../../report/chart.ts';
import type { Rehearsed } from './rehearse.ts';

/** One that never had traffic was caught at once. */
export const caughtLine = (name: string, runs: readonly Rehearsed[]): Line => {
  const after = runs.flatMap(({ live, caughtAfter }) => (live ? [] : [(caughtAfter ?? 0) / 60])).sort((a, b) => a - b);
  const points = after.map((minutes, index) => [minutes, (index + 1) / runs.length] as const);
  return { name, points: [[0, 0], ...points], steps: true };
};

/** To the longest of them, at least ten minutes; each line goes on at its height to the end. */
export const caughtChart = (title: string, lines: readonly Line[]): Chart => {
  const longest = Math.max(10, ...lines.flatMap(({ points }) => points.map(([minutes]) => minutes)));
  return {
    title,
    x: { title: 'minutes since its first traffic', from: 0, to: longest },
    y: { title: 'rollouts in which it was caught', from: 0, to: 1, text: (share) => `${Math.round(share * 100)} %` },
    lines: lines.map((line) => ({ ...line, points: [...line.points, [longest, line.points.at(-1)?.[1] ?? 0]] })),
  };
};
