/** docs/reference/events.md, made from the kinds of events. */

import { detailType, source } from '../../adapters/notifications/eventbridge.ts';
import { type EventKind, eventKinds } from '../../core/release/event-kinds.ts';

const at = Date.UTC(2026, 10, 27, 9, 0, 0);
const subject = { release: '3f2a9c0d1e4b', attempt: 1 };

/** An example as it stands in the ledger. */
const eventOf = (kind: string, { example: { by, text, data } }: EventKind) => ({
  id: `${subject.release}-${subject.attempt}/${by}/${kind}`,
  at,
  ...subject,
  by,
  kind,
  text,
  ...(data && { data }),
});

const json = (value: unknown): string => `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;

const envelope = {
  version: '0',
  id: '13cde686-328b-6117-af20-0e5566167482',
  source,
  'detail-type': detailType,
  account: '111122223333',
  time: new Date(at).toISOString(),
  region: 'eu-west-1',
  resources: [],
  detail: { ...eventOf('finished', eventKinds.finished), service: 'shop' },
};

const head = `# Events

Everything that happens to a service is an event of its history. \`cutover history\` and \`cutover status --follow\` are made from them; with \`--json\` they print them. The pipeline also puts each event on EventBridge. This page is made from the code by \`npm run docs\`.

## Fields of every event

| field | meaning |
|---|---|
| \`id\` | unique within the service. A repeated step records an event again under the same id, and it is kept once |
| \`at\` | when, in milliseconds since 1970 |
| \`release\`, \`attempt\` | which release, and which attempt at it |
| \`by\` | which state, function or person |
| \`kind\` | one of those below |
| \`text\` | one sentence for people. It is not for programs: its words may change |
| \`data\` | figures for programs, by kind. Fields may be added |
| \`service\` | on EventBridge only: the service's name |

## On EventBridge

The default bus of the pipeline's account and region gets:

${json(envelope)}

A rule for all that needs a person, and for the end of every rollout:

${json({ source: [source], 'detail-type': [detailType], detail: { kind: ['waiting', 'stuck', 'finished'] } })}

A rule for a rollout that pauses until a person decides:

${json({ source: [source], 'detail-type': [detailType], detail: { kind: ['judged'], data: { action: ['pause'] } } })}

A notice may be lost or come twice; the ledger has every event. A rollout does not fail because a notice could not be sent.

## Kinds
`;

const sectionOf = ([kind, about]: [string, EventKind]): string => {
  const fields = Object.entries(about.data);
  const table = [
    '| field of `data` | meaning |',
    '|---|---|',
    ...fields.map(([name, text]) => `| \`${name}\` | ${text} |`),
    '',
  ];
  return [
    `### ${kind}`,
    '',
    about.when,
    '',
    ...(fields.length === 0 ? [] : table),
    json(eventOf(kind, about)),
    '',
  ].join('\n');
};

export const eventsReference = (): string => [head, ...Object.entries(eventKinds).map(sectionOf)].join('\n');
