/** Draws line charts as self-contained SVG files for light and dark backgrounds. */

export interface Line {
  /** Empty: it has no place in the legend. */
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  /** Holds each value until the next one, instead of going there straight. */
  steps?: boolean;
}

export interface Axis {
  title: string;
  /** Its first and last value; of a logarithmic one both above 0. */
  from: number;
  to: number;
  logarithmic?: boolean;
  /** What stands at a tick. */
  text?: (value: number) => string;
}

export interface Chart {
  title: string;
  x: Axis;
  y: Axis;
  lines: readonly Line[];
  /** A horizontal line at some height, with what it means. */
  mark?: { y: number; text: string };
  /** Vertical lines at moments, with what happened then. */
  moments?: readonly { x: number; text: string }[];
  /** Of the whole chart, in the units of the file; 380 unless told. */
  height?: number;
}

const width = 760;
const area = { right: 16, top: 44 };
/** About, at the size of the text: nothing measures it here. */
const characterWidth = 7;

/** Room for the axis's title, the longest label of a tick, and blanks between them. */
const leftOf = (y: Axis): number =>
  Math.max(72, 44 + characterWidth * Math.max(...ticksOf(y).map((value) => (y.text ?? String)(value).length)));
/** Okabe and Ito's palette, and lighter ones of the same hues for dark pages. The dashes tell lines apart without colours, too. */
const light = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
const dark = ['#4db2ff', '#ff9b57', '#3ddbaa', '#e9a8cb', '#f0b83c', '#9ad6f7', '#ffffff'];
const dashes = ['', '7 4', '2 3', '10 3 2 3', '', '7 4', '2 3'];

const rulesOf = (colours: readonly string[], [page, ink, grid, axis, mark]: readonly string[]): string =>
  [
    `.page{fill:${page}}text{fill:${ink}}.grid{stroke:${grid}}.axis{stroke:${axis}}`,
    `.mark{stroke:${mark}}text.said{fill:${mark}}`,
    ...colours.map((colour, index) => `.line${index}{stroke:${colour}}`),
  ].join('');
const style = `<style>${rulesOf(light, ['#fff', '#222', '#ddd', '#555', '#a00'])}@media (prefers-color-scheme:dark){${rulesOf(dark, ['#0d1117', '#e6edf3', '#30363d', '#8b949e', '#ff7b72'])}}</style>`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Two decimals at most, so that the same chart is the same text. */
const at = (value: number): string => String(Number(value.toFixed(2)));

/** Round values, five or so; of a logarithmic axis powers of ten. */
export const ticksOf = ({ from, to, logarithmic = false }: Pick<Axis, 'from' | 'to' | 'logarithmic'>): number[] => {
  const ticks: number[] = [];
  if (logarithmic) {
    const [first, last] = [Math.ceil(Math.log10(from)), Math.floor(Math.log10(to))];
    const every = Math.max(1, Math.ceil((last - first) / 6));
    for (let power = first; power <= last; power += every) ticks.push(10 ** power);
    return ticks;
  }
  const rough = (to - from) / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((times) => times * power >= rough) ?? 10);
  for (let index = Math.ceil(from / step); index * step <= to * (1 + 1e-9); index++)
    ticks.push(Number((index * step).toPrecision(12)));
  return ticks;
};

/** Where each name of the legend stands: one behind the other, in as many rows as that takes. */
const placesOf = (named: readonly Line[], left: number): { x: number; row: number }[] => {
  let next = { x: left, row: 0 };
  return named.map(({ name }) => {
    const wide = 28 + characterWidth * name.length;
    if (next.x > left && next.x + wide > width - area.right) next = { x: left, row: next.row + 1 };
    const place = next;
    next = { x: place.x + wide + 24, row: place.row };
    return place;
  });
};

