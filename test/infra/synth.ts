/** The whole stack as SST's own components make it, under Pulumi's mocks: every resource with its inputs, and every bundle as it was built. */

import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Resource {
  type: string;
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs are whatever Pulumi was given
  inputs: Record<string, any>;
  /** When AWS was asked for it, and when it was there. */
  asked?: number;
  there?: number;
}

export interface Stack {
  resources: Resource[];
  outputs: Record<string, unknown>;
  /** Folders of the bundles. */
  bundles: Set<string>;
  of(type: string): Resource[];
}

const root = join(import.meta.dirname, '..', '..');
const platform = join(root, '.sst', 'platform');
const region = 'eu-west-1';
const account = '111122223333';

const slow = ['aws:lambda/permission:Permission', 'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig'];

/** What AWS would answer: an ARN that is made of type and name. */
const arnOf = ({ type, name, inputs }: Resource): string => {
  const physical = inputs.name ?? name;
  const of: Record<string, string> = {
    'aws:lambda/function:Function': `arn:aws:lambda:${region}:${account}:function:${physical}`,
    'aws:dynamodb/table:Table': `arn:aws:dynamodb:${region}:${account}:table/${physical}`,
    'aws:sqs/queue:Queue': `arn:aws:sqs:${region}:${account}:${physical}`,
    'aws:sfn/stateMachine:StateMachine': `arn:aws:states:${region}:${account}:stateMachine:${physical}`,
    'aws:iam/role:Role': `arn:aws:iam::${account}:role/${physical}`,
    'aws:cloudwatch/eventRule:EventRule': `arn:aws:events:${region}:${account}:rule/${physical}`,
  };
  return of[type] ?? `arn:aws:${type.split(':')[1]}:${region}:${account}:${physical}`;
};

/** SST's command answers components over HTTP: where it keeps assets, and where a bundle is. */
const sstServer = async (bundles: Set<string>) => {
  const answer = async (method: string, given: Record<string, never>): Promise<unknown> => {
    if (method === 'Provider.Aws.Bootstrap')
      return {
        asset: 'assets',
        assetEcrRegistryId: account,
        assetEcrUrl: 'ecr',
        state: 'state',
        appsyncHttp: '',
        appsyncRealtime: '',
      };
    if (method === 'Runtime.Build') {
      const { handler = '', bundle = '' } = given as { handler?: string; bundle?: string };
      const file = join(bundle, handler.replace(/\.\w+$/, '.mjs'));
      if (!existsSync(file)) return { handler, out: bundle, errors: [`there is no ${file}`], sourcemaps: [] };
      bundles.add(bundle);
      return { handler, out: bundle, errors: [], sourcemaps: [] };
    }
    return {};
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', async () => {
      const { method, params, id } = JSON.parse(body);
      try {
        response.end(JSON.stringify({ id, result: await answer(method, params[0]) }));
      } catch (error) {
        response.end(JSON.stringify({ id, error: String(error) }));
      }
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
};

/** `run`: what an app's `run` does; `app`: the app's folder. */
export const synthesised = async (
  run: () => Promise<Record<string, unknown>>,
  {
    stage = 'test',
    name = 'cutover',
    app = root,
    partition = 'aws',
  }: { stage?: string; name?: string; app?: string; partition?: string } = {},
): Promise<Stack> => {
  const resources: Resource[] = [];
  const bundles = new Set<string>();
  const server = await sstServer(bundles);
  process.env.SST_SERVER = server.url;
  const pulumi = await import(join(platform, 'node_modules', '@pulumi', 'pulumi', 'index.js'));
  await pulumi.runtime.setMocks(
    {
      newResource: async ({ type, name: logical, inputs }: Resource) => {
        const resource: Resource = { type, name: logical, inputs, asked: performance.now() };
        resources.push(resource);
        // Whoever does not wait for them is there first.
        if (slow.includes(type)) await new Promise((resolve) => setTimeout(resolve, 300));
        resource.there = performance.now();
        const arn = arnOf(resource);
        const version = type === 'aws:lambda/function:Function' ? { version: '7', qualifiedArn: `${arn}:7` } : {};
        const published = type === 'aws:sfn/stateMachine:StateMachine' ? { stateMachineVersionArn: `${arn}:3` } : {};
        return {
          id: `${logical}-id`,
          state: {
            ...inputs,
            name: inputs.name ?? logical,
            arn,
            ...version,
            ...published,
            url: `https://sqs/${logical}`,
          },
        };
      },
      call: ({ token, inputs }: { token: string; inputs: Record<string, never> }) => {
        if (token.includes('getCallerIdentity')) return { accountId: account, arn: '', userId: '', id: account };
        if (token.includes('getRegion')) return { name: region, region, id: region };
        if (token.includes('getPartition')) return { partition, id: partition, dnsSuffix: 'amazonaws.com' };
        if (token.includes('getPolicyDocument'))
          return { ...(inputs as object), json: JSON.stringify(inputs), id: 'policy' };
        return inputs;
      },
    },
    name,
    stage,
    false,
  );
  const home = { root: app, platform, work: join(root, '.sst'), home: join(root, '.sst') };
  Object.assign(globalThis, {
    $app: { name, stage, removal: 'remove', protect: false, providers: { aws: { region } } },
    $cli: { command: 'deploy', rpc: '', state: { version: {} }, paths: home },
    $dev: false,
    $util: pulumi,
    $output: pulumi.output,
    $apply: (value: unknown, then: never) => pulumi.output(value).apply(then),
    $resolve: (...all: unknown[]) => pulumi.all(...all),
    $interpolate: pulumi.interpolate,
    $concat: pulumi.concat,
    $jsonParse: pulumi.jsonParse,
    $jsonStringify: pulumi.jsonStringify,
    aws: await import(join(platform, 'node_modules', '@pulumi', 'aws', 'index.js')),
  });
  Object.assign(globalThis, { sst: await import(join(platform, 'src', 'components', 'index.ts')) });
  try {
    const made = await run();
    const outputs = await new Promise<Record<string, unknown>>((resolve) =>
      pulumi.all(made).apply((known: Record<string, unknown>) => resolve(known)),
    );
    await pulumi.runtime.disconnect?.();
    await settled(resources);
    return { resources, outputs, bundles, of: (type) => resources.filter((one) => one.type === type) };
  } finally {
    server.close();
  }
};

/** Until no resource has come for a while: components make some of theirs when others are there. */
const settled = async (resources: Resource[]): Promise<void> => {
  for (let known = -1; known !== resources.length; ) {
    known = resources.length;
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
};
