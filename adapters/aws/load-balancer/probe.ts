/** The probe port: sends one request directly to an instance, with the protocol of the target group's health check. */
import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import { DescribeTargetGroupsCommand, type TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { Transient } from '../../../core/basics/errors.ts';
import type { Probe } from '../../../pipeline/ports/probe.ts';
import type { Get } from '../../requests/get.ts';
import { send } from '../aws-errors.ts';
import type { Client } from '../client.ts';

/** Bytes of a body that are read. */
const mostBody = 2048;

/** Statuses as a matcher writes them: `0`, `0,12`, `0-99`. */
const matches = (matcher: string, status: number): boolean =>
  matcher.split(',').some((part) => {
    const [from = Number.NaN, to = from] = part.split('-').map(Number);
    return status >= from && status <= to;
  });

const addressOf = (instance: Instance | undefined, { IpAddressType }: TargetGroup): string | undefined => {
  if (IpAddressType !== 'ipv6') return instance?.PrivateIpAddress;
  const { Ipv6Address = instance?.NetworkInterfaces?.[0]?.Ipv6Addresses?.[0]?.Ipv6Address } = instance ?? {};
  return Ipv6Address === undefined ? undefined : `[${Ipv6Address}]`;
};

export const probeOf =
  ({ ec2, elb }: { ec2: Client; elb: Client }, get: Get): Probe =>
  async ({ instance, port, targetGroup, path, within }) => {
    const [{ Reservations = [] }, { TargetGroups: [group = {}] = [] }] = await Promise.all([
      send(ec2, new DescribeInstancesCommand({ InstanceIds: [instance] })),
      send(elb, new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroup] })),
    ]);
    const { HealthCheckPort = 'traffic-port', HealthCheckProtocol = group.Protocol, ProtocolVersion, Matcher } = group;
    const address = addressOf(Reservations[0]?.Instances?.[0], group);
    if (address === undefined) throw new Transient(`${instance} has no private address (yet, or any more)`);
    const asked = HealthCheckPort === 'traffic-port' ? port : Number(HealthCheckPort);
    const isGrpc = ProtocolVersion === 'GRPC';
    const answer = await get({
      url: `${HealthCheckProtocol === 'HTTPS' ? 'https' : 'http'}://${address}:${asked}${path}`,
      within,
      most: mostBody,
      speaks: isGrpc ? 'grpc' : ProtocolVersion === 'HTTP2' ? 'http2' : 'http1',
      verify: false,
    });
    if (!isGrpc) return answer;
    // Elastic Load Balancing, health checks of gRPC target groups: 12 where nobody says.
    const { GrpcCode: expected = '12' } = Matcher ?? {};
    return { ...answer, judged: { passed: matches(expected, answer.status), expected: `gRPC status ${expected}` } };
  };
