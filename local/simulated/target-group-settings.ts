/** The settings of target groups that an Application Load Balancer has, with AWS's defaults. */
import type * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import { awsError } from '../client.ts';

/** What CreateTargetGroup takes besides names, counts and paths, as an Application Load Balancer has it. */
export interface TargetGroupSettings {
  Protocol: 'HTTP' | 'HTTPS';
  ProtocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC';
  TargetType: 'instance' | 'ip';
  VpcId: string;
  IpAddressType: 'ipv4' | 'ipv6';
  HealthCheckEnabled: boolean;
  HealthCheckProtocol: 'HTTP' | 'HTTPS';
  /** `traffic-port`, or a port. */
  HealthCheckPort: string;
  HealthCheckTimeoutSeconds: number;
  Matcher: { HttpCode?: string; GrpcCode?: string };
}

export const usualSettings: TargetGroupSettings = {
  Protocol: 'HTTP',
  ProtocolVersion: 'HTTP1',
  TargetType: 'instance',
  VpcId: 'vpc-0a1b2c3d',
  IpAddressType: 'ipv4',
  HealthCheckEnabled: true,
  HealthCheckProtocol: 'HTTP',
  HealthCheckPort: 'traffic-port',
  HealthCheckTimeoutSeconds: 5,
  Matcher: { HttpCode: '200-399' },
};

const known: { [Key in keyof TargetGroupSettings]?: readonly TargetGroupSettings[Key][] } = {
  Protocol: ['HTTP', 'HTTPS'],
  ProtocolVersion: ['HTTP1', 'HTTP2', 'GRPC'],
  TargetType: ['instance', 'ip'],
  IpAddressType: ['ipv4', 'ipv6'],
  HealthCheckEnabled: [true],
  HealthCheckProtocol: ['HTTP', 'HTTPS'],
};

const invalid = (message: string): Error => awsError('ValidationError', message);

/** The settings asked for, with AWS's defaults. Throws what AWS throws; what only other load balancers have is not simulated. */
export const settingsAsked = (input: elbv2.CreateTargetGroupCommandInput): TargetGroupSettings => {
  for (const [key, values] of Object.entries(known)) {
    const asked = (input as unknown as Record<string, unknown>)[key];
    if (asked !== undefined && !(values as readonly unknown[]).includes(asked))
      throw new Error(`local cloud: a target group with ${key} ${JSON.stringify(asked)} is not simulated`);
  }
  const { Matcher, HealthCheckPort: port = 'traffic-port', ProtocolVersion = 'HTTP1' } = input;
  if (port !== 'traffic-port' && !(Number(port) >= 1 && Number(port) <= 65_535))
    throw invalid(`Health check port '${port}' must be traffic-port or a port from 1 to 65535`);
  const isGrpc = ProtocolVersion === 'GRPC';
  if (Matcher !== undefined && (Matcher.GrpcCode !== undefined) !== isGrpc)
    throw invalid(
      `A target group with protocol version ${ProtocolVersion} matches by ${isGrpc ? 'GrpcCode' : 'HttpCode'}`,
    );
  const asked = Object.entries(input).filter(([key, value]) => key in usualSettings && value !== undefined);
  return {
    ...usualSettings,
    Matcher: isGrpc ? { GrpcCode: '12' } : { HttpCode: '200' },
    ...(Object.fromEntries(asked) as Partial<TargetGroupSettings>),
  };
};
