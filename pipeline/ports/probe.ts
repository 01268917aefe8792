/** The probe port: one request to one instance, at the address of its target group's health check. */

export interface Probed {
  status: number;
  body: string;
  /** If the target group defines success itself, as for gRPC: whether this answer passes, and which would. */
  judged?: { passed: boolean; expected: string };
}

export type Probe = (target: {
  instance: string;
  /** If the health check uses another port, the request goes to that port. */
  port: number;
  targetGroup: string;
  path: string;
  within: number;
}) => Promise<Probed>;
