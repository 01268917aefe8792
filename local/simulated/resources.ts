/** The data of the simulated account: images, instances, templates, alarms, roles. */
import type { LaunchTemplateBlockDeviceMapping, ResponseLaunchTemplateData } from '@aws-sdk/client-ec2';

export interface Subnet {
  id: string;
  zone: string;
}

export interface Template {
  id: string;
  name: string;
  /** In order: the first is version 1. Immutable once there, as AWS's are. */
  versions: TemplateVersion[];
  /** Which one `$Default` is. */
  defaultVersion: number;
}

export interface TemplateVersion {
  ami: string;
  type: string;
  spot: boolean;
  /** Of the instances. */
  tags: Record<string, string>;
  description: string | undefined;
  /** Whether instances read their tags from their metadata. */
  metadataTags: 'enabled' | 'disabled';
  httpTokens: 'required' | 'optional';
  disks: LaunchTemplateBlockDeviceMapping[];
  /** What else it says, which only a look sees. */
  more?: ResponseLaunchTemplateData;
  madeAt: number;
  /** Its number is never given again. */
  deleted?: true;
}

export interface Ami {
  id: string;
  name: string;
  owner: string;
  state: 'pending' | 'available' | 'failed' | 'disabled';
  madeAt: number;
  /** What its instances run, where that is an image of the local registry. */
  runs?: string;
  /** ARN of the key that its disk is encrypted with. */
  key?: string;
}

export interface Instance {
  id: string;
  /** What runs on it: the tag `cutover:image`, or else its AMI. */
  image: string;
  ami: string;
  type: string;
  spot: boolean;
  /** EC2 has warned that it takes the spot instance back. */
  interrupted: boolean;
  subnet: Subnet;
  /** Its private IPv4 address. */
  address: string;
  tags: Record<string, string>;
  clientToken: string | undefined;
  state: 'pending' | 'running' | 'shutting-down' | 'terminated';
  /** Why it is ending or gone, as DescribeInstances says it. */
  reason: { code: string; message: string } | undefined;
  launchedAt: number;
  goneAt: number;
  /** Whether its program answers health checks and requests; and if not, what a health check says. */
  answers: boolean;
  complaint: string;
  /** ARNs of the target groups that it is a target of. */
  groups: Set<string>;
  /** What it printed, kept once it is gone. */
  output: string | undefined;
}

export interface Alarm {
  name: string;
  kind: 'MetricAlarm' | 'CompositeAlarm';
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  reason: string;
  since: number;
  /** When the oldest data that led to the state began. */
  dataFrom: number;
}

/** A change of an alarm's state. */
export interface AlarmChange {
  at: number;
  from: Alarm['state'];
  to: Alarm['state'];
}

export interface RepositoryImage {
  digest: string;
  tags: string[];
  pushedAt: number;
  /** A media type, where it is not a container image. */
  artifact: string | undefined;
}

export interface Parameter {
  name: string;
  value: string;
  version: number;
  changedAt: number;
}

export interface Build {
  arn: string;
  ami: string;
  status: 'BUILDING' | 'AVAILABLE' | 'FAILED';
  madeAt: number;
}

export interface Statement {
  effect?: string;
  actions: string[];
  resources: string[];
  conditions?: { test: string; variable: string; values: string[] }[];
}

/** One of Route 53, public or private. */
export interface HostedZone {
  id: string;
  name: string;
  records: {
    Name: string;
    Type: string;
    SetIdentifier?: string;
    AliasTarget?: { DNSName: string; EvaluateTargetHealth: boolean };
  }[];
}

export interface Role {
  name: string;
  path: string;
  statements: Statement[];
}
