/** The two calls of Route 53 that are sent, as SDK commands look: that service's SDK client would be installed for these alone. */
import type { Command } from '../client.ts';

export interface HostedZone {
  /** `/hostedzone/Z…` */
  Id: string;
  Name: string;
}

export interface RecordSet {
  Name: string;
  Type: string;
  /** Of a record with a routing policy: failover, weighted, latency. */
  SetIdentifier?: string;
  AliasTarget?: { DNSName: string; EvaluateTargetHealth: boolean };
}

/** Where the next page begins; undefined: there is none. */
interface RecordStart {
  StartRecordName?: string | undefined;
  StartRecordType?: string | undefined;
  StartRecordIdentifier?: string | undefined;
}

export interface ListHostedZonesOutput {
  HostedZones: HostedZone[];
  NextMarker?: string;
}

export interface ListResourceRecordSetsOutput {
  ResourceRecordSets: RecordSet[];
  NextRecordName?: string;
  NextRecordType?: string;
  NextRecordIdentifier?: string;
}

/** Public and private zones alike. */
export class ListHostedZonesCommand implements Command<ListHostedZonesOutput> {
  readonly input: { Marker?: string | undefined };
  constructor(input: ListHostedZonesCommand['input']) {
    this.input = input;
  }
  declare resolveMiddleware: Command<ListHostedZonesOutput>['resolveMiddleware'];
}

export class ListResourceRecordSetsCommand implements Command<ListResourceRecordSetsOutput> {
  readonly input: { HostedZoneId: string } & RecordStart;
  constructor(input: ListResourceRecordSetsCommand['input']) {
    this.input = input;
  }
  declare resolveMiddleware: Command<ListResourceRecordSetsOutput>['resolveMiddleware'];
}
