/** The state of the simulated account as plain data by id, and the start and end of instances. */
import { seededRandom } from '../../core/basics/random.ts';
import type { Latencies } from '../latencies.ts';
import type { Machines } from '../machines.ts';
import type { Time } from '../time.ts';
import type { AutoScalingGroup } from './auto-scaling/resources.ts';
import { loadBalancing } from './load-balancing.ts';
import type {
  Alarm,
  AlarmChange,
  Ami,
  Build,
  HostedZone,
  Instance,
  Parameter,
  RepositoryImage,
  Role,
  Subnet,
  Template,
} from './resources.ts';

export const region = 'eu-west-1';

export const account = '111122223333';

export interface Launch {
  ami: string;
  type?: string;
  spot?: boolean;
  subnet: Subnet;
  tags: Record<string, string>;
  clientToken: string | undefined;
}

export interface WorldOptions {
  time: Time;
  machines: Machines;
  latencies: Latencies;
  /** Milliseconds of one metric period. Load balancers have 60,000. */
  metricPeriod?: number;
  /** For what is drawn only when somebody asks, apart from all other chance: a look changes nothing else. */
  random?: () => number;
}

export type World = ReturnType<typeof createWorld>;

export const createWorld = (options: WorldOptions) => {
  const { time, machines, latencies } = options;
  const instances = new Map<string, Instance>();
  const byTag = new Map<string, Set<Instance>>();
  const gone = new Set<Instance>();
  const capacity = new Map<string, number>();
  const amis = new Map<string, Ami>();
  const balancing = loadBalancing({ ...options, metricPeriod: options.metricPeriod ?? 60_000 });
  let ids = 0;
  let addresses = 0;

  const isLive = ({ state }: Instance): boolean => state === 'pending' || state === 'running';

  const answers = (instance: Instance, ok: boolean, reason: string): void => {
    instance.complaint = reason;
    if (instance.answers === ok) return;
    balancing.changing(instance);
    instance.answers = ok;
  };

  /** What a health check of it finds from now on; `reason` is shown as the target's description. */
  const reportHealth = (id: string, ok: boolean, reason = ''): void => {
    const instance = instances.get(id);
    if (instance !== undefined && isLive(instance)) answers(instance, ok, reason);
  };

  const ended = (instance: Instance): void => {
    answers(instance, false, 'The instance is gone');
    instance.state = 'terminated';
    instance.goneAt = time.now();
    instance.output = machines.output(instance.id) || instance.output;
    gone.add(instance);
  };

  const stop = (instance: Instance, after: () => void): void => {
    instance.output = machines.output(instance.id) || instance.output;
    const failed = (error: unknown) => {
      instance.reason = { code: 'Server.InternalError', message: String(error) };
      after();
    };
    machines.stop(instance.id).then(after, failed);
  };

  /** Drops what AWS no longer shows. */
  const forget = (): void => {
    for (const instance of gone) {
      if (time.now() - instance.goneAt < latencies.terminatedVisible) return;
      gone.delete(instance);
      instances.delete(instance.id);
      for (const [key, value] of Object.entries(instance.tags)) {
        const tagged = byTag.get(`${key}=${value}`);
        tagged?.delete(instance);
        if (tagged?.size === 0) byTag.delete(`${key}=${value}`);
      }
    }
  };

  /** It is gone at once, by no command of ours: spot reclaim, hardware, or its own program's end. */
  const kill = (
    id: string,
    reason = { code: 'Server.InternalError', message: 'Server.InternalError: the host failed' },
  ): void => {
    const instance = instances.get(id);
    if (instance === undefined || !isLive(instance)) return;
    instance.reason = reason;
    ended(instance);
    stop(instance, () => undefined);
  };

  /** Unique in this world, the same in every run. */
  const newId = (prefix: string): string => `${prefix}${(++ids).toString(16).padStart(17, '0')}`;

  return {
    ...balancing,
    time,
    latencies,
    instances,
    subnets: new Map<string, Subnet>(),
    templates: new Map<string, Template>(),
    amis,
    autoScalingGroups: new Map<string, AutoScalingGroup>(),
    /** The account's roles; those that AWS itself assumes are there once their services have been used. */
    roles: ['ElasticLoadBalancing', 'AutoScaling', 'EC2Spot'].map(
      (service): Role => ({ name: `AWSServiceRoleFor${service}`, path: '/aws-service-role/', statements: [] }),
    ),
    /** Tags of load balancers' parts, by ARN. */
    tags: new Map<string, Record<string, string>>(),
    /** Zones in which a load balancer has nodes, by its ARN; one that is not there has them in all. */
    balancerZones: new Map<string, string[]>(),
    zones: [] as HostedZone[],
    /** What the account may have of what the pipeline is made of. */
    deployment: { concurrency: 1000, reserved: 0, roles: 1000, rules: 300, otherRules: 0 },
    random: options.random ?? seededRandom(1),
    /** Free addresses of a subnet when it is empty; one that is not there has thousands. */
    addresses: new Map<string, number>(),
    /** vCPUs that the account may run; `raised` once somebody has asked for more. */
    vcpuQuota: { default: 10_000, raised: undefined as number | undefined },
    repositories: new Map<string, RepositoryImage[]>(),
    parameters: new Map<string, Parameter>(),
    builds: new Map<string, Build>(),
    alarms: new Map<string, Alarm>(),
    /** Oldest first, by alarm. */
    alarmChanges: new Map<string, AlarmChange[]>(),
    /** The most instances that a zone has room for; a zone that is not there has room for all. */
    capacity,
    newId,
    /** Instances with a tag, those that are gone included for an hour. */
    tagged: (key: string, value: string): Iterable<Instance> => byTag.get(`${key}=${value}`) ?? [],
    instanceAt: (address: string): Instance | undefined => {
      for (const instance of instances.values()) if (instance.address === address) return instance;
      return undefined;
    },
    /** How many more instances a zone has room for. */
    room: (zone: string): number => {
      const most = capacity.get(zone);
      if (most === undefined) return Number.POSITIVE_INFINITY;
      let live = 0;
      for (const instance of instances.values())
        if (instance.subnet.zone === zone && instance.state !== 'terminated') live++;
      return Math.max(0, most - live);
    },
    launch: (launch: Launch): Instance => {
      const id = newId('i-');
      addresses++;
      const image = launch.tags['cutover:image'] ?? amis.get(launch.ami)?.runs ?? launch.ami;
      const instance: Instance = {
        ...launch,
        type: launch.type ?? 'm7g.large',
        spot: launch.spot ?? false,
        interrupted: false,
        id,
        image,
        address: `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`,
        state: 'pending',
        reason: undefined,
        launchedAt: time.now(),
        goneAt: Number.POSITIVE_INFINITY,
        answers: false,
        complaint: 'Health checks failed: connection refused',
        groups: new Set(),
        output: undefined,
      };
      instances.set(id, instance);
      for (const [key, value] of Object.entries(launch.tags)) {
        const tagged = byTag.get(`${key}=${value}`);
        if (tagged === undefined) byTag.set(`${key}=${value}`, new Set([instance]));
        else tagged.add(instance);
      }
      const on = {
        running: () => {
          if (instance.state === 'pending') instance.state = 'running';
        },
        exited: (reason: string) => kill(id, { code: 'Client.InstanceInitiatedShutdown', message: reason }),
        // For described machines; of real ones, the load balancer reports what its checks find.
        answers: (ok: boolean, reason?: string) => reportHealth(id, ok, reason),
      };
      machines.start({ id, image, tags: launch.tags }, on);
      return instance;
    },
    /** Asks it to end: it is `shutting-down`, then gone when its machine has stopped. */
    terminate: (instance: Instance): void => {
      if (!isLive(instance)) return;
      answers(instance, false, 'The instance is shutting down');
      instance.state = 'shutting-down';
      instance.reason = {
        code: 'Client.UserInitiatedShutdown',
        message: 'Client.UserInitiatedShutdown: User initiated shutdown',
      };
      stop(instance, () => ended(instance));
    },
    kill,
    reportHealth,
    /** The tail of what its program printed. */
    outputOf: ({ id, output }: Instance): string => output ?? machines.output(id),
    forget,
  };
};
