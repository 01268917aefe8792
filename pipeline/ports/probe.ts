/** A probe of one instance, as its target group's health check reaches it. */

export interface Probed {
  status: number;
  body: string;
  /** Where the target group itself says what passes, as for gRPC: whether this does, and what would. */
  judged?: { passed: boolean; expected: string };
}

export type Probe = (target: {
  instance: string;
  /** Where the target group's health check looks at another port, that one is asked. */
  port: number;
  targetGroup: string;
  path: string;
  within: number;
}) => Promise<Probed>;
