/** The AWS commands that an image source or a metrics provider sends, each with the resources that a role has to allow. */

export interface LookedUp {
  /** Each is `*`, or an ARN without `arn:<partition>:`, with `{region}` and `{account}` for the pipeline's own. */
  on: readonly string[];
  /** Why it is allowed on more than the service's own resources. */
  wide: string;
}

/** By command: `ecr:DescribeImages`. */
export type Looked = Record<string, LookedUp>;

export const inTheRegion = 'the action cannot be limited to a resource; it reads everything of its kind in the region';
export const notKnownBefore =
  'services are added after the pipeline is deployed, so their names are not known yet; it only reads';
