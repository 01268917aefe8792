/** Launches one numbered instance. Each number has a client token, so that a repeated launch makes no second instance. */
import { createHash } from 'node:crypto';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { messageOf, Rejected, Transient } from '../../../core/basics/errors.ts';
import type { Slot } from '../../../core/basics/slot.ts';
import type { Template } from '../../../core/plan/plan.ts';
import type { FleetRelease } from '../../../pipeline/ports/fleet.ts';
import { codeOf, send } from '../aws-errors.ts';
import { batchesOf, type Client } from '../client.ts';
import { isEnding, rolloutOf, tagsOf } from './instances.ts';

/** Another subnet may still have what this one lacks. */
const zoneIsFull = [
  'InsufficientInstanceCapacity',
  'InsufficientFreeAddressesInSubnet',
  'InsufficientHostCapacity',
  'UnfulfillableCapacity',
  'Unsupported',
];
/** No subnet has more: the account has reached its quota. */
const quotaReached = ['VcpuLimitExceeded', 'InstanceLimitExceeded', 'MaxSpotInstanceCountExceeded'];

export interface Launch {
  release: FleetRelease;
  template: Template;
  subnets: readonly string[];
  slot: Slot;
  number: number;
  /** The id of the last instance of this number that has ended, empty if none is known: the token that launched it launches nothing any more. */
  after: string;
}

/** `full` names a subnet without capacity, `quota` what the account may not have more of. */
type Launched = { outcome: 'launched' } | { outcome: 'full' | 'quota'; why: string };

/**
 * 64 ASCII characters, as many as EC2 takes. The subnet is part of it, because EC2 knows a token only within its zone; so a subnet that
 * has room again between two tries is given a second instance of the number. That is one too many, until its slot is removed.
 */
const tokenOf = ({ release, slot, number, after }: Launch, subnet: string, incarnation: number): string =>
  createHash('sha256')
    .update([rolloutOf(release), slot, number, after, incarnation, subnet].join('\n'))
    .digest('hex');

/** EC2 grants five launches at once and two a second after that. */
const atATime = 10;
/** Ended instances drop out of sight after an hour, their tokens do not: so many of those are stepped over. */
const incarnations = 20;

/**
 * One RunInstances call per incarnation, until one runs. Throws Transient when throttled, Rejected when the template or the image
 * cannot be launched.
 */
const launch = async (ec2: Client, wanted: Launch, subnet: string): Promise<Launched> => {
  for (let incarnation = 0; incarnation < incarnations; incarnation++) {
    try {
      const { Instances = [] } = await send(ec2, runInstances(wanted, subnet, tokenOf(wanted, subnet, incarnation)));
      // The answer to a repeated token may also be the ended instance itself.
      if (!Instances.some(isEnding)) return { outcome: 'launched' };
    } catch (error) {
      const code = codeOf(error);
      if (zoneIsFull.includes(code)) return { outcome: 'full', why: `${subnet} (${said(error)})` };
      if (quotaReached.includes(code))
        return { outcome: 'quota', why: `the account's quota is reached (${said(error)})` };
      if (code !== 'IdempotentInstanceTerminated') throw error;
    }
  }
  const name = `${rolloutOf(wanted.release)}, ${wanted.slot} number ${wanted.number}`;
  throw new Rejected(`${incarnations} instances of ${name} have ended; see their state reasons and console output`);
};

/** A launch names its image where the template does not say it for good. */
export const imageIn = (ami: string | undefined): { ImageId?: string } => (ami === undefined ? {} : { ImageId: ami });

const runInstances = ({ release, template, slot, number }: Launch, SubnetId: string, ClientToken: string) =>
  new RunInstancesCommand({
    MinCount: 1,
    MaxCount: 1,
    ClientToken,
    LaunchTemplate: { LaunchTemplateId: template.id, Version: template.version },
    ...imageIn(release.image.ami ?? template.image),
    SubnetId,
    MetadataOptions: { HttpTokens: 'required', InstanceMetadataTags: 'enabled' },
    TagSpecifications: [{ ResourceType: 'instance', Tags: tagsOf(release, slot, number) }],
  });

/** Each number has its home among the subnets, so that zones stay balanced, and moves on to the next where one is full. */
export const launchAll = async (
  ec2: Client,
  launches: Launch[],
): Promise<{ launched: number; short: string | null }> => {
  const full = new Map<string, string>();
  let quota = '';
  let throttled: unknown;
  let launched = 0;
  const launchOne = async (wanted: Launch): Promise<void> => {
    const { subnets } = wanted;
    for (let index = 0; index < subnets.length; index++) {
      const subnet = subnets[(wanted.number - 1 + index) % subnets.length] as string;
      if (full.has(subnet) || quota !== '') continue;
      const result = await launch(ec2, wanted, subnet);
      if (result.outcome === 'launched') {
        launched++;
        return;
      }
      if (result.outcome === 'full') full.set(subnet, result.why);
      else quota = result.why;
    }
  };
  for (const some of batchesOf(launches, atATime)) {
    const results = await Promise.allSettled(some.map(launchOne));
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    const final = failures.find((failure) => !(failure instanceof Transient));
    if (final !== undefined) throw final;
    [throttled] = failures;
    if (throttled !== undefined || quota !== '') break;
  }
  // Throttled after some launches is progress: the next look finds fewer missing and goes on.
  if (throttled !== undefined && launched === 0) throw throttled;
  const lacking = full.size === 0 ? [] : [`no capacity in ${[...full.values()].join(', ')}`];
  const reasons = quota === '' ? lacking : [quota, ...lacking];
  // Told even if other subnets had them all: the zones are not balanced as they were meant to be.
  if (reasons.length === 0) return { launched, short: null };
  const short = `${launched} of ${launches.length} missing instances could be launched: ${reasons.join('; ')}`;
  return { launched, short };
};

/** EC2's code and the first of its sentences, which names the zone; the others advise on consoles. */
const said = (error: unknown): string =>
  `${codeOf(error)}: ${messageOf((error as Error).cause)
    .split('. ')[0]
    ?.replace(/\.$/, '')}`;
