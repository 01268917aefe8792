/** The AWS commands that a source of images or of figures sends, each with what a role has to allow it on. */

export interface LookedUp {
  /** Each `*`, or what follows `arn:<partition>:` with `{region}` and `{account}` for the pipeline's own. */
  on: readonly string[];
  /** Why it is allowed on more than a service's own. */
  wide: string;
}

/** By command: `ecr:DescribeImages`. */
export type Looked = Record<string, LookedUp>;

export const inTheRegion = 'the action takes no resource: it reads, of everything in the region';
export const notKnownBefore =
  'services are data: which of them are read is not known when the pipeline is deployed; it only reads';
