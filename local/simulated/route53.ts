/** Route 53: hosted zones and their records, in pages of two, so that code that reads only the first page fails. */
import { type Handlers, only } from '../client.ts';
import type { HostedZone } from './resources.ts';
import type { World } from './world.ts';

const pageSize = 2;

/** Of a list in order: what begins at `is`, and what comes after this page. */
const pageFrom = <T>(all: T[], is: (one: T) => boolean): { page: T[]; next: T | undefined } => {
  const from = Math.max(0, all.findIndex(is));
  return { page: all.slice(from, from + pageSize), next: all[from + pageSize] };
};

export const route53Handlers = (world: World) =>
  ({
    ListHostedZones: (input: { Marker?: string }) => {
      only('route53 ListHostedZones', input, ['Marker']);
      const { page, next } = pageFrom(world.zones, ({ id }) => input.Marker === undefined || id === input.Marker);
      return {
        HostedZones: page.map(({ id, name }) => ({ Id: `/hostedzone/${id}`, Name: name })),
        ...(next && { NextMarker: next.id }),
      };
    },

    ListResourceRecordSets: (input: {
      HostedZoneId: string;
      StartRecordName?: string;
      StartRecordType?: string;
      StartRecordIdentifier?: string;
    }) => {
      const given = ['HostedZoneId', 'StartRecordName', 'StartRecordType', 'StartRecordIdentifier'];
      only('route53 ListResourceRecordSets', input, given);
      const { records } = world.zones.find(({ id }) => id === input.HostedZoneId) as HostedZone;
      const { page, next } = pageFrom(
        records,
        ({ Name, Type, SetIdentifier }) =>
          input.StartRecordName === undefined ||
          (Name === input.StartRecordName &&
            Type === input.StartRecordType &&
            SetIdentifier === input.StartRecordIdentifier),
      );
      return {
        ResourceRecordSets: page,
        ...(next && { NextRecordName: next.Name, NextRecordType: next.Type }),
        ...(next?.SetIdentifier !== undefined && { NextRecordIdentifier: next.SetIdentifier }),
      };
    },
  }) satisfies Handlers;
