/** Tables and charts: what is drawn is what was given, and the same again. */
import { describe, expect, test } from 'vitest';
import { type Chart, svgOf, ticksOf } from '../../report/chart.ts';
import { markdownOf } from '../../report/table.ts';

const chart: Chart = {
  title: 'Requests & <answers>',
  x: { title: 'minutes', from: 0, to: 60 },
  y: { title: 'to 1', from: 1, to: 1000, logarithmic: true },
  lines: [
    {
      name: 'bad',
      points: [
        [0, 1],
        [30, 1000],
        [60, 1e9],
      ],
    },
    {
      name: 'good',
      points: [
        [0, 1],
        [60, 1],
      ],
      steps: true,
    },
  ],
  mark: { y: 100, text: 'enough' },
};

describe('a chart', () => {
  const svg = svgOf(chart);
  test('names its lines, its axes and its mark, with what would be markup escaped', () => {
    for (const text of ['bad', 'good', 'minutes', 'to 1', 'enough', 'Requests &amp; &lt;answers&gt;'])
      expect(svg).toContain(`>${text}</text>`);
    expect(svg).not.toContain('<answers>');
  });

  test('ends what is beyond its axis at the axis, and draws steps as steps', () => {
    const [bad, good] = [...svg.matchAll(/<path d="(M[^"]+)" fill="none"/g)].map(([, path]) => path);
    expect(bad).toBe('M72 284L408 44L744 44');
    expect(good).toBe('M72 284H744V284');
  });

  test('keeps the title of an axis clear of long labels', () => {
    const long = svgOf({ ...chart, y: { ...chart.y, text: () => '1,000,000' } });
    const [, end = '0'] = /<text x="(\d+)" y="[\d.]+" text-anchor="end"/.exec(long) ?? [];
    // The title is centred on x = 16 and turned, so it ends half a line further right.
    expect(Number(end) - 9 * 7).toBeGreaterThanOrEqual(16 + 6);
  });

  test('begins a row of the legend where a name would run over the edge', () => {
    const names = ['more than 1 % in any minute', 'z-test at 1 %', 'Cutover at 1 %, without a margin', 'the last one'];
    const lines = names.map((name) => ({ name, points: [[0, 1] as const] }));
    const places = [
      ...svgOf({ ...chart, lines }).matchAll(/<text x="(\d+)" y="(\d+)" dominant-baseline="middle">(.+?)</g),
    ];
    expect(places.map(([, , , name]) => name)).toEqual(names);
    for (const [, x, , name = ''] of places) expect(Number(x) + 7 * name.length).toBeLessThanOrEqual(760);
    expect(new Set(places.map(([, , y]) => y)).size).toBe(2);
  });

  test('has colours of its own on a dark page, and says what happened at a moment', () => {
    expect(svg).toContain('@media (prefers-color-scheme:dark)');
    const late = svgOf({ ...chart, moments: [{ x: 45, text: 'rolled back' }] });
    expect(late).toContain('text-anchor="end" class="said">rolled back</text>');
  });

  test('stands below another one in the same file', () => {
    const both = svgOf({ ...chart, height: 200 }, chart);
    expect(both).toContain('viewBox="0 0 760 580"');
    expect(both).toContain('<g transform="translate(0 200)">');
  });

  test('is the same text again, and nothing but numbers where numbers belong', () => {
    expect(svgOf(chart)).toBe(svg);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svgOf({ ...chart, lines: [{ name: 'none', points: [] }] })).not.toMatch(/NaN|undefined/);
  });
});

test.each([
  [{ from: 0, to: 60 }, [0, 20, 40, 60]],
  [{ from: 0, to: 1 }, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [{ from: 1, to: 1000, logarithmic: true }, [1, 10, 100, 1000]],
  [{ from: 0, to: 0 }, [0]],
])('ticks of %j are %j', (axis, ticks) => {
  expect(ticksOf(axis)).toEqual(ticks);
});

test('a Markdown table has its heading, and a bar in a cell is no column', () => {
  expect(markdownOf(['a', 'b'], [['x|y', '1']])).toBe('| a | b |\n| --- | --: |\n| x\\|y | 1 |');
});
