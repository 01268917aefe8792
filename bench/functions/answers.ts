/** As much of AWS over HTTP as on-alarm asks, out of a story's own ledger and load balancer: what it costs is the function's, not the answer's. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Story } from '../../test/build.ts';

type Stored = Record<string, { S?: string; N?: string }>;
interface Update {
  Key: Stored;
  ExpressionAttributeValues: Stored;
}

export interface Answering {
  url: string;
  /** When ModifyRule came, as Date.now; NaN: not yet. */
  modifiedAt: () => number;
  close(): void;
}

const keyOf = ({ pk, sk }: Stored): string => `${pk?.S} ${sk?.S}`;

export const answering = async (story: Story, alarm: { name: string; from: number }): Promise<Answering> => {
  let modified = Number.NaN;
  const written = new Map<string, Stored>();
  const weights = new Map<string, string>();

  const get = async (key: Stored): Promise<Stored | undefined> => {
    const item = await story.store.get(key.pk?.S ?? '', key.sk?.S ?? '');
    const found = item && { ...key, value: { S: JSON.stringify(item.value) }, version: { N: String(item.version) } };
    return written.get(keyOf(key)) ?? found;
  };

  const calls: Record<string, (input: never) => unknown> = {
    GetItem: async ({ Key }: { Key: Stored }) => ({ Item: await get(Key) }),
    Query: async ({ ExpressionAttributeValues: values }: { ExpressionAttributeValues: Stored }) => {
      const pk = values[':pk']?.S ?? '';
      const items = await story.store.query(pk, values[':prefix']?.S ?? '');
      return {
        Items: items.map(({ sk, value, version }) => ({
          pk: { S: pk },
          sk: { S: sk },
          value: { S: JSON.stringify(value) },
          version: { N: String(version) },
        })),
      };
    },
    TransactWriteItems: async ({ TransactItems }: { TransactItems: { Update: Update }[] }) => {
      for (const { Update: update } of TransactItems) {
        const before = await get(update.Key);
        const version = String(Number(before?.version?.N ?? 0) + 1);
        const value = update.ExpressionAttributeValues[':value'] ?? {};
        written.set(keyOf(update.Key), { ...update.Key, value, version: { N: version } });
      }
      return {};
    },
    DescribeAlarms: () => ({
      MetricAlarms: [
        {
          AlarmName: alarm.name,
          StateValue: 'ALARM',
          StateReason: 'bad',
          StateUpdatedTimestamp: alarm.from / 1000,
          StateTransitionedTimestamp: alarm.from / 1000,
        },
      ],
    }),
    PutEvents: () => ({ FailedEntryCount: 0, Entries: [] }),
    SendTaskSuccess: () => ({}),
  };

  /** The query protocol's two calls. */
  const balancer = (action: string, asked: URLSearchParams): string => {
    if (action === 'ModifyRule') {
      if (Number.isNaN(modified)) modified = Date.now();
      for (const [key, arn] of asked)
        if (key.endsWith('.TargetGroupArn'))
          weights.set(arn, asked.get(key.replace(/TargetGroupArn$/, 'Weight')) ?? '0');
    }
    const groups = Object.values(story.service.slots).map(
      (arn) => `<member><TargetGroupArn>${arn}</TargetGroupArn><Weight>${weights.get(arn) ?? 50}</Weight></member>`,
    );
    const rule = `<member><RuleArn>${story.service.rules[0]}</RuleArn><IsDefault>false</IsDefault><Actions><member><Type>forward</Type><ForwardConfig><TargetGroups>${groups.join('')}</TargetGroups></ForwardConfig></member></Actions></member>`;
    return `<${action}Response><${action}Result><Rules>${rule}</Rules></${action}Result></${action}Response>`;
  };

  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', async () => {
      const call = String(request.headers['x-amz-target'] ?? '').split('.')[1];
      const asked = new URLSearchParams(body);
      const action = asked.get('Action');
      if (call === undefined && action !== null) {
        response.setHeader('content-type', 'text/xml');
        response.end(balancer(action, asked));
        return;
      }
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(JSON.stringify((await calls[call ?? '']?.(JSON.parse(body) as never)) ?? {}));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    modifiedAt: () => modified,
    close: () => void server.close(),
  };
};
