/** Alias records of Route 53 that follow the health of a service's load balancers, and lead users away from one that looks unhealthy. */
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Service } from '../../../core/config/service.ts';
import type { AliasRecord } from '../../../pipeline/ports/inspection.ts';
import { send } from '../aws-errors.ts';
import { type Client, everyPage } from '../client.ts';
import { loadBalancersOf } from '../load-balancer/load-balancer-arn.ts';
import { type HostedZone, ListHostedZonesCommand, ListResourceRecordSetsCommand, type RecordSet } from './commands.ts';

/** Names in DNS have no case and may end with a dot; the console puts `dualstack.` before a load balancer's. */
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^dualstack\./, '');

const zonesOf = (route53: Client): Promise<HostedZone[]> =>
  everyPage(async (Marker) => {
    const page = await send(route53, new ListHostedZonesCommand({ Marker }));
    return { items: page.HostedZones, next: page.NextMarker };
  });

/** A page begins at a name, a type and an identifier, which are one token here. */
const recordsOf = (route53: Client, HostedZoneId: string): Promise<RecordSet[]> =>
  everyPage(async (token) => {
    const [StartRecordName, StartRecordType, StartRecordIdentifier] = JSON.parse(token ?? '[]') as string[];
    const start = { StartRecordName, StartRecordType, StartRecordIdentifier };
    const page = await send(route53, new ListResourceRecordSetsCommand({ HostedZoneId, ...start }));
    const { NextRecordName, NextRecordType, NextRecordIdentifier } = page;
    const next =
      NextRecordName === undefined
        ? undefined
        : JSON.stringify([
            NextRecordName,
            NextRecordType,
            ...(NextRecordIdentifier === undefined ? [] : [NextRecordIdentifier]),
          ]);
    return { items: page.ResourceRecordSets, next };
  });

const follows = ({ AliasTarget }: RecordSet): boolean => AliasTarget?.EvaluateTargetHealth === true;

/**
 * Those that lead to `names`, and have another record to answer with instead: one with a routing policy, or one that such a record
 * follows in its turn. A record alone is always the answer.
 */
const leaving = (records: RecordSet[], names: ReadonlySet<string>): RecordSet[] => {
  const chosenAmong = (record: RecordSet, seen: readonly RecordSet[]): boolean =>
    record.SetIdentifier !== undefined ||
    records.some(
      (other) =>
        follows(other) &&
        !seen.includes(other) &&
        plain(other.AliasTarget?.DNSName ?? '') === plain(record.Name) &&
        chosenAmong(other, [...seen, other]),
    );
  return records.filter(
    (record) => follows(record) && names.has(plain(record.AliasTarget?.DNSName ?? '')) && chosenAmong(record, [record]),
  );
};

export const aliasesOf = async (
  { route53, elb }: { route53: Client; elb: Client },
  service: Service,
): Promise<AliasRecord[]> => {
  const named = new DescribeLoadBalancersCommand({ LoadBalancerArns: loadBalancersOf(service) });
  const { LoadBalancers = [] } = await send(elb, named);
  const names = new Set(LoadBalancers.flatMap(({ DNSName }) => (DNSName === undefined ? [] : [plain(DNSName)])));
  const found: AliasRecord[] = [];
  for (const { Id, Name } of await zonesOf(route53)) {
    const records = await recordsOf(route53, Id.replace(/^\/hostedzone\//, ''));
    for (const record of leaving(records, names))
      found.push({
        name: record.Name,
        type: record.Type,
        zone: `${Name} (${Id.replace(/^\/hostedzone\//, '')})`,
        policy: record.SetIdentifier ?? null,
      });
  }
  return found;
};
