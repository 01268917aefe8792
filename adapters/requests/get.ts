/** Types of one HTTP request with a time limit to an instance or a Prometheus, and of its answer. */
import * as z from 'zod';

export const getRequest = z.object({
  url: z.url({ protocol: /^https?$/ }),
  /** Seconds until the last byte that is read. */
  within: z.number().min(1).max(20),
  /** Bytes of the body that are read. */
  most: z.number().int().min(1).max(4_000_000),
  /** A gRPC method is called with an empty message, as a load balancer's health check does. */
  speaks: z.enum(['http1', 'http2', 'grpc']),
  /** Whether the certificate has to be valid. A load balancer does not look at its targets'. */
  verify: z.boolean(),
});
export type GetRequest = z.infer<typeof getRequest>;

export interface GetAnswer {
  /** Of gRPC its own status. */
  status: number;
  body: string;
}

/** Throws where there is no answer; a TimeoutError where there is none in time. */
export type Get = (request: GetRequest) => Promise<GetAnswer>;