/** The elements of one chart. Values beyond an axis are drawn at its end. */
const elementsOf = ({ title, x, y, lines, mark, moments = [], height = 380 }: Chart): string[] => {
  const place = ({ from, to, logarithmic }: Axis, value: number): number => {
    const inside = Math.min(Math.max(value, Math.min(from, to)), Math.max(from, to));
    const scale = logarithmic ? Math.log : (one: number) => one;
    return to === from ? 0 : (scale(inside) - scale(from)) / (scale(to) - scale(from));
  };
  const named = lines.filter(({ name }) => name !== '');
  const left = leftOf(y);
  const [w, h] = [width - left - area.right, height - area.top - (named.length > 0 ? 96 : 48)];
  const px = (value: number): string => at(left + place(x, value) * w);
  const py = (value: number): string => at(area.top + (1 - place(y, value)) * h);
  const say = (axis: Axis, value: number): string => escaped((axis.text ?? String)(value));
  const bottom = area.top + h;
  const across = `x1="${left}" x2="${width - area.right}"`;
  const grid = [
    ...ticksOf(y).flatMap((value) => [
      `<line ${across} y1="${py(value)}" y2="${py(value)}" class="grid"/>`,
      `<text x="${left - 8}" y="${py(value)}" text-anchor="end" dominant-baseline="middle">${say(y, value)}</text>`,
    ]),
    ...ticksOf(x).flatMap((value) => [
      `<line x1="${px(value)}" x2="${px(value)}" y1="${bottom}" y2="${bottom + 5}" class="axis"/>`,
      `<text x="${px(value)}" y="${bottom + 18}" text-anchor="middle">${say(x, value)}</text>`,
    ]),
    `<line ${across} y1="${bottom}" y2="${bottom}" class="axis"/>`,
    `<text x="${left + w / 2}" y="${bottom + 36}" text-anchor="middle">${escaped(x.title)}</text>`,
    `<text x="16" y="${area.top + h / 2}" text-anchor="middle" transform="rotate(-90 16 ${area.top + h / 2})">${escaped(y.title)}</text>`,
  ];
  const marked =
    mark === undefined
      ? []
      : [
          `<line ${across} y1="${py(mark.y)}" y2="${py(mark.y)}" class="mark" stroke-width="1.5"/>`,
          `<text x="${width - area.right - 4}" y="${at(Number(py(mark.y)) - 6)}" text-anchor="end" class="said">${escaped(mark.text)}</text>`,
        ];
  const happened = moments.flatMap(({ x: moment, text }) => [
    `<line x1="${px(moment)}" x2="${px(moment)}" y1="${area.top}" y2="${bottom}" class="mark" stroke-width="1.5"/>`,
    place(x, moment) > 0.5
      ? `<text x="${at(Number(px(moment)) - 6)}" y="${area.top + 14}" text-anchor="end" class="said">${escaped(text)}</text>`
      : `<text x="${at(Number(px(moment)) + 6)}" y="${area.top + 14}" class="said">${escaped(text)}</text>`,
  ]);
  const lineOf = (index: number): string =>
    `class="line${index % light.length}" stroke-width="2" stroke-dasharray="${dashes[index % dashes.length]}"`;
  const drawn = lines.map(({ points, steps = false }, index) => {
    const path = points.map(([one, other], number) =>
      number === 0 ? `M${px(one)} ${py(other)}` : steps ? `H${px(one)}V${py(other)}` : `L${px(one)} ${py(other)}`,
    );
    return `<path d="${path.join('')}" fill="none" ${lineOf(index)}/>`;
  });
  const legend = placesOf(named, left).map(({ x: begin, row }, index) => {
    const top = bottom + 56 + row * 16;
    return `<path d="M${begin} ${top}h22" ${lineOf(index)}/><text x="${begin + 28}" y="${top}" dominant-baseline="middle">${escaped(named[index]?.name ?? '')}</text>`;
  });
  const heading = `<text x="${left}" y="24" font-size="15" font-weight="600">${escaped(title)}</text>`;
  return [heading, ...grid, ...marked, ...happened, ...drawn, ...legend];
};

/** Charts below each other as a whole file. */
export const svgOf = (...charts: [Chart, ...Chart[]]): string => {
  const tops = charts.map((_, index) => charts.slice(0, index).reduce((sum, { height = 380 }) => sum + height, 0));
  const height = charts.reduce((sum, chart) => sum + (chart.height ?? 380), 0);
  const title = charts.map((chart) => chart.title).join('; ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${escaped(title)}">`,
    style,
    `<rect width="${width}" height="${height}" class="page"/>`,
    ...charts.flatMap((chart, index) =>
      tops[index] === 0
        ? elementsOf(chart)
        : [`<g transform="translate(0 ${tops[index]})">`, ...elementsOf(chart), '</g>'],
    ),
    '</svg>',
    '',
  ].join('\n');
};
