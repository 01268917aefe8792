/** What an examination of the account looks at. */
import type { Service } from '../../core/config/service.ts';
import type { Template } from '../../core/plan/plan.ts';

/** What of a launch template decides how its instances live and end. */
export interface TemplateFlags {
  /** For people. */
  name: string;
  ami: string | null;
  /** Whether instances reach their metadata, where a release says what it is. */
  metadata: boolean;
  spot: boolean;
  /** ARN of the role that they run as; null: none. */
  role: string | null;
}

/** What a role is asked to do; `context`: condition keys and their values. */
export interface Asked {
  action: string;
  resource: string;
  context: Record<string, string>;
}

/** What a role may not do; or IAM has given no answer, which allows nothing. */
export interface Denied extends Asked {
  unanswered?: true;
}

/** What stands around a listener rule: what a first configuration is made of. */
export interface Around {
  /** That rule first, then every other one that leads to the same target groups. */
  rules: string[];
  targetGroups: { arn: string; name: string; percent: number }[];
  /** Auto Scaling groups that put their instances into one of these, and the name of the image they launch. */
  groups: { name: string; targetGroups: string[]; image: string | null }[];
  /** The path that the target groups check; null where they check none. */
  health: string | null;
}

/** An alias record of Route 53 that evaluates the health of a load balancer, and has another to answer with instead. */
export interface AliasRecord {
  name: string;
  type: string;
  /** Name and id. */
  zone: string;
  /** Its identifier under its routing policy; null: another such record follows it. */
  policy: string | null;
}

/** What the pipeline itself is made of. */
export type DeploymentQuota = 'concurrency' | 'roles' | 'rules';

export interface QuotaUse {
  used: number;
  limit: number;
}

/** What an examination looks at, and no rollout does. */
export interface Inspection {
  /** Throws Rejected for a rule that does not exist or leads nowhere. */
  around(rule: string): Promise<Around>;
  template(template: Template): Promise<TemplateFlags>;
  /** ARNs of the keys that a machine image is encrypted with. */
  imageKeys(ami: string): Promise<string[]>;
  hasRole(name: string): Promise<boolean>;
  /** Records that lead to the service's load balancers. */
  aliases(service: Service): Promise<AliasRecord[]>;
  quota(of: DeploymentQuota): Promise<QuotaUse>;
  /** What the role under a path may not do; all of it where there is no such role. */
  denied(rolePath: string, asked: Asked[]): Promise<Denied[]>;
}
