/** Which command makes each figure that the documents claim, and the words that it stands in there. */
export interface Figure {
  document: string;
  /** Where it stands, word for word: a test looks for it. */
  words: string;
  command: string;
}

const bench = (name: string): string => `npm run bench -- ${name}`;
const model = 'npx vitest run --project parts test/model/protocol.test.ts';
const chaos = 'npm run chaos --';

export const figures: readonly Figure[] = [
  { document: 'README.md', words: 'a demo of about 80 seconds', command: 'npm start' },
  { document: 'README.md', words: 'live; 0 of 6,223 requests failed', command: 'npm start' },
  { document: 'docs/safety.md', words: '| together | 1,298,003 | 3,705,865 |', command: model },
  {
    document: 'docs/safety.md',
    words: '| together with the others | 8,154,583 | 23,813,648 |',
    command: `MODEL=full ${model}`,
  },
  { document: 'docs/reliability.md', words: '| 100,000, half on numbered', command: `${chaos} --seeds 100000` },
  { document: 'docs/reliability.md', words: '| 11,514: each event', command: `${chaos} --exhaustive stops` },
  { document: 'docs/reliability.md', words: '| 43,570: each call', command: `${chaos} --exhaustive calls` },
  {
    document: 'docs/reliability.md',
    words: '| 97,680: each two calls',
    command: `${chaos} --exhaustive pairs --fleet instances`,
  },
  {
    document: 'docs/reliability.md',
    words: '| 33,152 |',
    command: `${chaos} --exhaustive pairs --fleet instances --every 3`,
  },
  { document: 'docs/reliability.md', words: '| 32 patches', command: 'npm run rules' },
  { document: 'docs/reliability.md', words: '| about 4,000 changes', command: 'npm run mutate' },
  { document: 'docs/reliability.md', words: 'takes about 33 ms of a core', command: bench('rollouts') },
  { document: 'docs/reliability.md', words: '215 of 148,989 weights', command: `${chaos} --seeds 100000` },
  {
    document: 'docs/reliability.md',
    words: 'How long it took at most, after a single fault in a rollout of a good image',
    command: `${chaos} --exhaustive calls`,
  },
  { document: 'docs/analysis.md', words: 'Of 72 cells, 40 rollouts each', command: 'npm run docs' },
  {
    document: 'docs/analysis.md',
    words: 'it never exceeds 1 and comes within 1 % of it',
    command: 'npx vitest run --project parts test/core/analysis/e-process.test.ts',
  },
  { document: 'docs/beside-others.md', words: 'Of 72 cells, 40 rollouts each', command: bench('canary') },
  { document: 'docs/deploying.md', words: '0.93 cents', command: bench('price') },
  { document: 'docs/deploying.md', words: '157 state transitions, 88 invocations', command: bench('price') },
];

export const figuresBench = (): void => {
  console.log('figures of the documents, and the commands that make them');
  for (const { document, words, command } of figures)
    console.log(
      `${document.padEnd(22)}${words
        .replaceAll(/^\| | \|$/g, '')
        .slice(0, 56)
        .padEnd(58)}${command}`,
    );
};
