/** A probe of one instance. */

/** An HTTP probe of one instance. */
export type Probe = (target: {
  instance: string;
  port: number;
  path: string;
  within: number;
}) => Promise<{ status: number; body: string }>;
