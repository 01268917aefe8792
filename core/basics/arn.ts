/** Splits ARNs into their parts, and shortens them to names for people. */

/** The name in a target group's ARN, or the name itself. */
export const targetGroupName = (arnOrName: string): string => /:targetgroup\/([^/]+)/.exec(arnOrName)?.[1] ?? arnOrName;

/** The rule as the end of its id, which the console shows in full, and the name of its load balancer. */
const ruleName = (arn: string): string | null => {
  const [, balancer, id] = /:listener-rule\/app\/([^/]+)\/[^/]+\/[^/]+\/([^/]+)$/.exec(arn) ?? [];
  return balancer === undefined || id === undefined ? null : `rule …${id.slice(-6)} of ${balancer}`;
};

/** The short name of a rule or a target group. Any other text is returned unchanged. */
export const shortName = (arn: string): string => ruleName(arn) ?? targetGroupName(arn);

/** `arn:<partition>:<service>:<region>:<account>:<resource>` */
export interface ArnParts {
  partition: string;
  service: string;
  /** Empty where the resource belongs to no region, for example a role. */
  region: string;
  account: string;
  resource: string;
}

/** Splits an ARN. A text that is no ARN gives empty parts, and the caller reports what it expected. */
export const arnParts = (arn: string): ArnParts => {
  const [prefix, partition = '', service = '', region = '', account = '', ...resource] = arn.split(':');
  return prefix === 'arn'
    ? { partition, service, region, account, resource: resource.join(':') }
    : { partition: '', service: '', region: '', account: '', resource: '' };
};
