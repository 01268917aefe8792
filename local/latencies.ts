/** How long AWS's operations take, in milliseconds, each with its source. `(mem)` means experience only. */

/** What one API call takes until its answer is there. (mem) throughout: describes are quick, launches are not. */
const calls: Record<string, number> = {
  'ec2:RunInstances': 1_500,
  'ec2:TerminateInstances': 500,
  'ec2:DescribeInstances': 200,
  'ec2:DescribeImages': 200,
  'ec2:GetConsoleOutput': 200,
  'autoscaling:DescribeAutoScalingGroups': 150,
  'autoscaling:UpdateAutoScalingGroup': 300,
  'elbv2:ModifyRule': 200,
  'elbv2:RegisterTargets': 200,
  'elbv2:DeregisterTargets': 200,
  'cloudwatch:GetMetricData': 150,
  'imagebuilder:GetImage': 150,
  'sfn:StartExecution': 60,
};

export const latencies = {
  /** An API call by name, `service:Command`. The SDK's first call in a cold function also opens a TLS connection: see `cold`. (mem) */
  call: (name: string): number => calls[name] ?? 80,
  /** RunInstances until describes and other calls see the instance: "eventually consistent", seconds. EC2 developer guide, Eventual consistency; the figure is (mem). */
  visible: 2_000,
  /** RunInstances until `running`. (mem) */
  running: 8_000,
  /** `running` until the program answers, counted from the launch: operating system, agent, image pull. (mem) */
  boot: 45_000,
  /** `shutting-down` until `terminated`. (mem) */
  shuttingDown: 30_000,
  /** EC2's warning until it takes a spot instance back. EC2 user guide, Spot Instance interruption notices. */
  spotWarning: 120_000,
  /** A terminated instance stays in describes: about an hour. EC2 user guide, Terminate instances. */
  terminatedVisible: 3_600_000,
  /** RunInstances remembers a client token. Not documented; at least a day. (mem) */
  clientToken: 86_400_000,
  /** A group looks after itself: until it begins with a change, and between two looks while one is under way. (mem) */
  scaling: 5_000,
  /** Between two health checks of a group at rest. (mem) */
  scalingCheck: 15_000,
  /** CreateLaunchTemplateVersion until Auto Scaling knows the version: "eventual consistency"; hashicorp/terraform-provider-aws#40088. The figure is (mem). */
  templateVisible: 2_000,
  /** RegisterTargets, or a group's first rule, until the first health check. (mem) */
  firstHealthCheck: 5_000,
  /** ModifyRule until every load-balancer node routes by it: no figure in the documentation, seconds in practice. (mem) */
  weightPropagation: 10_000,
  /** End of a period until GetMetricData has it: 1 to 3 minutes for load balancers. (mem) */
  metrics: 120_000,
  /** An event from its service to its target's invocation. (mem) */
  event: 500,
  /** Lambda's waits before it retries an asynchronous invocation. Lambda developer guide, Asynchronous invocation errors. */
  asyncRetry: [60_000, 120_000],
  /** Lambda's init plus first TLS call, small ESM bundle with three SDK clients. speedrun.nobackspacecrew.com, July 2025. */
  cold: 375,
  /** What a warm invocation adds to the handler's own work. (mem) */
  warm: 15,
  /** How long a function's instance stays warm without work. (mem) */
  idle: 600_000,
  /** One state transition of a Standard workflow. (mem) */
  transition: 50,
};

export type Latencies = typeof latencies;

/** For real time, where things take what they take: only what other parts rely on being there is kept. */
export const noLatencies: Latencies = {
  ...latencies,
  call: () => 0,
  visible: 0,
  running: 0,
  boot: 0,
  shuttingDown: 0,
  scaling: 100,
  scalingCheck: 500,
  templateVisible: 0,
  firstHealthCheck: 0,
  weightPropagation: 0,
  metrics: 0,
  event: 0,
  asyncRetry: [1_000, 2_000],
  cold: 0,
  warm: 0,
  transition: 0,
};
