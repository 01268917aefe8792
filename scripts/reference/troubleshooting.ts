/** Makes docs/troubleshooting.md: the reasons, grouped by where users meet them. */
import { adviceFor } from './advice.ts';
import { reasonsByArea } from './areas.ts';
import type { Reason } from './reasons.ts';

const head = `# Troubleshooting

Every reason that Cutover gives, grouped by where you meet it. \`…\` stands for a value. The lists are made from the sources by \`npm run docs\`, so the words are those that you see: search this page for a few of them. \`shop\` stands for your service; add \`--stage <name>\` for a deployed pipeline.

Three commands answer most questions:

\`\`\`sh
cutover status shop      # what is live, what is on its way, what it waits for
cutover history shop     # how each attempt ended, and why
cutover doctor shop      # what in the account is in the way, with its remedy
\`\`\`

`;

const cell = (text: string): string =>
  text
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll(/`[^`]*`|</g, (one) => (one === '<' ? '\\<' : one));

/** Three rows for the same thing to do say it three times: people come here by search. */
const row =
  (fallback: string) =>
  ({ text, remedy }: Reason): string =>
    `| ${cell(text)} | ${cell(adviceFor(text, remedy) ?? fallback)} |`;

export const troubleshooting = (): string =>
  head +
  reasonsByArea()
    .map(({ area: { title, about, otherwise }, reasons }) =>
      [
        `## ${title}`,
        '',
        about,
        '',
        '| reason | what it means, and what to do |',
        '|---|---|',
        ...reasons.map(row(otherwise)),
        '',
      ].join('\n'),
    )
    .join('\n');
