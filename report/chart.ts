/** Pictures: lines over a scale, as SVG that needs nothing else. */

export interface Line {
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
  /** A line across at some height, with what it means. */
  mark?: { y: number; text: string };
}

const [width, height] = [760, 380];
const area = { left: 72, right: 16, top: 44, bottom: 96 };
/** Told apart without colours, too: Okabe and Ito's palette, and dashes. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
const dashes = ['', '7 4', '2 3', '10 3 2 3', '', '7 4', '2 3'];

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

/** The chart as a whole file. Values beyond an axis are drawn at its end. */
export const svgOf = ({ title, x, y, lines, mark }: Chart): string => {
  const place = ({ from, to, logarithmic }: Axis, value: number): number => {
    const inside = Math.min(Math.max(value, Math.min(from, to)), Math.max(from, to));
    const scale = logarithmic ? Math.log : (one: number) => one;
    return to === from ? 0 : (scale(inside) - scale(from)) / (scale(to) - scale(from));
  };
  const [w, h] = [width - area.left - area.right, height - area.top - area.bottom];
  const px = (value: number): string => at(area.left + place(x, value) * w);
  const py = (value: number): string => at(area.top + (1 - place(y, value)) * h);
  const say = (axis: Axis, value: number): string => escaped((axis.text ?? String)(value));
  const bottom = area.top + h;
  const grid = [
    ...ticksOf(y).flatMap((value) => [
      `<line x1="${area.left}" x2="${width - area.right}" y1="${py(value)}" y2="${py(value)}" stroke="#ddd"/>`,
      `<text x="${area.left - 8}" y="${py(value)}" text-anchor="end" dominant-baseline="middle">${say(y, value)}</text>`,
    ]),
    ...ticksOf(x).flatMap((value) => [
      `<line x1="${px(value)}" x2="${px(value)}" y1="${bottom}" y2="${bottom + 5}" stroke="#555"/>`,
      `<text x="${px(value)}" y="${bottom + 18}" text-anchor="middle">${say(x, value)}</text>`,
    ]),
    `<line x1="${area.left}" x2="${width - area.right}" y1="${bottom}" y2="${bottom}" stroke="#555"/>`,
    `<text x="${area.left + w / 2}" y="${bottom + 36}" text-anchor="middle">${escaped(x.title)}</text>`,
    `<text x="16" y="${area.top + h / 2}" text-anchor="middle" transform="rotate(-90 16 ${area.top + h / 2})">${escaped(y.title)}</text>`,
  ];
  const marked =
    mark === undefined
      ? []
      : [
          `<line x1="${area.left}" x2="${width - area.right}" y1="${py(mark.y)}" y2="${py(mark.y)}" stroke="#a00" stroke-width="1.5"/>`,
          `<text x="${width - area.right - 4}" y="${at(Number(py(mark.y)) - 6)}" text-anchor="end" fill="#a00">${escaped(mark.text)}</text>`,
        ];
  const drawn = lines.map(({ points, steps = false }, index) => {
    const path = points.map(([one, other], number) =>
      number === 0 ? `M${px(one)} ${py(other)}` : steps ? `H${px(one)}V${py(other)}` : `L${px(one)} ${py(other)}`,
    );
    return `<path d="${path.join('')}" fill="none" stroke="${colours[index % colours.length]}" stroke-width="2" stroke-dasharray="${dashes[index % dashes.length]}"/>`;
  });
  const third = (width - area.left) / 3;
  const legend = lines.map(({ name }, index) => {
    const left = at(area.left + (index % 3) * third);
    const top = bottom + 56 + Math.floor(index / 3) * 16;
    return `<path d="M${left} ${top}h22" stroke="${colours[index % colours.length]}" stroke-width="2" stroke-dasharray="${dashes[index % dashes.length]}"/><text x="${at(Number(left) + 28)}" y="${top}" dominant-baseline="middle">${escaped(name)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#222" role="img" aria-label="${escaped(title)}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${area.left}" y="24" font-size="15" font-weight="600">${escaped(title)}</text>`,
    ...grid,
    ...marked,
    ...drawn,
    ...legend,
    '</svg>',
    '',
  ].join('\n');
};
