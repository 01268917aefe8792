/** The inspection port: what only an examination of the account reads. */
import type { Service } from '../../core/config/service.ts';
import type { Template } from '../../core/plan/plan.ts';

/** Launch template settings that decide how its instances live and end. */
export interface TemplateFlags {
  /** The template's name for people. */
  name: string;
  ami: string | null;
  /** Whether instances can read their metadata, which has their release. */
  metadata: boolean;
  spot: boolean;
  /** ARN of the role of the instances; null: none. */
  role: string | null;
}

/** An action that a role should be allowed; `context`: condition keys and their values. */
export interface Asked {
  action: string;
  resource: string;
  context: Record<string, string>;
}

/** An action that the role is denied. Without an answer from IAM the action counts as denied. */
export interface Denied extends Asked {
  unanswered?: true;
}

/** The resources around a listener rule, for a first configuration. */
export interface Around {
  /** That rule first, then every other rule that leads to the same target groups. */
  rules: string[];
  targetGroups: { arn: string; name: string; percent: number }[];
  /** Auto Scaling groups attached to one of these target groups, and the name of the image they launch. */
  groups: { name: string; targetGroups: string[]; image: string | null }[];
  /** The path that the target groups check; null: they check none. */
  health: string | null;
}

/** An alias record of Route 53 that evaluates a load balancer's health, and that has an alternative record. */
export interface AliasRecord {
  name: string;
  type: string;
  /** The name and id of the zone. */
  zone: string;
  /** Its identifier in a routing policy; null: it has no policy. */
  policy: string | null;
}

/** The quotas that the pipeline itself uses. */
export type DeploymentQuota = 'concurrency' | 'roles' | 'rules';

export interface QuotaUse {
  used: number;
  limit: number;
}

/** The reads that only an examination needs. */
export interface Inspection {
  /** Throws Rejected for a rule that does not exist, or that leads to no target group. */
  around(rule: string): Promise<Around>;
  template(template: Template): Promise<TemplateFlags>;
  /** ARNs of the keys that an AMI is encrypted with. */
  imageKeys(ami: string): Promise<string[]>;
  hasRole(name: string): Promise<boolean>;
  /** Alias records that lead to the service's load balancers. */
  aliases(service: Service): Promise<AliasRecord[]>;
  quota(of: DeploymentQuota): Promise<QuotaUse>;
  /** Which of these actions the role under a path is denied; all of them if there is no such role. */
  denied(rolePath: string, asked: Asked[]): Promise<Denied[]>;
}
