/** Route 53 as `cutover doctor` asks it: signed GETs, a few at a time, tried again where the service is busy. */
import { createHash, createHmac } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { IAMClient } from '@aws-sdk/client-iam';
import {
  ListHostedZonesCommand,
  type ListHostedZonesOutput,
  type ListResourceRecordSetsCommand,
  type ListResourceRecordSetsOutput,
} from '../../adapters/aws/dns/commands.ts';
import type { ClientName, ClientOptions, Environment } from '../../functions/environment.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** AWS Signature Version 4 of a GET without a body. `scope`: region and service. Answers the headers to send. */
export const signed = (
  url: URL,
  by: Credentials,
  [region, service]: [string, string],
  at: Date,
): Record<string, string> => {
  const date = `${at.toISOString().replaceAll(/[:-]|\.\d+/g, '')}`;
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers: Record<string, string> = {
    host: url.host,
    'x-amz-date': date,
    ...(by.sessionToken !== undefined && { 'x-amz-security-token': by.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const encoded = (text: string): string =>
    encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...url.searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort();
  const canonical = [
    'GET',
    url.pathname,
    query.join('&'),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    hash(''),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n');
  const key = scope
    .split('/')
    .reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${by.secretAccessKey}`);
  const signature = hmac(key, text).toString('hex');
  const { host: _, ...sent } = headers;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${by.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
};

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const blocks = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map(([, inner = '']) => inner);
const text = (xml: string, name: string): string | undefined =>
  blocks(xml, name)[0]?.replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, entity: string) => entities[entity] ?? '');

/** Only what has a value: an element that is not there is no key. */
const texts = <Key extends string>(xml: string, ...names: Key[]): { [One in Key]?: string } =>
  Object.fromEntries(
    names.flatMap((name) => (text(xml, name) === undefined ? [] : [[name, text(xml, name)]])),
  ) as never;

export const zonesIn = (xml: string): ListHostedZonesOutput => ({
  HostedZones: blocks(xml, 'HostedZone').map((zone) => ({
    Id: text(zone, 'Id') ?? '',
    Name: text(zone, 'Name') ?? '',
  })),
  ...texts(xml.replace(/<HostedZones>[\s\S]*<\/HostedZones>/, ''), 'NextMarker'),
});

export const recordsIn = (xml: string): ListResourceRecordSetsOutput => ({
  ResourceRecordSets: blocks(xml, 'ResourceRecordSet').map((record) => {
    const [alias] = blocks(record, 'AliasTarget');
    const AliasTarget = {
      DNSName: text(alias ?? '', 'DNSName') ?? '',
      EvaluateTargetHealth: text(alias ?? '', 'EvaluateTargetHealth') === 'true',
    };
    return {
      Name: text(record, 'Name') ?? '',
      Type: text(record, 'Type') ?? '',
      ...texts(record, 'SetIdentifier'),
      ...(alias !== undefined && { AliasTarget }),
    };
  }),
  ...texts(xml, 'NextRecordName', 'NextRecordType', 'NextRecordIdentifier'),
});

const pathOf = (command: ListHostedZonesCommand | ListResourceRecordSetsCommand): string => {
  const { input } = command;
  if (command instanceof ListHostedZonesCommand)
    return `/2013-04-01/hostedzone${input !== undefined && 'Marker' in input && input.Marker !== undefined ? `?marker=${encodeURIComponent(input.Marker)}` : ''}`;
  const { HostedZoneId, StartRecordName, StartRecordType, StartRecordIdentifier } = (
    command as ListResourceRecordSetsCommand
  ).input;
  const from = Object.entries({ name: StartRecordName, type: StartRecordType, identifier: StartRecordIdentifier })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]))
    .join('&');
  return `/2013-04-01/hostedzone/${HostedZoneId}/rrset${from === '' ? '' : `?${from}`}`;
};

/** Route 53 takes five calls a second of an account. */
const tries = 5;
const isBusy = (status: number, code: string): boolean => status >= 500 || /Throttl|PriorRequestNotComplete/.test(code);

/** `credentials`: asked for at each call, as they expire. */
export const route53Client = ({
  credentials,
  endpoint = 'https://route53.amazonaws.com',
  pause = 1000,
}: {
  credentials: () => Promise<Credentials>;
  endpoint?: string;
  pause?: number;
}) => ({
  send: async (command: ListHostedZonesCommand | ListResourceRecordSetsCommand): Promise<unknown> => {
    const url = new URL(`${endpoint}${pathOf(command)}`);
    for (let attempt = 1; ; attempt++) {
      const headers = signed(url, await credentials(), ['us-east-1', 'route53'], new Date());
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(8000) });
      const xml = await response.text();
      if (response.ok) return command instanceof ListHostedZonesCommand ? zonesIn(xml) : recordsIn(xml);
      const code = text(xml, 'Code') ?? `Status${response.status}`;
      if (attempt < tries && isBusy(response.status, code)) {
        await wait(pause * attempt);
        continue;
      }
      const known = {
        $fault: response.status >= 500 ? 'server' : 'client',
        $metadata: { httpStatusCode: response.status },
      };
      throw Object.assign(new Error(text(xml, 'Message') ?? xml), { name: code, ...known });
    }
  },
});

/** The same clients, and one of Route 53, which signs with the credentials that IAM's has found. */
export const withRoute53 = (client: Environment['client']): Environment['client'] => {
  const credentials = () => client('iam', (options) => new IAMClient(options)).config.credentials();
  const route53 = route53Client({ credentials });
  return <T>(service: ClientName, make: (options: ClientOptions) => T): T =>
    service === 'route53' ? (route53 as T) : client(service, make);
};
