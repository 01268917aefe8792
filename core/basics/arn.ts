/** ARNs: their parts, and names of AWS resources for people, as an ARN fills a line and says one name. */

/** The name in a target group's ARN, or the name itself. */
export const targetGroupName = (arnOrName: string): string => /:targetgroup\/([^/]+)/.exec(arnOrName)?.[1] ?? arnOrName;

/** The rule by the end of its id, which the console shows in full, and its load balancer by its name. */
const ruleName = (arn: string): string | null => {
  const [, balancer, id] = /:listener-rule\/app\/([^/]+)\/[^/]+\/[^/]+\/([^/]+)$/.exec(arn) ?? [];
  return balancer === undefined || id === undefined ? null : `rule …${id.slice(-6)} of ${balancer}`;
};

/** A rule or a target group as a person calls it; anything else as it is. */
export const shortName = (arn: string): string => ruleName(arn) ?? targetGroupName(arn);

/** `arn:<partition>:<service>:<region>:<account>:<resource>` */
export interface ArnParts {
  partition: string;
  service: string;
  /** Empty for what belongs to no region, as roles. */
  region: string;
  account: string;
  resource: string;
}

/** Text that is no ARN gives empty parts: the caller says what was expected. */
export const arnParts = (arn: string): ArnParts => {
  const [prefix, partition = '', service = '', region = '', account = '', ...resource] = arn.split(':');
  return prefix === 'arn'
    ? { partition, service, region, account, resource: resource.join(':') }
    : { partition: '', service: '', region: '', account: '', resource: '' };
};
